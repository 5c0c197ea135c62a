"""Crawl of the local sites, all at once, by the crawler of the pipeline."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

from demo.markup import ROOT
from demo.shapes import mixesdb
from demo.shapes.ra import EVERYWHERE
from demo.sites import Sites
from demo.world.tellings import Telling
from demo.world.world import LONGEST_AGO
from producers.crawl.progress import CrawlStats
from producers.crawl.scrape import ScrapeReport, ScrapeRequest, scrape
from producers.sources import SOURCES, Question
from songnodes.clock import SystemClock
from songnodes.settings import Settings

#: Time to wait for pages that failed once: the crawler tries again after two to ten seconds.
MAX_WAIT = timedelta(seconds=60)
CONTACT = "demo@songnodes.example"
REQUEST_INTERVAL_S = 0.02  # between two requests to one host
#: By source: how its crawl goes.
StatsBySource = Mapping[str, CrawlStats]


def settings_for(sites: Sites, settings: Settings) -> Settings:
    """Return the settings that send every request to the local sites."""
    return settings.model_copy(
        update={
            "sites": sites.mapping,
            "site_pause": REQUEST_INTERVAL_S,
            "contact": settings.contact or CONTACT,
        }
    )


def everything(
    sites: Sites, settings: Settings, on_progress: Callable[[StatsBySource], None]
) -> dict[str, CrawlStats]:
    """Fetch all that the sites have and that is due; `on_progress` is called after
    every page. Return the statistics by source."""
    today = sites.library.world.as_of
    requests = {name: list(questions(name, today)) for name in SOURCES}
    return asyncio.run(_all(settings_for(sites, settings), requests, on_progress))


def again(sites: Sites, settings: Settings, tellings: list[Telling]) -> dict[str, CrawlStats]:
    """Fetch these sets, whenever they were fetched last."""
    requests: dict[str, list[ScrapeRequest]] = {}
    for telling in tellings:
        question = Question(today=sites.library.world.as_of)
        request = ScrapeRequest.of(telling.site, address(telling), question, None)
        requests.setdefault(telling.site, []).append(request)
    return asyncio.run(_all(settings_for(sites, settings), requests, lambda tallies: None))


def questions(source: str, today: date) -> Iterator[ScrapeRequest]:
    """Yield the queries that make a site list everything.

    The robots.txt of MixesDB forbids the lists of its API and allows the search, which returns at most a
    hundred mixes: it is queried month by month.
    """
    since = today - timedelta(days=LONGEST_AGO + 1)
    match source:
        case "mixesdb":
            queries = [Question(today=today, search=month) for month in _months(since, today)]
        case "mixcloud":
            queries = [Question(today=today, category="dj-mix")]
        case "ra":
            queries = [Question(today=today, category=str(EVERYWHERE), since=since)]
        case _:
            queries = [Question(today=today, since=since)]
    for question in queries:
        yield ScrapeRequest.of(source, None, question, None)


def address(telling: Telling) -> str:
    """Return the address of a set on its site."""
    match telling.site:
        case "1001tracklists":
            return f"{ROOT}/tracklist/{telling.native_id}/"
        case "mixesdb":
            return mixesdb.rest_url(telling.at(1))
        case "mixcloud":
            return f"https://www.mixcloud.com/{telling.native_id}/"


async def _all(
    settings: Settings, asked: Mapping[str, list[ScrapeRequest]], on_progress: Callable[[StatsBySource], None]
) -> dict[str, CrawlStats]:
    """Crawl all sources at the same time, the queries of one source one after the other."""
    tallies = {source: CrawlStats() for source in asked}

    async def one_source(source: str, questions: list[ScrapeRequest]) -> None:
        total = tallies[source]
        for question in questions:

            def tell(now: CrawlStats, before: CrawlStats = total) -> None:
                tallies[source] = _sum(before, now)
                on_progress(tallies)

            outcome: ScrapeReport = await scrape(
                settings, question, SystemClock(), max_wait=MAX_WAIT, on_progress=tell
            )
            total = tallies[source] = _sum(total, outcome.stats)

    async with asyncio.TaskGroup() as group:
        for source, questions in asked.items():
            group.create_task(one_source(source, questions))
    return tallies


def _sum(one: CrawlStats, two: CrawlStats) -> CrawlStats:
    return CrawlStats(
        endings=one.endings + two.endings,
        published=one.published + two.published,
        queued=two.queued,
        last=two.last,
    )


def _months(first: date, last: date) -> Iterator[str]:
    """2025-01, 2025-02, ... from the month of one day to that of another."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12}-{number % 12 + 1:02d}"
