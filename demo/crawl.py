"""Crawl of the local sites in parallel, by the crawler of the pipeline."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from functools import reduce

from demo.markup import ROOT
from demo.shapes import mixesdb
from demo.shapes.ra import EVERYWHERE
from demo.sites import Sites
from demo.world.site_playlists import SitePlaylist
from demo.world.world import MAX_AGE_DAYS
from producers.crawl.crawler import Crawler
from producers.crawl.progress import CrawlStats
from producers.crawl.scrape import ScrapeRequest, scrape_with
from producers.sources import SOURCES, Question
from songnodes.clock import SystemClock
from songnodes.settings import Settings

#: Time to wait for pages that failed once: the crawler tries again after two to ten seconds.
MAX_WAIT = timedelta(seconds=60)
CONTACT = "demo@songnodes.example"
REQUEST_INTERVAL_S = 0.02  # between two requests to one host
#: Queries of one source under way: one that waits for a page to be tried again delays no other.
CONCURRENT_REQUESTS = 3
#: Statistics of the crawl, by source.
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


def crawl_all(
    sites: Sites, settings: Settings, on_progress: Callable[[StatsBySource], None]
) -> dict[str, CrawlStats]:
    """Fetch all pages of the sites that are due; `on_progress` is called after
    every page. Return the statistics by source."""
    today = sites.library.world.as_of
    requests = {name: list(list_requests(name, today)) for name in SOURCES}
    return asyncio.run(_crawl_sources(settings_for(sites, settings), requests, on_progress))


def refetch(sites: Sites, settings: Settings, playlists: list[SitePlaylist]) -> dict[str, CrawlStats]:
    """Fetch these sets, whenever they were fetched last."""
    requests: dict[str, list[ScrapeRequest]] = {}
    for site_playlist in playlists:
        query = Question(today=sites.library.world.as_of)
        request = ScrapeRequest.of(site_playlist.site, address(site_playlist), query, None)
        requests.setdefault(site_playlist.site, []).append(request)
    return asyncio.run(_crawl_sources(settings_for(sites, settings), requests, lambda stats: None))


def list_requests(source: str, today: date) -> Iterator[ScrapeRequest]:
    """Yield the queries that make a site list everything.

    The robots.txt of MixesDB forbids the lists of its API and allows the search, which returns at most a
    hundred mixes: it is queried month by month.
    """
    since = today - timedelta(days=MAX_AGE_DAYS + 1)
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


def address(site_playlist: SitePlaylist) -> str:
    """Return the address of a set on its site."""
    match site_playlist.site:
        case "1001tracklists":
            return f"{ROOT}/tracklist/{site_playlist.native_id}/"
        case "mixesdb":
            return mixesdb.rest_url(site_playlist.at(1))
        case "mixcloud":
            return f"https://www.mixcloud.com/{site_playlist.native_id}/"


async def _crawl_sources(
    settings: Settings,
    requests: Mapping[str, list[ScrapeRequest]],
    on_progress: Callable[[StatsBySource], None],
) -> dict[str, CrawlStats]:
    """Crawl all sources at the same time, each with one crawler. Raises the first error of any of them."""
    stats_by_source = {source: CrawlStats() for source in requests}

    async def crawl_source(source: str, source_requests: list[ScrapeRequest]) -> None:
        waiting = iter(enumerate(source_requests))
        stats_by_request: dict[int, CrawlStats] = {}

        async def take_requests(crawler: Crawler) -> None:
            for number, request in waiting:

                def report(stats: CrawlStats, number: int = number) -> None:
                    stats_by_request[number] = stats
                    stats_by_source[source] = reduce(_sum, stats_by_request.values())
                    on_progress(stats_by_source)

                outcome = await scrape_with(
                    crawler, request, SystemClock(), max_wait=MAX_WAIT, on_progress=report
                )
                report(outcome.stats)

        async with Crawler.opened(settings) as crawler, asyncio.TaskGroup() as group:
            for _ in range(min(len(source_requests), CONCURRENT_REQUESTS)):
                group.create_task(take_requests(crawler))

    try:
        async with asyncio.TaskGroup() as group:
            for source, source_requests in requests.items():
                group.create_task(crawl_source(source, source_requests))
    except ExceptionGroup as errors:
        raise _first(errors) from errors
    return stats_by_source


def _first(error: Exception) -> Exception:
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def _sum(first: CrawlStats, second: CrawlStats) -> CrawlStats:
    return CrawlStats(
        endings=first.endings + second.endings,
        published=first.published + second.published,
        queued=first.queued + second.queued,
        last=second.last,
    )


def _months(first: date, last: date) -> Iterator[str]:
    """Yield months from the first day's to the last day's: 2025-01, 2025-02, ..."""
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield f"{number // 12}-{number % 12 + 1:02d}"
