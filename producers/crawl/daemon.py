"""`songnodes run crawl`: all sources that are on, by the schedule, until told to stop."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from producers.crawl import permission
from producers.crawl.crawler import Crawler
from producers.crawl.visit import Visit
from producers.frontier import Frontier
from producers.sources import SOURCES, CannotAsk, Link, Question
from songnodes import logs, metrics
from songnodes.clock import Clock, SystemClock
from songnodes.errors import NotUsable, Transient
from songnodes.settings import Settings

NEW = "new"  # the question of every look at what is new; one series of crawls per source
#: Between two looks at what is new of a site; changes are listed there for weeks.
LOOKS = timedelta(hours=6)
#: A look that was not finished for so long is given up: the next one covers its time, too.
STALE = timedelta(days=1)
#: How far the first look goes back, and how much of the time before the last one a look covers again.
FIRST, OVERLAP = timedelta(days=7), timedelta(days=1)
IDLE = 1.0  # seconds between looks at a frontier where nothing is due
PAUSE = 5.0  # seconds after trouble with a server, before all is tried again
MEASURE = 15.0  # seconds between two counts of the frontier

log = logs.get(__name__)


class NothingOn(NotUsable):
    """No site may be crawled"""

    remedy = "`songnodes sources` shows why; set SONGNODES_CONTACT for those that only want to know who asks"


def run_forever(settings: Settings) -> None:
    """Crawl until SIGTERM or SIGINT; the page at work is given back."""
    if not permission.allowed(settings):
        raise NothingOn
    metrics.serve(settings)
    with suppress(asyncio.CancelledError):
        asyncio.run(_until_told(settings))


async def _until_told(settings: Settings) -> None:
    task = asyncio.current_task()
    assert task is not None  # noqa: S101  # this is one
    for told in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(told, task.cancel)
    while True:
        try:
            await crawl(settings, SystemClock())
        except Transient as trouble:  # Kafka, PostgreSQL or Redis away: the same again, nothing is lost
            log.warning("crawl interrupted", why=str(trouble))
        await asyncio.sleep(PAUSE)


async def crawl(settings: Settings, clock: Clock, tell: Callable[[Visit], None] = lambda visit: None) -> None:
    """All sources side by side, for ever. Raises the first thing that any of them raises."""
    try:
        async with Crawler.opened(settings, tell, clock=clock) as crawler, asyncio.TaskGroup() as group:
            for name in permission.allowed(settings):
                group.create_task(_source(crawler, name, clock))
            group.create_task(_measure(crawler.frontier, clock))
    except ExceptionGroup as trouble:
        raise trouble.exceptions[0] from trouble


async def _source(crawler: Crawler, name: str, clock: Clock) -> None:
    while True:
        await look(crawler.frontier, name, clock.now())
        rest = await crawler.run(name, None, patience=timedelta(seconds=IDLE))
        if rest.until is not None:
            log.info("source rests", source=name, until=rest.until.isoformat())
            await asyncio.sleep(max(IDLE, min((rest.until - clock.now()).total_seconds(), 60.0)))
        else:
            await asyncio.sleep(IDLE)


async def look(frontier: Frontier, name: str, now: datetime) -> bool:
    """Ask a site for what is new, when it is time; whether it is."""
    finished, going = await frontier.last_look(name, NEW)
    if going and now - going < STALE:
        crawl = await frontier.begin(name, NEW, now=now)
        return not await frontier.end(crawl, now)
    if finished and now - finished < LOOKS:
        return False
    since = (finished - OVERLAP if finished else now - FIRST).date()
    try:
        found = SOURCES[name].ask(Question(today=now.date(), since=since))
    except CannotAsk:
        return False  # a site that lists nothing by time
    crawl = await frontier.begin(name, NEW, now=now)
    await frontier.ask([Link(found=found)], now=now, crawl=crawl)
    return True


async def _measure(frontier: Frontier, clock: Clock) -> None:
    while True:
        counts = await frontier.counts(clock.now())
        for count in counts:
            metrics.FRONTIER_PAGES.labels(count.source, count.state).set(count.pages)
        for source in {count.source for count in counts}:
            due = sum(count.due for count in counts if count.source == source)
            metrics.FRONTIER_DUE.labels(source).set(due)
        await asyncio.sleep(MEASURE)
