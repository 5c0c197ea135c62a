"""The one way to ask a site for a page."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from typing import Self

from aiohttp.abc import AbstractResolver

from producers.fetch import conclusions
from producers.fetch.exchange import Answer, Ask
from producers.fetch.gate import Gate
from producers.fetch.http import Http, Incoming, Outgoing
from producers.fetch.memory import RedisMemory
from producers.fetch.permits import Permits
from producers.fetch.places import Place, Places
from producers.fetch.refusals import NoContact, NotFetchable
from producers.fetch.rules import Conclusion, Terms
from producers.fetch.terms import source_of, terms
from producers.fetch.walking import Walker
from producers.sources import SOURCES
from songnodes.clock import Clock, SystemClock
from songnodes.settings import Settings

PATIENCE = 30.0  # seconds to wait for a host's turn before the caller may do something else


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
            permits = Permits(settings, memory, walker, clock)
            yield cls(settings, clock, gate, walker, permits)

    async def fetch(self, ask: Ask) -> Answer:
        """The answer of any status. Raises HostHeld, Unreachable, GateDown (ask again later), Disallowed,
        NoContact, NoBrowser, NotFetchable."""
        return await self._fetched(ask.source, _outgoing(ask))

    async def block(self, host: str, why: str) -> None:
        """The body of a 200 was a block or limit page: hold the host (`Answer.url`'s) for hours."""
        source = source_of(host)
        if source is None:
            raise NotFetchable(url=host, reason="no host of any source")
        await self._gate.conclude(
            host, terms(self._settings, source, host), Conclusion(ending="blocked", why=why)
        )

    async def _fetched(self, source: str, outgoing: Outgoing) -> Answer:
        card = SOURCES[source].card
        robots = ""

        async def permit(url: str, place: Place) -> Terms:
            nonlocal robots
            if card.conduct.needs_contact and not self._settings.contact and not place.simulated:
                raise NoContact(source=source)
            verdict = await self._permits.verdict(source, url, place)
            robots = verdict.text
            return terms(self._settings, source, place.host, verdict.delay)

        incoming = await self._walker.walk(outgoing, card.hosts, permit, _judge)
        return Answer(
            url=incoming.url,
            status=incoming.status,
            headers=incoming.headers,
            content_type=incoming.content_type,
            body=b"" if incoming.status == 304 else incoming.body,
            fetched_at=self._clock.now(),
            fetcher="http",
            robots=robots,
        )


def _outgoing(ask: Ask) -> Outgoing:
    """The request, conditional where a version is known and the method allows it."""
    headers = dict(ask.request.headers)
    if ask.request.method == "GET":
        if ask.etag:
            headers["If-None-Match"] = ask.etag
        if ask.last_modified:
            headers["If-Modified-Since"] = ask.last_modified
    return Outgoing(url=ask.request.url, method=ask.request.method, headers=headers, body=ask.request.body)


def _judge(incoming: Incoming, now: datetime) -> Conclusion:
    return conclusions.of_answer(incoming.status, incoming.headers, incoming.body, now)
