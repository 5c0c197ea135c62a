"""Crawl loop: lease the most urgent page of a source and visit it, until no page is due."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Self

from producers.crawl.archive import Archive
from producers.crawl.frontier import Frontier
from producers.crawl.pages import Crawl
from producers.crawl.visit import Visit, Visitor
from producers.fetch import Fetcher
from producers.outbox import Outbox
from songnodes.clock import Clock, SystemClock
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

POLL_INTERVAL_S = 0.5  # while pages are leased by other processes, or due soon
#: A source can have several hosts with separate cooldowns; after this many consecutive pages without a
#: request the whole source counts as cooling down.
MAX_COOLDOWNS_IN_A_ROW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReason:
    """Reason why the loop ended: no page remains, the limit is reached, or none is due before `until`
    (retries, a cooldown).
    """

    why: Literal["done", "limit", "later"]
    until: datetime | None = None


class Crawler:
    """Crawls one frontier, each source separately, so that a slow host delays no other."""

    def __init__(self, frontier: Frontier, visitor: Visitor, clock: Clock) -> None:
        self.frontier = frontier
        self._visitor = visitor
        self._clock = clock

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings, *, clock: Clock | None = None) -> AsyncIterator[Self]:
        """Connect to PostgreSQL, Redis and Kafka.

        Raises KafkaUnreachable, TopicMissing before any site is requested.
        """
        clock = clock or SystemClock()
        with Codec.opened(settings) as codec:
            archive = Archive(Outbox(settings, codec))
            await archive.check()
            async with (
                Frontier.opened(settings) as frontier,
                Fetcher.opened(settings, clock=clock) as fetcher,
            ):
                yield cls(frontier, Visitor(frontier, fetcher, archive, clock), clock)

    async def run(
        self,
        source: str,
        crawl: Crawl | None,
        *,
        limit: int | None = None,
        max_wait: timedelta,
        on_visit: Callable[[Visit], None] = lambda visit: None,
    ) -> StopReason:
        """Visit the pages of a source that are due; with a crawl, only those it requested.

        `limit` counts pages that are no lists; `max_wait` is how long to wait for what is due later.
        `on_visit` is called after each visit.
        """
        pages = cooldowns = 0
        while limit is None or pages < limit:
            leased = await self.frontier.lease_next(source, self._clock.now(), crawl)
            if leased is None:
                stop = await self._wait_for_pages(source, crawl, max_wait)
                if stop is not None:
                    return stop
                continue
            visit = await self._visitor.visit(leased)
            on_visit(visit)
            if visit.until is None:
                cooldowns, pages = 0, pages + (not visit.lists)
                continue
            cooldowns += 1
            if cooldowns >= MAX_COOLDOWNS_IN_A_ROW:
                if visit.until - self._clock.now() > max_wait:
                    return StopReason(why="later", until=visit.until)
                await asyncio.sleep(max(0.0, (visit.until - self._clock.now()).total_seconds()))
        return StopReason(why="limit")

    async def _wait_for_pages(
        self, source: str, crawl: Crawl | None, max_wait: timedelta
    ) -> StopReason | None:
        """Wait for pages that are leased elsewhere or due soon; return a StopReason when there are none."""
        if await self.frontier.release_expired_leases([source], self._clock.now()):
            return None
        if crawl is None:
            return StopReason(why="done")
        remaining = await self.frontier.remaining(crawl)
        if not remaining.pages:
            await self.frontier.finish_crawl(crawl, self._clock.now())
            return StopReason(why="done")
        if not remaining.leased and remaining.soonest and remaining.soonest - self._clock.now() > max_wait:
            return StopReason(why="later", until=remaining.soonest)
        await asyncio.sleep(POLL_INTERVAL_S)
        return None
