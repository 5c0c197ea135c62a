"""`songnodes run crawl`: crawl all enabled sources by the schedule until a signal arrives."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from producers.crawl import permission
from producers.crawl.crawler import Crawler
from producers.crawl.frontier import Frontier
from producers.crawl.visit import Visit
from producers.sources import SOURCES, Link, QueryNotSupported, Question
from songnodes import logs, metrics
from songnodes.clock import Clock, SystemClock
from songnodes.errors import Transient, UserError
from songnodes.process import shell
from songnodes.process.shell import Retries
from songnodes.settings import Settings

NEW_SETS_QUERY = "new"  # name of the query for new sets; one series of crawls per source
#: Interval between two queries for new sets; sites list changes for weeks.
NEW_SETS_INTERVAL = timedelta(hours=6)
#: A query unfinished for this long is abandoned: the next one covers its time as well.
UNFINISHED_RUN_TTL = timedelta(days=1)
#: How far the first query reaches back, and by how much a query overlaps the last one.
FIRST_LOOKBACK, LOOKBACK_OVERLAP = timedelta(days=7), timedelta(days=1)
IDLE_POLL_S = 1.0  # while no page is due
METRICS_INTERVAL_S = 15.0  # between two counts of the frontier

#: Kafka, PostgreSQL or Redis is down: nothing is lost. Each attempt starts a browser.
RETRIES = Retries(
    event="crawl_interrupted", applies=lambda error: isinstance(error, Transient), first_pause_s=5.0
)

log = logs.get(__name__)


class NoSourceEnabled(UserError):
    """No site is enabled for crawling"""

    remedy = (
        "`songnodes sources` shows why; set SONGNODES_CONTACT for sites that only require a contact address"
    )


def run_forever(settings: Settings) -> None:
    """Crawl until SIGTERM or SIGINT; the current page is released."""
    if not permission.allowed_sources(settings):
        raise NoSourceEnabled
    shell.run_async(settings, lambda: crawl(settings, SystemClock()), RETRIES)


async def crawl(
    settings: Settings, clock: Clock, on_visit: Callable[[Visit], None] = lambda visit: None
) -> None:
    """Crawl all sources concurrently and indefinitely. Raises the first error of any of them."""
    try:
        async with Crawler.opened(settings, clock=clock) as crawler, asyncio.TaskGroup() as group:
            for name in permission.allowed_sources(settings):
                group.create_task(_crawl_source(crawler, name, clock, on_visit))
            group.create_task(_measure(crawler.frontier, clock))
    except ExceptionGroup as error:
        raise error.exceptions[0] from error


async def _crawl_source(crawler: Crawler, name: str, clock: Clock, on_visit: Callable[[Visit], None]) -> None:
    while True:
        await enqueue_new_sets(crawler.frontier, name, clock.now())
        stop = await crawler.run(name, None, max_wait=timedelta(seconds=IDLE_POLL_S), on_visit=on_visit)
        if stop.until is not None:
            log.info("source_idle", source=name, until=stop.until.isoformat())
            await asyncio.sleep(max(IDLE_POLL_S, min((stop.until - clock.now()).total_seconds(), 60.0)))
        else:
            await asyncio.sleep(IDLE_POLL_S)


async def enqueue_new_sets(frontier: Frontier, name: str, now: datetime) -> bool:
    """Enqueue the query for new sets of a site when it is due; return True if it was."""
    finished, unfinished = await frontier.last_run(name, NEW_SETS_QUERY)
    if unfinished and now - unfinished < UNFINISHED_RUN_TTL:
        crawl = await frontier.begin_crawl(name, NEW_SETS_QUERY, now=now)
        return not await frontier.finish_crawl(crawl, now)
    if finished and now - finished < NEW_SETS_INTERVAL:
        return False
    first_day = (finished - LOOKBACK_OVERLAP if finished else now - FIRST_LOOKBACK).date()
    try:
        query_page = SOURCES[name].ask(Question(today=now.date(), since=first_day))
    except QueryNotSupported:
        return False  # the site has no list by time
    crawl = await frontier.begin_crawl(name, NEW_SETS_QUERY, now=now)
    await frontier.enqueue_requested([Link(found=query_page)], now=now, crawl=crawl)
    return True


async def _measure(frontier: Frontier, clock: Clock) -> None:
    while True:
        counts = await frontier.counts(clock.now())
        for count in counts:
            metrics.FRONTIER_PAGES.labels(count.source, count.state).set(count.pages)
        for source in {count.source for count in counts}:
            due = sum(count.due for count in counts if count.source == source)
            metrics.FRONTIER_DUE.labels(source).set(due)
        await asyncio.sleep(METRICS_INTERVAL_S)
