"""Pages over HTTP from a site on loopback: responses, refusals, and the state of the host."""

import asyncio
import gzip
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import brotli
import pytest
import zstandard
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from producers.errors import ContactRequired
from producers.fetch import (
    Disallowed,
    Fetcher,
    FetchRequest,
    FetchResponse,
    HostCoolingDown,
    NotFetchable,
    SiteUnreachable,
)
from producers.fetch.hosts import HostState, host_table
from producers.sources.page import Request
from songnodes.errors import RedisUnreachable
from songnodes.settings import Settings
from tests.support.local_site import LocalSite

ROOT = "https://www.1001tracklists.com"
HOST = "www.1001tracklists.com"
LARGE = 9 * 1024 * 1024


def page(path: str, **changes: str) -> FetchRequest:
    return FetchRequest(source="1001tracklists", request=Request(url=ROOT + path), **changes)  # type: ignore[arg-type]


async def fetched(settings: Settings, *asks: FetchRequest) -> list[FetchResponse]:
    async with Fetcher.opened(settings, max_wait=1.0) as fetcher:
        return [await fetcher.fetch(ask) for ask in asks]


async def state(settings: Settings) -> HostState:
    (host,) = [candidate for candidate in await host_table(settings) if candidate.host == HOST]
    return host


async def test_a_response_is_unchanged_except_cookies_and_our_address(
    site: LocalSite, crawl_settings: Settings
) -> None:
    headers = {"ETag": '"7"', "Set-Cookie": "a=b", "X-Client-IP": "203.0.113.9", "Content-Type": "text/html"}
    site.pages["/a"] = {"body": b"\xff\xfe raw", "headers": headers}
    (answer,) = await fetched(crawl_settings, page("/a#the-fragment"))
    assert (answer.url, answer.status, answer.body) == (f"{ROOT}/a#the-fragment", 200, b"\xff\xfe raw")
    assert (answer.fetcher, answer.robots, answer.content_type) == (
        "http",
        "allowed: robots.txt",
        "text/html",
    )
    assert answer.headers["etag"] == '"7"' and not {"set-cookie", "x-client-ip"} & answer.headers.keys()
    assert abs(datetime.now(UTC) - answer.fetched_at) < timedelta(seconds=30)
    robots, request = site.arrivals
    assert (robots.path, request.path, request.host) == ("/robots.txt", "/a", HOST)
    assert request.headers["User-Agent"].startswith("SongNodes/")
    assert "(+mailto:crawler@example.org)" in request.headers["User-Agent"]


async def test_cookies_are_never_sent_and_operators_may_set_headers(
    site: LocalSite, crawl_settings: Settings
) -> None:
    site.pages["/a"] = {"text": "", "headers": {"Set-Cookie": "a=b"}}
    settings = crawl_settings.model_copy(update={"request_headers": {"accept-language": "en", "Cookie": "x"}})
    await fetched(settings, page("/a"), page("/a"))
    assert all("Cookie" not in request.headers for request in site.arrivals)
    assert site.arrivals[-1].headers["Accept-Language"] == "en"


