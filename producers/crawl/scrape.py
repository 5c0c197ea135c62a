"""Run one query on one site, from the first list to the last page."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta

from producers import sources
from producers.crawl.crawler import Crawler, StopReason
from producers.crawl.frontier import Frontier
from producers.crawl.pages import Crawl, Remaining
from producers.crawl.progress import CrawlStats
from producers.crawl.visit import Visit
from producers.sources import Found, Link, Question
from songnodes.clock import Clock
from songnodes.errors import UserError
from songnodes.process.tasks import end_task
from songnodes.settings import Settings

QUEUE_POLL_INTERVAL_S = 1.0  # between two counts of queued pages


class WrongSite(UserError):
    """The address is not a page of this source"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScrapeRequest:
    """Pages to fetch: from `seed`, a page or list, or without one all pages of the source that are due."""

    source: str
    words: str
    seed: Found | None
    since: date | None
    limit: int | None

    @classmethod
    def of(cls, source: str, url: str | None, question: Question, limit: int | None) -> "ScrapeRequest":
        """Build a request from the command line. Raises WrongSite, QueryNotSupported."""
        seed: Found | None = None
        if url:
            seed = sources.by_url(url)
            if seed is None or seed.source != source:
                raise WrongSite(url, source=source)
        elif question.words:
            seed = sources.SOURCES[source].ask(question)
        return cls(source=source, words=url or question.words, seed=seed, since=question.since, limit=limit)


@dataclass(slots=True, kw_only=True)
class ScrapeReport:
    """Result of a scrape: `stop` is the reason why it ended, `remaining` the pages for a later run."""

    request: ScrapeRequest
    stats: CrawlStats
    continued: bool = False
    stop: StopReason | None = None
    remaining: Remaining | None = None
    refusals: Counter[str] = field(default_factory=Counter)

    @property
    def useful(self) -> bool:
        """True if a page was fetched, or none was due."""
        return self.stats.fetched > 0 or not self.stats.endings


async def scrape(
    settings: Settings,
    request: ScrapeRequest,
    clock: Clock,
    *,
    max_wait: timedelta,
    on_progress: Callable[[CrawlStats], None],
) -> ScrapeReport:
    """Fetch the requested pages; wait up to `max_wait` for pages due later. Raises errors of the servers."""
    async with Crawler.opened(settings, clock=clock) as crawler:
        return await scrape_with(crawler, request, clock, max_wait=max_wait, on_progress=on_progress)


async def scrape_with(
    crawler: Crawler,
    request: ScrapeRequest,
    clock: Clock,
    *,
    max_wait: timedelta,
    on_progress: Callable[[CrawlStats], None],
) -> ScrapeReport:
    """Do the same with an open crawler, which may run several requests at a time."""
    report = ScrapeReport(request=request, stats=CrawlStats())

    def on_visit(visit: Visit) -> None:
        report.stats.count(visit)
        if visit.why and visit.ending not in ("parsed", "unchanged"):
            report.refusals[f"{visit.page_id}: {visit.ending}, {visit.why}"] += 1
        on_progress(report.stats)

    await crawler.frontier.release_expired_leases([request.source], clock.now())
    crawl = await _begin(crawler.frontier, request, clock) if request.seed else None
    report.continued = crawl is not None and crawl.continued
    limit = None if crawl else request.limit
    run = crawler.run(request.source, crawl, limit=limit, max_wait=max_wait, on_visit=on_visit)
    async with _count_queue(crawler.frontier, request.source, crawl, clock, report.stats, on_progress):
        report.stop = await run
    if crawl:
        report.remaining = await crawler.frontier.remaining(crawl)
        report.stats.queued = report.remaining.pages
    return report


@asynccontextmanager
async def _count_queue(
    frontier: Frontier,
    source: str,
    crawl: Crawl | None,
    clock: Clock,
    stats: CrawlStats,
    on_progress: Callable[[CrawlStats], None],
) -> AsyncIterator[None]:
    """Keep `stats.queued` current within the block."""

    async def poll() -> None:
        while True:
            if crawl:
                stats.queued = (await frontier.remaining(crawl)).pages
            else:
                counts = await frontier.counts(clock.now())
                stats.queued = sum(count.due for count in counts if count.source == source)
            on_progress(stats)
            await asyncio.sleep(QUEUE_POLL_INTERVAL_S)

    task = asyncio.create_task(poll())
    try:
        yield
    finally:
        await end_task(task)


async def _begin(frontier: Frontier, request: ScrapeRequest, clock: Clock) -> Crawl:
    """Return the crawl of this query; a new one starts with its first list."""
    crawl = await frontier.begin_crawl(
        request.source, request.words, now=clock.now(), since=request.since, limit=request.limit
    )
    remaining = await frontier.remaining(crawl)
    if not remaining.pages and request.seed is not None:
        watched = sources.has_links(request.source, request.seed.kind)
        await frontier.enqueue_requested(
            [Link(found=request.seed)], now=clock.now(), crawl=crawl, watched=watched
        )
    return crawl
