"""Entry point for fetching pages from sites."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

from aiohttp.abc import AbstractResolver

from producers.errors import ContactRequired
from producers.fetch import executable, outcomes
from producers.fetch.errors import NotFetchable
from producers.fetch.exchange import FetchRequest, FetchResponse
from producers.fetch.gate import Gate
from producers.fetch.host_policies import host_policy, source_of_host
from producers.fetch.host_store import RedisHostStore
from producers.fetch.http import HttpClient, HttpRequest, HttpResponse
from producers.fetch.redirects import RedirectFollower
from producers.fetch.robots_policy import RobotsPolicy
from producers.fetch.rules import FetchOutcome, HostPolicy
from producers.fetch.script_cache import ScriptCache
from producers.fetch.url_guard import AllowedUrl, UrlGuard
from producers.sources import SOURCES, by_url
from songnodes.clock import Clock, SystemClock
from songnodes.settings import Settings

if TYPE_CHECKING:
    from producers.fetch.chromium import Chromium

MAX_WAIT_S = 30.0  # wait for a request slot of a host; then the caller may do other work
#: A rendered page is serialised by us.
RENDERED_CONTENT_TYPE = "text/html; charset=utf-8"


class Fetcher:
    """Fetches pages: check robots.txt, wait for a request slot, send, record the outcome."""

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        gate: Gate,
        follower: RedirectFollower,
        robots_policy: RobotsPolicy,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._gate = gate
        self._follower = follower
        self._robots_policy = robots_policy
        self._script_cache = ScriptCache()
        self._browser = AsyncExitStack()
        self._chromium: Chromium | None = None
        self._starting = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(
        cls,
        settings: Settings,
        *,
        clock: Clock | None = None,
        max_wait: float = MAX_WAIT_S,
        resolver: AbstractResolver | None = None,
    ) -> AsyncIterator[Self]:
        """Connect to Redis and open an HTTP client.

        Wait up to `max_wait` seconds for a request slot of a host. `resolver` replaces the system's name
        resolution; its addresses have to be public too.
        """
        clock = clock or SystemClock()
        async with AsyncExitStack() as stack:
            store = await stack.enter_async_context(RedisHostStore.opened(settings))
            http = await stack.enter_async_context(HttpClient.opened(settings, resolver=resolver))
            gate = Gate(store, max_wait=max_wait)
            follower = RedirectFollower(gate, http, UrlGuard(settings), clock)
            fetcher = cls(settings, clock, gate, follower, RobotsPolicy(settings, store, follower, clock))
            stack.push_async_callback(fetcher._browser.aclose)
            yield fetcher

    async def fetch(self, fetch_request: FetchRequest) -> FetchResponse:
        """Return the response, whatever its status.

        Raises HostCoolingDown, SiteUnreachable, RedisUnreachable (retry later), Disallowed, ContactRequired,
        ProgramMissing, NotFetchable.
        """
        if self._needs_browser(fetch_request):
            fetch_request = replace(fetch_request, scripted=True)
            executable.find_chromium(self._settings)  # before a request is sent in vain
        document, robots = await self._send(fetch_request.source, _build_request(fetch_request))
        fetched = FetchResponse(
            url=document.url,
            status=document.status,
            headers=document.headers,
            content_type=document.content_type,
            body=b"" if document.status == 304 else document.body,
            fetched_at=self._clock.now(),
            fetcher="http",
            robots=robots,
            redirect_status=document.redirect_status,
        )
        if fetch_request.scripted and fetched.status == 200:
            body = await self._render(fetch_request.source, document)
            return replace(fetched, body=body, content_type=RENDERED_CONTENT_TYPE, fetcher="browser")
        return fetched

    async def block(self, host: str, why: str) -> None:
        """Start a cooldown of hours for `host`: the body of a 200 was a block or limit page."""
        source = source_of_host(host)
        if source is None:
            raise NotFetchable(url=host, reason="no host of any source")
        outcome = FetchOutcome(ending="blocked", why=why)
        await self._gate.record_outcome(host, host_policy(self._settings, source, host), outcome)

    @property
    def open_pages(self) -> int:
        """Number of pages open in the browser now."""
        return self._chromium.open_pages if self._chromium else 0

    def _needs_browser(self, fetch_request: FetchRequest) -> bool:
        page = by_url(fetch_request.request.url) if self._settings.scripted else None
        return fetch_request.scripted or (
            page is not None and f"{page.source}:{page.kind}" in self._settings.scripted
        )

    async def _send(self, source: str, request: HttpRequest) -> tuple[HttpResponse, str]:
        """Return the response after redirects, and the verdict of robots.txt on its address."""
        card = SOURCES[source].card
        robots = ""

        async def authorize(url: str, allowed_url: AllowedUrl) -> HostPolicy:
            nonlocal robots
            if card.conduct.needs_contact and not self._settings.contact and not allowed_url.simulated:
                raise ContactRequired(source=source)
            verdict = await self._robots_policy.check(source, url, allowed_url)
            robots = verdict.text
            return host_policy(self._settings, source, allowed_url.host, verdict.delay)

        return await self._follower.send(request, card.hosts, authorize, _classify), robots

    async def _render(self, source: str, document: HttpResponse) -> bytes:
        from producers.fetch.chromium import Chromium  # 0.4 s of imports that few crawls need
        from producers.fetch.rendering import Rendering

        async def load(request: HttpRequest) -> HttpResponse:
            return (await self._send(source, request))[0]

        async with self._starting:
            if self._chromium is None:
                self._chromium = await self._browser.enter_async_context(Chromium.opened(self._settings))
        return await Rendering(document, SOURCES[source].card.hosts, load, self._script_cache).run(
            self._chromium
        )


def _build_request(fetch_request: FetchRequest) -> HttpRequest:
    """Build the request, conditional where a version is stored and the method allows it.

    Pages that need scripts are fetched unconditionally: the document may stay the same while the data that
    its scripts load changes.
    """
    headers = dict(fetch_request.request.headers)
    if fetch_request.request.method == "GET" and not fetch_request.scripted:
        if fetch_request.etag:
            headers["If-None-Match"] = fetch_request.etag
        if fetch_request.last_modified:
            headers["If-Modified-Since"] = fetch_request.last_modified
    return HttpRequest(
        url=fetch_request.request.url,
        method=fetch_request.request.method,
        headers=headers,
        body=fetch_request.request.body,
    )


def _classify(response: HttpResponse, now: datetime) -> FetchOutcome:
    return outcomes.from_response(response.status, response.headers, response.body, now)
