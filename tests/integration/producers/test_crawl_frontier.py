"""The frontier on a real PostgreSQL: leases, limits, data from lists, set lists of 25,392 sets."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from producers.crawl.cli import add_index
from producers.crawl.frontier import LEASE_TTL, UNFINISHED_CRAWL_TTL, Frontier
from producers.crawl.pages import LeasedPage, VisitOutcome
from producers.crawl.set_lists import NotASetList
from producers.sources import Found, Link
from songnodes.clock import ManualClock
from songnodes.errors import TablesMissing
from songnodes.settings import Settings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SITE = "mixcloud"


def show(number: int, **fields: object) -> Link:
    native = f"ada/show-{number:03d}"
    url = f"https://www.mixcloud.com/{native}/"
    return Link(
        found=Found(source=SITE, kind="cloudcast", native_id=native, url=url),
        **fields,  # type: ignore[arg-type]
    )


def part(number: int) -> Link:
    native = f"ada/cloudcasts?offset={number}"
    return Link(found=Found(source=SITE, kind="listing", native_id=native, url=f"https://api/{native}"))


def parsed(now: datetime = NOW, wait: timedelta = timedelta(days=7)) -> VisitOutcome:
    return VisitOutcome(state="parsed", next_at=now + wait, done=True, fetched_at=now, sha256="s", revision=5)


@asynccontextmanager
async def sessions(settings: Settings, count: int) -> AsyncIterator[list[Frontier]]:
    frontiers = [Frontier(settings.database_url) for _ in range(count)]
    try:
        yield frontiers
    finally:
        for frontier in frontiers:
            await frontier.close()


async def lease_all(frontier: Frontier, now: datetime = NOW) -> LeasedPage:
    page = await frontier.lease_next(SITE, now)
    assert page is not None
    return page


async def test_a_cancelled_lease_leaves_no_page_behind(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        await frontier.enqueue_known([show(n) for n in range(3)], now=NOW, discovered_from="t")
        for delay_ms in range(40):  # before, within and after the commit
            lease = asyncio.create_task(frontier.lease_next(SITE, NOW))
            await asyncio.sleep(delay_ms / 10_000)
            if lease.cancel():
                with pytest.raises(asyncio.CancelledError):
                    await lease
            elif page := lease.result():
                await frontier.release_lease(page, NOW)
            (count,) = [entry for entry in await frontier.counts(NOW) if entry.source == SITE]
            assert (count.state, count.pages) == ("queued", 3), delay_ms


async def test_each_page_is_leased_to_one_session(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 4) as frontiers:
        assert (
            await frontiers[0].enqueue_known([show(n) for n in range(40)], now=NOW, discovered_from="t") == 40
        )
        leased_pages: list[str] = []

        async def work(frontier: Frontier) -> None:
            while page := await frontier.lease_next(SITE, NOW):
                leased_pages.append(page.page_id)
                assert await frontier.finish(page, parsed(), now=NOW)

        await asyncio.gather(*map(work, frontiers))
        assert len(leased_pages) == len(set(leased_pages)) == 40
        assert await frontiers[0].lease_next("mixesdb", NOW) is None


async def test_a_lease_ends_with_its_session_or_its_time(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 2) as (first, second):
        await first.enqueue_known([show(1)], now=NOW, discovered_from="t")
        page = await lease_all(first)
        assert await second.release_expired_leases([SITE], NOW) == 0
        assert await second.lease_next(SITE, NOW) is None
        await first.close()  # as when its process is killed
        await asyncio.sleep(0.1)
        assert await second.release_expired_leases([SITE], NOW) == 1
        leased_again = await lease_all(second)
        assert leased_again.page_id == page.page_id
        assert not await first.finish(page, parsed(), now=NOW)  # it comes back too late
        late = await lease_all(first, NOW + LEASE_TTL)
        assert late.page_id == page.page_id
        assert not await second.finish(leased_again, parsed(), now=NOW)
        assert await first.finish(late, parsed(), now=NOW)


async def test_a_limit_applies_to_all_processes_together(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 2) as frontiers:
        crawls = [await frontier.begin_crawl(SITE, "dj=ada", now=NOW, limit=7) for frontier in frontiers]
        assert [crawl.continued for crawl in crawls] == [False, True]
        assert crawls[0].id == crawls[1].id
        await frontiers[0].enqueue_requested([part(0), part(1)], now=NOW, crawl=crawls[0])
        lists = [await frontiers[n].lease_next(SITE, NOW, crawls[n]) for n in (0, 1)]

        async def finish(number: int) -> None:
            page = lists[number]
            assert page is not None
            links = [show(number * 10 + frontier) for frontier in range(5)]
            await frontiers[number].finish(page, parsed(), now=NOW, links=[*links, part(2 + number)])

        await asyncio.gather(finish(0), finish(1))
        remaining = await frontiers[0].remaining(crawls[0])
        assert remaining.pages == 7 + 1  # and the next part that the first of the two led to
        assert not await frontiers[0].finish_crawl(crawls[0], NOW)


async def test_a_repeated_query_continues_for_a_day_and_then_restarts(
    pipeline_settings: Settings,
) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        first = await frontier.begin_crawl(SITE, "dj=ada", now=NOW)
        assert (await frontier.begin_crawl(SITE, "dj=ada", now=NOW + UNFINISHED_CRAWL_TTL / 2)).id == first.id
        assert (await frontier.begin_crawl(SITE, "dj=bob", now=NOW)).id != first.id
        assert (await frontier.begin_crawl(SITE, "dj=ada", now=NOW + UNFINISHED_CRAWL_TTL * 2)).id != first.id
        assert await frontier.finish_crawl(first, NOW)
        assert not await frontier.finish_crawl(first, NOW)


async def test_a_list_advances_only_pages_with_new_data(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        links = [show(n, identified=3, total=9, revision=5) for n in range(4)]
        await frontier.enqueue_known(links, now=NOW, discovered_from="t")
        while page := await frontier.lease_next(SITE, NOW):
            await frontier.finish(page, parsed(), now=NOW)
        later = NOW + timedelta(hours=1)
        assert await frontier.enqueue_known(links, now=later, discovered_from="t") == 0
        news = [show(0, identified=4, total=9), show(1, revision=6), show(2, revision=4), show(3)]
        assert await frontier.enqueue_known(news, now=later, discovered_from="t") == 2
        due = {(await lease_all(frontier, later)).native_id for _ in range(2)}
        assert due == {"ada/show-000", "ada/show-001"}
        assert await frontier.lease_next(SITE, later) is None


async def test_requested_pages_come_first_and_immediately(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        await frontier.enqueue_known([show(n) for n in range(3)], now=NOW, discovered_from="t")
        done = await lease_all(frontier)
        await frontier.finish(done, parsed(), now=NOW)
        crawl = await frontier.begin_crawl(SITE, "an address", now=NOW)
        await frontier.enqueue_requested([Link(found=done.found)], now=NOW, crawl=crawl)
        assert (await lease_all(frontier)).page_id == done.page_id


async def test_a_page_requested_during_its_fetch_is_followed(
    pipeline_settings: Settings,
) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        await frontier.enqueue_known([part(0)], now=NOW, discovered_from="t")
        page = await lease_all(frontier)
        crawl = await frontier.begin_crawl(SITE, "an address", now=NOW)
        await frontier.enqueue_requested([part(0)], now=NOW, crawl=crawl)
        await frontier.finish(page, parsed(), now=NOW, links=[show(1), show(2)])
        assert (await frontier.remaining(crawl)).pages == 2


async def test_sets_before_a_day_are_left_out(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        crawl = await frontier.begin_crawl(SITE, "dj=ada", now=NOW, since=date(2026, 1, 1))
        await frontier.enqueue_requested([part(0)], now=NOW, crawl=crawl)
        page = await lease_all(frontier)
        days = ["2025-12-31", "2026-01-01", "2026", None]
        links = [show(n, date_text=day) for n, day in enumerate(days)]
        await frontier.finish(page, parsed(), now=NOW, links=links)
        assert (await frontier.remaining(crawl)).pages == 3


async def test_real_set_lists_yield_their_sets_once(pipeline_settings: Settings, shared_data: Path) -> None:
    folder = shared_data / "dataset" / "1001tracklists-index"
    first = await add_index(pipeline_settings, "1001tracklists", [folder], ManualClock(NOW))
    assert first == {"files": 72, "entries": 25_697, "sets": 25_392, "new": 25_392}
    before = _rows(pipeline_settings)
    assert len(before) == 25_392
    later = ManualClock(NOW + timedelta(days=1))
    second_read = await add_index(pipeline_settings, "1001tracklists", [folder], later)
    assert second_read == first | {"new": 0}
    assert _rows(pipeline_settings) == before


async def test_files_that_are_not_set_lists_are_refused(pipeline_settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("[]")
    with pytest.raises(NotASetList):
        await add_index(pipeline_settings, "1001tracklists", [tmp_path], ManualClock(NOW))


async def test_a_database_without_tables_is_reported_with_a_remedy(pipeline_settings: Settings) -> None:
    with psycopg.connect(pipeline_settings.owner_url) as connection:
        connection.execute("DROP TABLE crawl_frontier")
    async with sessions(pipeline_settings, 1) as (frontier,):
        with pytest.raises(TablesMissing, match="songnodes migrate"):
            await frontier.lease_next(SITE, NOW)


async def test_a_broken_connection_is_reopened(pipeline_settings: Settings) -> None:
    async with sessions(pipeline_settings, 1) as (frontier,):
        await frontier.enqueue_known([show(1)], now=NOW, discovered_from="t")
        with psycopg.connect(pipeline_settings.database_url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                " AND backend_type = 'client backend'"
            )
        assert await frontier.lease_next(SITE, NOW) is not None


def _rows(settings: Settings) -> set[tuple[object, ...]]:
    with psycopg.connect(settings.database_url) as connection:
        return set(connection.execute("SELECT crawl_frontier::text FROM crawl_frontier").fetchall())
