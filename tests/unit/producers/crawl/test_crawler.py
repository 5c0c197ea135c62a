"""The crawl loop and the daemon's queries for new sets, on a frontier in memory."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from producers.crawl import crawler as module
from producers.crawl import daemon
from producers.crawl.crawler import MAX_COOLDOWNS_IN_A_ROW, Crawler, StopReason
from producers.crawl.pages import Crawl, LeasedPage, Remaining
from producers.crawl.progress import CrawlStats
from producers.crawl.visit import Visit
from producers.sources import Found, Link
from songnodes.clock import ManualClock
from tests.support.crawl_fakes import NOW, leased

CRAWL = Crawl(id=1, source="mixcloud", question="q", since=None, limit=None, continued=False)
MAX_WAIT = timedelta(seconds=30)


def page(number: int, kind: str = "cloudcast") -> LeasedPage:
    return leased(Found(source="mixcloud", kind=kind, native_id=f"a/{number}"))


class Queue:
    """A frontier with a list of pages; `left` is returned in order, its last entry repeatedly."""

    def __init__(self, *pages: LeasedPage, left: tuple[Remaining, ...] = ()) -> None:
        self.pages = list(pages)
        self.answers = list(left) or [Remaining(pages=0, leased=0, soonest=None)]
        self.ended = self.expired_checks = 0

    async def lease_next(self, source: str, now: datetime, crawl: Crawl | None) -> LeasedPage | None:
        return self.pages.pop(0) if self.pages else None

    async def release_expired_leases(self, names: list[str], now: datetime) -> int:
        self.expired_checks += 1
        return 0

    async def remaining(self, crawl: Crawl) -> Remaining:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    async def finish_crawl(self, crawl: Crawl, now: datetime) -> bool:
        self.ended += 1
        return True


class Visitor:
    """Ends every visit with the configured outcome."""

    def __init__(self, until: datetime | None = None) -> None:
        self.until = until
        self.visited: list[str] = []

    async def visit(self, page: LeasedPage) -> Visit:
        self.visited.append(page.page_id)
        return Visit(
            page_id=page.page_id,
            source=page.source,
            lists=page.kind == "listing",
            ending="held" if self.until else "parsed",
            until=self.until,
        )


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return slept


async def run(
    queue: Any, visitor: Any, *, crawl: Crawl | None = CRAWL, limit: int | None = None
) -> StopReason:
    stats = CrawlStats()
    loop = Crawler(queue, visitor, ManualClock(NOW))
    rest = await loop.run("mixcloud", crawl, limit=limit, max_wait=MAX_WAIT, on_visit=stats.count)
    assert sum(stats.endings.values()) == len(visitor.visited)
    return rest


async def test_all_due_pages_are_visited_and_the_crawl_is_finished() -> None:
    queue, visitor = Queue(page(1), page(2)), Visitor()
    assert await run(queue, visitor) == StopReason(why="done")
    assert (len(visitor.visited), queue.ended) == (2, 1)


async def test_a_limit_does_not_count_lists() -> None:
    queue, visitor = Queue(page(0, "listing"), page(1), page(2), page(3)), Visitor()
    assert await run(queue, visitor, crawl=None, limit=2) == StopReason(why="limit")
    assert len(visitor.visited) == 3


async def test_pages_leased_elsewhere_or_due_soon_are_waited_for(no_waiting: list[float]) -> None:
    soon = NOW + MAX_WAIT
    remaining = (
        Remaining(pages=1, leased=1, soonest=NOW + timedelta(minutes=10)),
        Remaining(pages=1, leased=0, soonest=soon),
        Remaining(pages=0, leased=0, soonest=None),
    )
    queue = Queue(left=remaining)
    assert await run(queue, Visitor()) == StopReason(why="done")
    assert no_waiting == [module.POLL_INTERVAL_S] * 2
    assert queue.expired_checks == 3  # a killed process holds nothing up


async def test_pages_due_later_are_left_for_the_next_run() -> None:
    later = NOW + timedelta(hours=1)
    queue = Queue(left=(Remaining(pages=3, leased=0, soonest=later),))
    assert await run(queue, Visitor()) == StopReason(why="later", until=later)
    assert queue.ended == 0


async def test_a_source_whose_hosts_cool_down_is_skipped() -> None:
    until = NOW + timedelta(hours=2)
    queue, visitor = Queue(*map(page, range(9))), Visitor(until)
    assert await run(queue, visitor) == StopReason(why="later", until=until)
    assert len(visitor.visited) == MAX_COOLDOWNS_IN_A_ROW


class NewSetsFrontier:
    """The methods of a frontier that the daemon's query for new sets uses."""

    def __init__(self, finished: datetime | None = None, going: datetime | None = None) -> None:
        self.times = (finished, going)
        self.asked: list[Link] = []
        self.ended = 0

    async def last_run(self, source: str, question: str) -> tuple[datetime | None, datetime | None]:
        return self.times

    async def begin_crawl(self, source: str, question: str, *, now: datetime) -> Crawl:
        return CRAWL

    async def finish_crawl(self, crawl: Crawl, now: datetime) -> bool:
        self.ended += 1
        return False

    async def enqueue_requested(self, links: list[Link], *, now: datetime, crawl: Crawl) -> None:
        self.asked += links


@pytest.mark.parametrize(
    ("finished", "since"),
    [
        (None, "2026-11-16"),
        (NOW - daemon.NEW_SETS_INTERVAL, "2026-11-22"),
        (NOW - timedelta(days=30), "2026-10-23"),
    ],
)
async def test_a_query_covers_the_time_since_the_last_one(finished: datetime | None, since: str) -> None:
    looks: Any = NewSetsFrontier(finished)
    assert await daemon.enqueue_new_sets(looks, "mixesdb", NOW)
    (link,) = looks.asked
    assert f"rcend={since}" in link.found.url


async def test_no_query_before_its_interval_or_during_another() -> None:
    for finished, going in ((NOW - timedelta(hours=1), None), (None, NOW - timedelta(hours=9))):
        looks: Any = NewSetsFrontier(finished, going)
        await daemon.enqueue_new_sets(looks, "mixesdb", NOW)
        assert not looks.asked
    assert looks.ended == 1


async def test_a_site_without_lists_by_time_is_not_queried() -> None:
    looks: Any = NewSetsFrontier()
    assert not await daemon.enqueue_new_sets(looks, "mixcloud", NOW)
    assert not looks.asked
