"""The one way to ask a site for a page."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Self

from aiohttp.abc import AbstractResolver

from producers.fetch import conclusions, executable
from producers.fetch.exchange import Answer, Ask
from producers.fetch.gate import Gate
from producers.fetch.http import Http, Incoming, Outgoing
from producers.fetch.memory import RedisMemory
from producers.fetch.permits import Permits
from producers.fetch.places import Place, Places
from producers.fetch.refusals import NoContact, NotFetchable
from producers.fetch.rules import Conclusion, Terms
from producers.fetch.shelf import Shelf
from producers.fetch.terms import source_of, terms
from producers.fetch.walking import Walker
from producers.sources import SOURCES, by_url
from songnodes.clock import Clock, SystemClock
from songnodes.settings import Settings

if TYPE_CHECKING:
    from producers.fetch.chromium import Chromium

PATIENCE = 30.0  # seconds to wait for a host's turn before the caller may do something else
#: A rendered page is written down by us.
RENDERED = "text/html; charset=utf-8"


class Fetching:
    """Asks sites for pages: robots.txt, then the host's turn, then the request, then what follows from it."""

    def __init__(
        self, settings: Settings, clock: Clock, gate: Gate, walker: Walker, permits: Permits
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._gate = gate
        self._walker = walker
        self._permits = permits
        self._shelf = Shelf()
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
        patience: float = PATIENCE,
        resolver: AbstractResolver | None = None,
    ) -> AsyncIterator[Self]:
        """With connections to Redis and the sites.

        `patience` seconds are waited for a host's turn; `resolver` finds addresses in place of the system's,
        and what it finds has to be public too.
        """
        clock = clock or SystemClock()
        async with AsyncExitStack() as stack:
            memory = await stack.enter_async_context(RedisMemory.opened(settings))
            http = await stack.enter_async_context(Http.opened(settings, resolver=resolver))
            gate = Gate(memory, patience=patience)
            walker = Walker(gate, http, Places(settings), clock)
            fetching = cls(settings, clock, gate, walker, Permits(settings, memory, walker, clock))
            stack.push_async_callback(fetching._browser.aclose)
            yield fetching

    async def fetch(self, ask: Ask) -> Answer:
        """The answer of any status. Raises HostHeld, Unreachable, GateDown (ask again later), Disallowed,
        NoContact, NoBrowser, NotFetchable."""
        if self._is_scripted(ask):
            ask = replace(ask, scripted=True)
            executable.find(self._settings)  # before the site is troubled for nothing
        incoming, robots = await self._walked(ask.source, _outgoing(ask))
        answer = Answer(
            url=incoming.url,
            status=incoming.status,
            headers=incoming.headers,
            content_type=incoming.content_type,
            body=b"" if incoming.status == 304 else incoming.body,
            fetched_at=self._clock.now(),
            fetcher="http",
            robots=robots,
        )
        if ask.scripted and answer.status == 200:
            body = await self._rendered(ask.source, incoming)
            return replace(answer, body=body, content_type=RENDERED, fetcher="browser")
        return answer

    async def block(self, host: str, why: str) -> None:
        """The body of a 200 was a block or limit page: hold the host (`Answer.url`'s) for hours."""
        source = source_of(host)
        if source is None:
            raise NotFetchable(url=host, reason="no host of any source")
        conclusion = Conclusion(ending="blocked", why=why)
        await self._gate.conclude(host, terms(self._settings, source, host), conclusion)

    @property
    def open_pages(self) -> int:
        """Pages open in the browser now."""
        return self._chromium.open_pages if self._chromium else 0

    def _is_scripted(self, ask: Ask) -> bool:
        found = by_url(ask.request.url) if self._settings.scripted else None
        return ask.scripted or (
            found is not None and f"{found.source}:{found.kind}" in self._settings.scripted
        )

    async def _walked(self, source: str, outgoing: Outgoing) -> tuple[Incoming, str]:
        """The last answer on the way, and the verdict of robots.txt on its address."""
        card = SOURCES[source].card
        robots = ""

        async def permit(url: str, place: Place) -> Terms:
            nonlocal robots
            if card.conduct.needs_contact and not self._settings.contact and not place.simulated:
                raise NoContact(source=source)
            verdict = await self._permits.verdict(source, url, place)
            robots = verdict.text
            return terms(self._settings, source, place.host, verdict.delay)

        return await self._walker.walk(outgoing, card.hosts, permit, _judge), robots

    async def _rendered(self, source: str, document: Incoming) -> bytes:
        from producers.fetch.chromium import Chromium  # 0.4 s of imports that few crawls need
        from producers.fetch.rendering import Rendering

        async def load(outgoing: Outgoing) -> Incoming:
            return (await self._walked(source, outgoing))[0]

        async with self._starting:
            if self._chromium is None:
                self._chromium = await self._browser.enter_async_context(Chromium.opened(self._settings))
        return await Rendering(document, SOURCES[source].card.hosts, load, self._shelf).run(self._chromium)


def _outgoing(ask: Ask) -> Outgoing:
    """The request, conditional where a version is known and the method allows it.

    A page that needs scripts is never asked for so: it stays the same while what its scripts load changes.
    """
    headers = dict(ask.request.headers)
    if ask.request.method == "GET" and not ask.scripted:
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        if ask.last_modified:
            headers["If-Modified-Since"] = ask.last_modified
    return Outgoing(url=ask.request.url, method=ask.request.method, headers=headers, body=ask.request.body)


def _judge(incoming: Incoming, now: datetime) -> Conclusion:
    return conclusions.of_answer(incoming.status, incoming.headers, incoming.body, now)