async def test_headers_with_any_bytes_are_accepted(site: LocalSite, crawl_settings: Settings) -> None:
    async def latin(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 200 OK\r\nX-Name: Ti\xebsto\r\nContent-Length: 2\r\n\r\nok")
        return web.Response()

    site.pages["/a"] = latin
    (answer,) = await fetched(crawl_settings, page("/a"))
    assert answer.headers["x-name"] == "Ti\ufffdsto"


async def test_validators_are_sent_and_304_has_no_body(site: LocalSite, crawl_settings: Settings) -> None:
    async def conditional(request: web.Request) -> web.Response:
        return web.Response(status=304 if request.headers.get("If-None-Match") == '"7"' else 200, text=None)

    site.pages["/a"] = conditional
    modified = "Mon, 02 Jan 2023 10:00:00 GMT"
    (answer,) = await fetched(crawl_settings, page("/a", etag='"7"', last_modified=modified))
    assert (answer.status, answer.body) == (304, b"")
    assert site.arrivals[-1].headers["If-Modified-Since"] == modified


async def test_robots_txt_is_fetched_once_and_obeyed(site: LocalSite, crawl_settings: Settings) -> None:
    site.robots = "User-agent: *\nDisallow: /no\nCrawl-delay: 0.15\n\nUser-agent: Other\nDisallow: /\n"
    site.pages["/a"] = {"text": "x"}
    (answer,) = await fetched(crawl_settings, page("/a"))
    assert answer.robots == "allowed: robots.txt, delay 0.15 s"
    with pytest.raises(Disallowed):
        await fetched(crawl_settings, page("/no/1"))
    await fetched(crawl_settings, page("/a"))
    assert [request.path for request in site.arrivals] == ["/robots.txt", "/a", "/a"]
    assert min(site.gaps()) >= 0.15


async def test_concurrent_crawlers_fetch_robots_txt_once(site: LocalSite, crawl_settings: Settings) -> None:
    site.pages["/a"] = {"text": "x"}
    await asyncio.gather(*(fetched(crawl_settings, page("/a")) for _ in range(4)))
    assert [request.path for request in site.arrivals] == ["/robots.txt", "/a", "/a", "/a", "/a"]
    assert (await state(crawl_settings)).budget_left == 2000 - 5  # turns that were given back cost nothing


@pytest.mark.parametrize("status", [404, 403, 401])
async def test_a_missing_robots_txt_allows_everything(
    site: LocalSite, crawl_settings: Settings, status: int
) -> None:
    site.robots = None
    site.pages |= {"/robots.txt": {"status": status}, "/a": {"text": "x"}}
    (answer,) = await fetched(crawl_settings, page("/a"))
    assert answer.robots == f"allowed: no robots.txt ({status})"


@pytest.mark.parametrize("status", [500, 503, 429])
async def test_an_unavailable_robots_txt_forbids_everything_temporarily(
    site: LocalSite, crawl_settings: Settings, status: int
) -> None:
    site.robots = None
    site.pages |= {"/robots.txt": {"status": status}, "/a": {"text": "x"}}
    for _ in range(2):
        with pytest.raises(HostCoolingDown, match=rf"robots\.txt: {status}"):
            await fetched(crawl_settings, page("/a"))
    assert site.paths() == []
    assert len(site.arrivals) == 1
    host = await state(crawl_settings)
    assert host.held_until is not None and host.why is not None


async def test_redirects_stay_within_the_source_and_each_hop_has_a_slot(
    site: LocalSite, crawl_settings: Settings
) -> None:
    site.pages |= {
        "/old": {"status": 301, "headers": {"Location": "https://1001tracklists.com/mid"}},
        "/mid": {"status": 302, "headers": {"Location": f"{ROOT}/new"}},
        "/new": {"text": "there"},
        "/out": {"status": 302, "headers": {"Location": "https://example.org/"}},
        "/in": {"status": 302, "headers": {"Location": site.base + "/new"}},
        "/loop": {"status": 307, "headers": {"Location": "/loop"}},
        "/no": {"status": 302, "headers": {"Location": "/secret"}},
    }
    site.robots = "User-agent: *\nDisallow: /secret\n"
    (answer,) = await fetched(crawl_settings, page("/old#id"))
    assert (answer.url, answer.body) == (f"{ROOT}/new#id", b"there")
    assert [request.path for request in site.arrivals].count("/robots.txt") == 2  # each host has its own
    for path, error in {
        "/out": NotFetchable,
        "/in": NotFetchable,
        "/loop": NotFetchable,
        "/no": Disallowed,
    }.items():
        with pytest.raises(error):
            await fetched(crawl_settings, page(path))


async def test_a_redirected_post_becomes_a_get_as_in_browsers(
    site: LocalSite, crawl_settings: Settings
) -> None:
    site.pages |= {
        "/see": {"status": 303, "headers": {"Location": "/a"}},
        "/same": {"status": 307, "headers": {"Location": "/a"}},
        "/a": {"text": "x"},
    }
    for path in ("/see", "/same"):
        request = Request(url=ROOT + path, body=b"{}", headers={"Content-Type": "application/json"})
        await fetched(crawl_settings, FetchRequest(source="1001tracklists", request=request))
    sent = [(arrival.method, arrival.body) for arrival in site.arrivals if arrival.path == "/a"]
    assert sent == [("GET", b""), ("POST", b"{}")]


PACKED: Mapping[str, bytes] = {
    "gzip": gzip.compress(b"rows"),
    "deflate": zlib.compress(b"rows"),
    "br": brotli.compress(b"rows"),
    "zstd": zstandard.compress(b"rows"),
}
BOMBS: Mapping[str, bytes] = {
    "gzip": gzip.compress(bytes(LARGE)),
    "deflate": zlib.compress(bytes(LARGE)),
    "br": brotli.compress(bytes(LARGE)),
    "zstd": zstandard.compress(bytes(LARGE)),
}


async def test_compressed_bodies_are_decompressed_and_bombs_refused(
    site: LocalSite, crawl_settings: Settings
) -> None:
    for coding in PACKED:
        site.pages[f"/{coding}"] = {"body": PACKED[coding], "headers": {"Content-Encoding": coding}}
        site.pages[f"/{coding}/bomb"] = {"body": BOMBS[coding], "headers": {"Content-Encoding": coding}}
        (answer,) = await fetched(crawl_settings, page(f"/{coding}"))
        assert answer.body == b"rows", coding
        with pytest.raises(NotFetchable, match="decompressed body is larger"):
            await fetched(crawl_settings, page(f"/{coding}/bomb"))
    assert site.arrivals[-1].headers["Accept-Encoding"] == "gzip, deflate, br, zstd"


async def test_large_bodies_are_refused_with_and_without_a_declared_length(
    site: LocalSite, crawl_settings: Settings
) -> None:
    async def streamed(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(LARGE // 65_536):
            await response.write(bytes(65_536))
        return response

    site.pages |= {"/declared": {"body": bytes(LARGE)}, "/streamed": streamed}
    for path in ("/declared", "/streamed"):
        with pytest.raises(NotFetchable, match="larger than 8388608"):
            await fetched(crawl_settings, page(path))
    assert (await state(crawl_settings)).failed == 0


async def test_broken_responses_are_retried_later(site: LocalSite, crawl_settings: Settings) -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.close()
        return response

    site.pages |= {"/cut": cut, "/gz": {"body": PACKED["gzip"][:-3], "headers": {"Content-Encoding": "gzip"}}}
    for path in ("/cut", "/gz"):
        with pytest.raises(SiteUnreachable):
            await fetched(crawl_settings, page(path))
    assert (await state(crawl_settings)).failed == 2


@pytest.mark.parametrize(
    ("response", "seconds", "why"),
    [
        ({"status": 429, "headers": {"Retry-After": "600"}}, 600, "429"),
        ({"status": 503, "headers": {"Retry-After": "900"}}, 900, "503"),
        ({"status": 429}, 1.2, "429"),
        ({"status": 403}, 7200, "403"),
        ({"status": 503, "text": "<script src=/cdn-cgi/challenge-platform/x>"}, 7200, "captcha"),
        ({"status": 200, "headers": {"CF-Mitigated": "challenge"}}, 7200, "challenge"),
    ],
)
async def test_responses_that_start_a_cooldown(
    site: LocalSite, crawl_settings: Settings, response: Mapping[str, object], seconds: float, why: str
) -> None:
    site.pages["/a"] = response
    (answer,) = await fetched(crawl_settings, page("/a"))
    assert answer.status == response["status"]
    host = await state(crawl_settings)
    assert host.held_until is not None and host.why == why
    assert abs((host.held_until - answer.fetched_at).total_seconds() - seconds) < 0.5
    if seconds > 2:
        with pytest.raises(HostCoolingDown) as caught:
            await fetched(crawl_settings, page("/b"))
        assert (caught.value.host, caught.value.until, caught.value.why) == (HOST, host.held_until, why)
        assert site.paths() == ["/a"]


async def test_retry_after_may_be_a_date(site: LocalSite, crawl_settings: Settings) -> None:
    until = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    site.pages["/a"] = {"status": 429, "headers": {"Retry-After": until}}
    await fetched(crawl_settings, page("/a"))
    held_until = (await state(crawl_settings)).held_until
    assert held_until is not None and abs(held_until - datetime.now(UTC) - timedelta(minutes=10)) < timedelta(
        seconds=5
    )


async def test_a_block_page_with_status_200_starts_a_cooldown(
    site: LocalSite, crawl_settings: Settings
) -> None:
    async with Fetcher.opened(crawl_settings) as fetcher:
        await fetcher.block(HOST, "limit page")
        with pytest.raises(HostCoolingDown, match="limit page"):
            await fetcher.fetch(page("/a"))
    blocked = await state(crawl_settings)
    assert (blocked.blocked, blocked.why, site.arrivals) == (1, "limit page", [])


async def test_the_budget_of_a_host_is_enforced(site: LocalSite, crawl_settings: Settings) -> None:
    settings = crawl_settings.model_copy(update={"daily_budget": 3})
    site.pages["/a"] = {"text": "x"}
    await fetched(settings, page("/a"), page("/a"))
    with pytest.raises(HostCoolingDown, match="budget spent"):
        await fetched(settings, page("/a"))
    host = await state(settings)
    assert (host.fetched, host.budget_left, host.why) == (3, 0, "budget spent")
    assert len(site.arrivals) == 3


async def test_only_hosts_of_a_source_are_requested(site: LocalSite, crawl_settings: Settings) -> None:
    for url in (
        "https://example.org/",
        "http://127.0.0.1/",
        f"https://{HOST}:8443/",
        f"https://user@{HOST}/",
        f"ftp://{HOST}/",
        "https://1001.tl/abc",  # of the source, but no simulated site
        "https://[",
    ):
        with pytest.raises(NotFetchable):
            await fetched(crawl_settings, FetchRequest(source="1001tracklists", request=Request(url=url)))
    assert site.arrivals == []


async def test_without_simulated_sites_no_private_address_is_requested(
    site: LocalSite, crawl_settings: Settings
) -> None:
    port = int(site.base.rsplit(":", 1)[1])

    class Rebinding(AbstractResolver):
        """Resolve the name to this machine."""

        async def resolve(self, host: str, *_: object) -> list[ResolveResult]:
            return [
                ResolveResult(hostname=host, host=address, port=port, family=2, proto=0, flags=0)
                for address in ("127.0.0.1",)
            ]

        async def close(self) -> None:
            return None

    elsewhere = crawl_settings.redis_url.rpartition("/")[0] + "/9"  # real hosts are remembered for all alike
    settings = crawl_settings.model_copy(update={"sites": {}, "redis_url": elsewhere})
    async with Fetcher.opened(settings, resolver=Rebinding()) as fetcher:
        with pytest.raises(HostCoolingDown, match=r"robots\.txt: no response"):
            await fetcher.fetch(page("/a"))
    assert site.arrivals == []
    assert (await state(settings)).failed >= 1


async def test_a_site_that_requires_a_contact_is_not_requested_without_one(crawl_settings: Settings) -> None:
    settings = crawl_settings.model_copy(update={"sites": {}, "contact": ""})
    with pytest.raises(ContactRequired, match="SONGNODES_CONTACT"):
        await fetched(settings, page("/a"))


async def test_no_request_is_sent_while_redis_is_unavailable(
    site: LocalSite, crawl_settings: Settings
) -> None:
    settings = crawl_settings.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})
    with pytest.raises(RedisUnreachable):
        await fetched(settings, page("/a"))
    assert site.arrivals == []
