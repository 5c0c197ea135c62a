"""The loop: take the most urgent page of a source, visit it, go on until there is nothing to do for now."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from producers.crawl.archive import Archive
from producers.crawl.pages import Crawl
from producers.crawl.visit import Visit, Visitor
from producers.fetch import Fetcher
from producers.frontier import Frontier
from producers.outbox import Outbox
from songnodes.clock import Clock, SystemClock
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

LOOK = 0.5  # seconds between looks at pages that other processes are at, or that are due soon
#: A source can have several hosts, each held by itself: so many pages in a row that nobody could be asked for
#: say that all of it is held.
HELD_IN_A_ROW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Why the loop ended: nothing is left, the limit is reached, or there is nothing to do before `until`
    (retries, a held host)."""

    why: Literal["done", "limit", "later"]
    until: datetime | None = None


class Crawler:
    """Works on one frontier; each source is worked on by itself, so that a slow host delays no other."""

    def __init__(
        self, frontier: Frontier, visitor: Visitor, clock: Clock, tell: Callable[[Visit], None]
    ) -> None:
        self.frontier = frontier
        self._visitor = visitor
        self._clock = clock
        self._tell = tell

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, tell: Callable[[Visit], None], *, clock: Clock | None = None
    ) -> AsyncIterator[Self]:
        """With connections to PostgreSQL, Redis, Kafka and the sites. Raises KafkaDown, TopicMissing before
        any site is asked."""
        clock = clock or SystemClock()
        with Codec.opened(settings) as codec:
            archive = Archive(Outbox(settings, codec))
            await archive.check()
            async with (
                Frontier.opened(settings) as frontier,
                Fetcher.opened(settings, clock=clock) as fetching,
            ):
                yield cls(frontier, Visitor(frontier, fetching, archive, clock), clock, tell)

    async def run(
        self, source: str, crawl: Crawl | None, *, limit: int | None = None, patience: timedelta
    ) -> Rest:
        """Visit what is due of a source, with a crawl only what that wants. `limit` counts pages that are no
        lists; `patience` is how long to wait for what is due later."""
        pages = held = 0
        while limit is None or pages < limit:
            leased = await self.frontier.claim(source, self._clock.now(), crawl)
            if leased is None:
                rest = await self._nothing_due(source, crawl, patience)
                if rest is not None:
                    return rest
                continue
            visit = await self._visitor.visit(leased)
            self._tell(visit)
            if visit.until is None:
                held, pages = 0, pages + (not visit.lists)
                continue
            held += 1
            if held >= HELD_IN_A_ROW:
                if visit.until - self._clock.now() > patience:
                    return Rest(why="later", until=visit.until)
                await asyncio.sleep(max(0.0, (visit.until - self._clock.now()).total_seconds()))
        return Rest(why="limit")

    async def _nothing_due(self, source: str, crawl: Crawl | None, patience: timedelta) -> Rest | None:
        """Wait for what is due soon or at work elsewhere; what to do where there is no such thing."""
        if await self.frontier.revive([source], self._clock.now()):
            return None
        if crawl is None:
            return Rest(why="done")
        left = await self.frontier.left(crawl)
        if not left.pages:
            await self.frontier.end(crawl, self._clock.now())
            return Rest(why="done")
        if not left.leased and left.soonest and left.soonest - self._clock.now() > patience:
            return Rest(why="later", until=left.soonest)
        await asyncio.sleep(LOOK)
        return None
