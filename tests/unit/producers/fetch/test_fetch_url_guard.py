"""Allowed targets of requests: a source's public hosts, or simulated sites only."""

from socket import AddressFamily

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import ValidationError

from producers.fetch.errors import NotFetchable
from producers.fetch.host_policies import host_policy, source_of_host
from producers.fetch.http import HttpClient, user_agent
from producers.fetch.public_resolver import PublicResolver, is_public
from producers.fetch.url_guard import UrlGuard
from producers.sources import SOURCES
from songnodes.settings import Settings

HOSTS = frozenset({"www.site.example", "site.example"})
LIVE = UrlGuard(Settings())
SIMULATED = UrlGuard(Settings(sites={"www.site.example": "http://127.0.0.1:8081"}))


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *(
            "0.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "192.0.2.1",
            "::1",
            "::",
            "fe80::1%eth0",
            "fc00::1",
        ),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "ff02::1", "no address"),
    ],
)
def test_private_addresses_are_recognised(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are_recognised(address: str) -> None:
    assert is_public(address)


class FixedResolver(AbstractResolver):
    """Resolve every name to fixed addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


async def test_one_private_address_among_public_ones_is_refused() -> None:
    assert len(await PublicResolver(FixedResolver("1.1.1.1", "1.0.0.1")).resolve("a.example", 443)) == 2
    with pytest.raises(NotFetchable, match="private"):
        await PublicResolver(FixedResolver("1.1.1.1", "127.0.0.1")).resolve("a.example", 443)


def test_live_pages_are_requested_over_https_at_the_sources_hosts() -> None:
    target = LIVE.check("https://WWW.site.example/a%2Fb?q=1#f", HOSTS)
    assert (target.host, str(target.request_url), target.simulated) == (
        "www.site.example",
        "https://WWW.site.example/a%2Fb?q=1",
        False,
    )
    assert (
        str(LIVE.check("https://site.example/tiësto x", HOSTS).request_url)
        == "https://site.example/ti%C3%ABsto%20x"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("http://site.example/", "ftp://site.example/", "https://site.example:8443/", "//site.example/"),
        *("https://user:word@site.example/", "https://site.example.evil.example/", "https://127.0.0.1/"),
        *("https://[::1]/", "https://site.example:x/", "file:///etc/hosts", "", "https://["),
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    for url_guard in (LIVE, SIMULATED):
        with pytest.raises(NotFetchable):
            if url_guard is SIMULATED and url == "http://site.example/":
                raise NotFetchable(url=url, reason="the other host has no simulated site")
            url_guard.check(url, HOSTS)


def test_simulated_sites_replace_only_their_hosts() -> None:
    target = SIMULATED.check("https://www.site.example/a?b=%20#f", HOSTS)
    assert (target.host, str(target.request_url), target.simulated) == (
        "www.site.example",
        "http://127.0.0.1:8081/a?b=%20",
        True,
    )
    assert str(SIMULATED.check("http://www.site.example", HOSTS).request_url) == "http://127.0.0.1:8081/"
    with pytest.raises(NotFetchable, match="no simulated site"):
        SIMULATED.check("https://site.example/", HOSTS)


@pytest.mark.parametrize(
    "base", ["http://example.org", "http://10.0.0.1:80", "https://127.0.0.1:1", "127.0.0.1:1"]
)
def test_simulated_sites_must_be_on_loopback(base: str) -> None:
    with pytest.raises(ValidationError, match=r"127\.0\.0\.1:PORT"):
        Settings(sites={"site.example": base})


def test_a_block_of_a_real_site_lasts_at_least_an_hour() -> None:
    with pytest.raises(ValidationError, match="at least an hour"):
        Settings(block_hold=60)
    assert Settings(block_hold=60, sites={"site.example": "http://127.0.0.1:1"}).block_hold == 60


@pytest.mark.parametrize("span", ["22:00-22:00", "22-6", "25:00-06:00"])
def test_quiet_hours_are_checked_at_the_start(span: str) -> None:
    with pytest.raises(ValidationError):
        Settings(quiet_hours=span)


def test_the_longest_pause_is_used() -> None:
    host = "www.1001tracklists.com"
    assert host_policy(Settings(), "1001tracklists", host).pause == 8.0
    assert host_policy(Settings(), "1001tracklists", host, delay=20.0).pause == 20.0
    assert host_policy(Settings(pauses={host: 60.0}), "1001tracklists", host, delay=20.0).pause == 60.0
    assert host_policy(Settings(pauses={host: 0.1}), "1001tracklists", host).pause == 8.0
    simulated = Settings(sites={host: "http://127.0.0.1:1"}, site_pause=0.01)
    assert host_policy(simulated, "1001tracklists", host).pause == 0.01
    assert host_policy(simulated, "1001tracklists", host, delay=0.5).pause == 0.5


def test_every_source_names_its_hosts_and_no_host_has_two_sources() -> None:
    hosts = [host for source in SOURCES.values() for host in source.card.hosts]
    assert len(hosts) == len(set(hosts))
    assert source_of_host("api.mixcloud.com") == "mixcloud" and source_of_host("example.org") is None


async def test_the_user_agent_names_the_contact() -> None:
    assert user_agent(Settings(contact="https://op.example")).endswith(" (+https://op.example)")
    assert "(" not in user_agent(Settings())
    async with HttpClient.opened(Settings()) as http:
        assert http is not None
