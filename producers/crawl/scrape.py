"""One question to one site, from the first list to the last page."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from producers import sources
from producers.crawl.crawler import Crawler, Rest
from producers.crawl.pages import Crawl, Left
from producers.crawl.progress import Tally
from producers.crawl.visit import Visit
from producers.frontier import Frontier
from producers.sources import Found, Link, Question
from songnodes.clock import Clock
from songnodes.errors import NotUsable
from songnodes.settings import Settings

COUNTED_EVERY = 1.0  # seconds between two looks at how many pages wait


class OtherSite(NotUsable):
    """The address is no page of this source"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be fetched: a page or list, or (None) whatever of the source is due."""

    source: str
    words: str
    seed: Found | None
    since: date | None
    limit: int | None

    @classmethod
    def of(cls, source: str, url: str | None, question: Question, limit: int | None) -> "Asked":
        """From the command line. Raises OtherSite, CannotAsk."""
        seed: Found | None = None
        if url:
            seed = sources.by_url(url)
            if seed is None or seed.source != source:
                raise OtherSite(url, source=source)
        elif question.words:
            seed = sources.SOURCES[source].ask(question)
        return cls(source=source, words=url or question.words, seed=seed, since=question.since, limit=limit)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of it. `rest` says why it ended, `left` what a later run would go on with."""

    asked: Asked
    tally: Tally
    continued: bool = False
    rest: Rest | None = None
    left: Left | None = None
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def useful(self) -> bool:
        """Whether anything came, or nothing was to be fetched."""
        return self.tally.fetched > 0 or not self.tally.endings


async def scrape(
    settings: Settings, asked: Asked, clock: Clock, *, patience: timedelta, show: Callable[[Tally], None]
) -> Outcome:
    """Fetch what was asked for; waits `patience` for what is due later. Raises what the servers raise."""
    outcome = Outcome(asked=asked, tally=Tally())

    def tell(visit: Visit) -> None:
        outcome.tally.count(visit)
        if visit.why and visit.ending not in ("parsed", "unchanged"):
            outcome.refusals[f"{visit.page_id}: {visit.ending}, {visit.why}"] += 1
        show(outcome.tally)

    async with Crawler.opened(settings, tell, clock=clock) as crawler:
        await crawler.frontier.revive([asked.source], clock.now())
        crawl = await _begin(crawler.frontier, asked, clock) if asked.seed else None
        outcome.continued = crawl is not None and crawl.continued
        limit = None if crawl else asked.limit
        work = crawler.run(asked.source, crawl, limit=limit, patience=patience)
        async with _queue_counted(crawler.frontier, asked.source, crawl, clock, outcome.tally, show):
            outcome.rest = await work
        if crawl:
            outcome.left = await crawler.frontier.left(crawl)
            outcome.tally.queued = outcome.left.pages
    return outcome


@asynccontextmanager
async def _queue_counted(
    frontier: Frontier,
    source: str,
    crawl: Crawl | None,
    clock: Clock,
    tally: Tally,
    show: Callable[[Tally], None],
) -> AsyncIterator[None]:
    """Meanwhile the tally knows how many pages wait."""

    async def look() -> None:
        while True:
            if crawl:
                tally.queued = (await frontier.left(crawl)).pages
            else:
                counts = await frontier.counts(clock.now())
                tally.queued = sum(count.due for count in counts if count.source == source)
            show(tally)
            await asyncio.sleep(COUNTED_EVERY)

    task = asyncio.create_task(look())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _begin(frontier: Frontier, asked: Asked, clock: Clock) -> Crawl:
    """The crawl of this question; a new one begins with its first list."""
    crawl = await frontier.begin(
        asked.source, asked.words, now=clock.now(), since=asked.since, limit=asked.limit
    )
    left = await frontier.left(crawl)
    if not left.pages and asked.seed is not None:
        watched = sources.has_links(asked.source, asked.seed.kind)
        await frontier.ask([Link(found=asked.seed)], now=clock.now(), crawl=crawl, watched=watched)
    return crawl
