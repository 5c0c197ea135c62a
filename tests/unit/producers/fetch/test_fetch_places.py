"""Where requests may go: to a source's public hosts, or to simulated sites and nowhere else."""

from socket import AddressFamily

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import ValidationError

from producers.fetch.http import Http, agent
from producers.fetch.places import Places
from producers.fetch.refusals import NotFetchable
from producers.fetch.resolving import PublicResolver, is_public
from producers.fetch.terms import source_of, terms
from producers.sources import SOURCES
from songnodes.settings import Settings

HOSTS = frozenset({"www.site.example", "site.example"})
LIVE = Places(Settings())
SIMULATED = Places(Settings(sites={"www.site.example": "http://127.0.0.1:8081"}))


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
def test_addresses_that_are_never_asked(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses(address: str) -> None:
    assert is_public(address)


class Names(AbstractResolver):
    """Gives the addresses it was made with."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: AddressFamily = AddressFamily.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self.addresses
        ]

    async def close(self) -> None:
        return None


async def test_one_private_address_among_public_ones_is_enough() -> None:
    assert len(await PublicResolver(Names("1.1.1.1", "1.0.0.1")).resolve("a.example", 443)) == 2
    with pytest.raises(NotFetchable, match="private"):
        await PublicResolver(Names("1.1.1.1", "127.0.0.1")).resolve("a.example", 443)


def test_live_pages_are_asked_over_https_at_the_sources_hosts() -> None:
    place = LIVE.find("https://WWW.site.example/a%2Fb?q=1#f", HOSTS)
    assert (place.host, str(place.wire), place.simulated) == (
        "www.site.example",
        "https://WWW.site.example/a%2Fb?q=1",
        False,
    )
    assert (
        str(LIVE.find("https://site.example/tiësto x", HOSTS).wire) == "https://site.example/ti%C3%ABsto%20x"
    )


@pytest.mark.parametrize(
    "url",
    [
        *("http://site.example/", "ftp://site.example/", "https://site.example:8443/", "//site.example/"),
        *("https://user:word@site.example/", "https://site.example.evil.example/", "https://127.0.0.1/"),
        *("https://[::1]/", "https://site.example:x/", "file:///etc/hosts", "", "https://["),
    ],
)
def test_places_off_limits(url: str) -> None:
    for places in (LIVE, SIMULATED):
        with pytest.raises(NotFetchable):
            if places is SIMULATED and url == "http://site.example/":
                raise NotFetchable(url=url, reason="the other host has no simulated site")
            places.find(url, HOSTS)


def test_simulated_sites_stand_for_their_hosts_and_for_no_other() -> None:
    place = SIMULATED.find("https://www.site.example/a?b=%20#f", HOSTS)
    assert (place.host, str(place.wire), place.simulated) == (
        "www.site.example",
        "http://127.0.0.1:8081/a?b=%20",
        True,
    )
    assert str(SIMULATED.find("http://www.site.example", HOSTS).wire) == "http://127.0.0.1:8081/"
    with pytest.raises(NotFetchable, match="no simulated site"):
        SIMULATED.find("https://site.example/", HOSTS)


@pytest.mark.parametrize(
    "base", ["http://example.org", "http://10.0.0.1:80", "https://127.0.0.1:1", "127.0.0.1:1"]
)
def test_simulated_sites_are_on_loopback(base: str) -> None:
    with pytest.raises(ValidationError, match=r"127\.0\.0\.1:PORT"):
        Settings(sites={"site.example": base})


def test_a_real_site_that_blocked_is_left_alone_for_an_hour_at_least() -> None:
    with pytest.raises(ValidationError, match="an hour at least"):
        Settings(block_hold=60)
    assert Settings(block_hold=60, sites={"site.example": "http://127.0.0.1:1"}).block_hold == 60


@pytest.mark.parametrize("span", ["22:00-22:00", "22-6", "25:00-06:00"])
def test_quiet_hours_are_checked_at_the_start(span: str) -> None:
    with pytest.raises(ValidationError):
        Settings(quiet_hours=span)


def test_the_longest_pause_counts() -> None:
    host = "www.1001tracklists.com"
    assert terms(Settings(), "1001tracklists", host).pause == 8.0
    assert terms(Settings(), "1001tracklists", host, delay=20.0).pause == 20.0
    assert terms(Settings(pauses={host: 60.0}), "1001tracklists", host, delay=20.0).pause == 60.0
    assert terms(Settings(pauses={host: 0.1}), "1001tracklists", host).pause == 8.0
    simulated = Settings(sites={host: "http://127.0.0.1:1"}, site_pause=0.01)
    assert terms(simulated, "1001tracklists", host).pause == 0.01
    assert terms(simulated, "1001tracklists", host, delay=0.5).pause == 0.5


def test_every_source_names_its_hosts_and_no_host_has_two() -> None:
    hosts = [host for source in SOURCES.values() for host in source.card.hosts]
    assert len(hosts) == len(set(hosts))
    assert source_of("api.mixcloud.com") == "mixcloud" and source_of("example.org") is None


async def test_who_asks_is_said() -> None:
    assert agent(Settings(contact="https://op.example")).endswith(" (+https://op.example)")
    assert "(" not in agent(Settings())
    async with Http.opened(Settings()) as http:
        assert http is not None
