"""Crawl frontier: pages to fetch and their times, in PostgreSQL tables that all crawlers share.

A lease on a page ends with the session that took it, so a killed process blocks nothing; only the pages that
it had leased are fetched again. The published page, its new state and its links are written in one
transaction after Kafka's acknowledgement: a page is done only when Kafka has it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Self, TypeVar

import psycopg
from psycopg.rows import dict_row

from producers import sources
from producers.crawl.pages import Crawl, LeasedPage, Remaining, StateCount, VisitOutcome, set_day
from producers.ledger import Fetch, statement
from producers.postgres_retry import CONNECT_TIMEOUT_S, retry_outages, translate_errors
from producers.sources import Link
from songnodes import sql
from songnodes.settings import Settings

#: Limit for one page, the wait for a request slot included; a process that hangs loses its lease.
LEASE_TTL = timedelta(minutes=10)
#: A crawl left unfinished for longer is started again: its lists are out of date.
UNFINISHED_CRAWL_TTL = timedelta(days=1)
#: Requested pages come before linked ones, and these before the schedule.
REQUESTED_PRIORITY, LINK_PRIORITY, SCHEDULE_PRIORITY = 20, 10, 0

Cursor = psycopg.AsyncCursor[dict[str, Any]]
Result = TypeVar("Result")


class Frontier:
    """Access to the tables by one session; its end releases all its leases."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[dict[str, Any]] | None = None
        self._lock = asyncio.Lock()  # one transaction at a time on one connection

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Open a frontier that connects at first use."""
        frontier = cls(settings.require("database_url").database_url)
        try:
            yield frontier
        finally:
            await frontier.close()

    async def begin_crawl(
        self,
        source: str,
        question: str,
        *,
        now: datetime,
        since: date | None = None,
        limit: int | None = None,
    ) -> Crawl:
        """Return the crawl of this query that was left unfinished within a day, or a new one."""
        query = {"source": source, "question": question, "since": since, "page_limit": limit}

        async def work(cursor: Cursor) -> Crawl:
            await cursor.execute(_sql("lock_query"), query)
            row = await _fetch_one(
                cursor, "begin_crawl", {**query, "now": now, "fresh": now - UNFINISHED_CRAWL_TTL}
            )
            assert row is not None  # noqa: S101  # one of the two branches always returns a row
            await cursor.execute(_sql("set_page_limit"), {"crawl": row["id"], "page_limit": limit})
            return Crawl(source=source, question=question, since=since, limit=limit, **row)

        return await self._transaction(work)

    async def finish_crawl(self, crawl: Crawl, now: datetime) -> bool:
        """Close a crawl that waits for no page; return True if this call closed it."""
        return bool(await self._execute("finish_crawl", {"crawl": crawl.id, "now": now}))

    async def last_run(self, source: str, question: str) -> tuple[datetime | None, datetime | None]:
        """Return when the last finished crawl of this query began, and when the unfinished one did."""
        row = await self._transaction(
            lambda cursor: _fetch_one(cursor, "last_run", {"source": source, "question": question})
        )
        return (row["finished"], row["going"]) if row else (None, None)

    async def lease_next(self, source: str, now: datetime, crawl: Crawl | None = None) -> LeasedPage | None:
        """Lease the most urgent page of a source that is due; with a crawl, only pages that it requested.

        A cancellation leaves no lease behind: a commit in progress cannot be undone, so it is waited for and
        its page released.
        """
        parameters = {
            "source": source,
            "now": now,
            "until": now + LEASE_TTL,
            "crawl": crawl.id if crawl else None,
        }
        query = asyncio.ensure_future(
            self._transaction(lambda cursor: _fetch_one(cursor, "lease_next", parameters))
        )
        try:
            row = await asyncio.shield(query)
        except asyncio.CancelledError:
            row = await query
            if row:
                await self.release_lease(LeasedPage(**row), now)
            raise
        return LeasedPage(**row) if row else None

    async def release_expired_leases(self, source_names: Sequence[str], now: datetime) -> int:
        """Release the leases of ended sessions; return the number of pages."""
        return await self._execute("release_expired_leases", {"sources": list(source_names), "now": now})

    async def finish(
        self,
        leased: LeasedPage,
        outcome: VisitOutcome,
        *,
        now: datetime,
        fetches: Sequence[Fetch] = (),
        links: Sequence[Link] = (),
    ) -> bool:
        """Store the results of a visit in one transaction. `fetches` are the pages that Kafka acknowledged.

        Return False if the lease was lost: then only the acknowledged fetches are stored.
        """

        async def work(cursor: Cursor) -> bool:
            for fetch in fetches:
                await cursor.execute(statement("note"), asdict(fetch))
            lease = {"page_id": leased.page_id, "lease": leased.lease}
            leased_row = await _fetch_one(cursor, "lock_leased", lease)
            if leased_row is None:
                return False
            await cursor.execute(
                _sql("finish_visit"), {**lease, "priority": SCHEDULE_PRIORITY, **asdict(outcome)}
            )
            came_from: dict[str, Any] = {"crawl": leased_row["crawl"], "discovered_from": leased.page_id}
            await _enqueue(cursor, links, now=now, priority=LINK_PRIORITY, **came_from)
            return True

        return await self._transaction(work)

    async def release_lease(self, leased: LeasedPage, next_at: datetime) -> None:
        """Release a leased page that was not requested."""
        await self._execute(
            "release_lease", {"page_id": leased.page_id, "lease": leased.lease, "next_at": next_at}
        )

    async def enqueue_requested(
        self, links: Sequence[Link], *, now: datetime, crawl: Crawl, watched: bool = False
    ) -> None:
        """Enqueue pages requested by a user with the highest priority, even if fetched before."""

        async def work(cursor: Cursor) -> None:
            columns = _columns(links, now, watched=watched)
            parameters = {
                "now": now,
                "crawl": crawl.id,
                "discovered_from": None,
                "priority": REQUESTED_PRIORITY,
                "forced": True,
            }
            await cursor.execute(_sql("enqueue"), columns | parameters)

        await self._transaction(work)

    async def enqueue_known(self, links: Sequence[Link], *, now: datetime, discovered_from: str) -> int:
        """Enqueue pages of a saved list; return how many are new or changed."""
        return await self._transaction(
            lambda cursor: _enqueue(
                cursor,
                links,
                now=now,
                crawl=None,
                discovered_from=discovered_from,
                priority=SCHEDULE_PRIORITY,
            )
        )

    async def latest_sha256(self, page_id: str) -> str | None:
        """Return the sha256 of the last body of a page in Kafka, or None."""

        async def work(cursor: Cursor) -> str | None:
            await cursor.execute(statement("newest"), {"page_id": page_id})
            row = await cursor.fetchone()
            return row["sha256"] if row else None

        return await self._transaction(work)

    async def remaining(self, crawl: Crawl) -> Remaining:
        """Return the pages that a crawl waits for."""
        row = await self._transaction(lambda cursor: _fetch_one(cursor, "remaining", {"crawl": crawl.id}))
        return Remaining(**row) if row else Remaining(pages=0, leased=0, soonest=None)

    async def counts(self, now: datetime) -> list[StateCount]:
        """Return the number of pages per source and state."""

        async def work(cursor: Cursor) -> list[StateCount]:
            await cursor.execute(_sql("count_by_state"), {"now": now})
            return [StateCount(**row) for row in await cursor.fetchall()]

        return await self._transaction(work)

    async def close(self) -> None:
        """End the session and its leases; a later call opens another."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _execute(self, name: str, parameters: dict[str, Any]) -> int:
        async def work(cursor: Cursor) -> int:
            await cursor.execute(_sql(name), parameters)
            return cursor.rowcount

        return await self._transaction(work)

    async def _transaction(self, work: Callable[[Cursor], Awaitable[Result]]) -> Result:
        """Run `work` in a transaction; retry on a new connection when the old one breaks."""
        with translate_errors():
            return await retry_outages(self._run_transaction)(work)

    async def _run_transaction(self, work: Callable[[Cursor], Awaitable[Result]]) -> Result:
        async with self._lock:
            if self._connection is None or self._connection.broken:
                await self.close()
                self._connection = await psycopg.AsyncConnection.connect(
                    self._url, connect_timeout=CONNECT_TIMEOUT_S, autocommit=True, row_factory=dict_row
                )
            async with self._connection.transaction(), self._connection.cursor() as cursor:
                return await work(cursor)


async def _enqueue(
    cursor: Cursor,
    links: Sequence[Link],
    *,
    now: datetime,
    crawl: int | None,
    discovered_from: str,
    priority: int,
) -> int:
    """Enqueue the links worth fetching, up to the page limit of the crawl; return how many.

    When the limit is reached, lists are not followed either.
    """
    if not links:
        return 0
    parameters = {"now": now, "crawl": crawl}
    crawl_row = await _fetch_one(cursor, "lock_crawl", parameters) if crawl else None
    since, pages_left = (crawl_row["since"], crawl_row["pages_left"]) if crawl_row else (None, None)
    selected = [
        link for link in links if not (since and (day := set_day(link.date_text, now.date())) and day < since)
    ]
    await cursor.execute(_sql("select_wanted"), _columns(selected, now) | parameters)
    wanted = {row["page_id"] for row in await cursor.fetchall()}
    selected = [link for link in selected if link.found.page_id in wanted]
    lists = [link for link in selected if sources.has_links(link.found.source, link.found.kind)]
    pages = [link for link in selected if not sources.has_links(link.found.source, link.found.kind)]
    if pages_left is not None:
        lists, pages = lists if len(pages) < pages_left else [], pages[:pages_left]
        await cursor.execute(_sql("count_taken"), {"crawl": crawl, "count": len(pages)})
    details = {"discovered_from": discovered_from, "priority": priority, "forced": False}
    await cursor.execute(_sql("enqueue"), _columns([*lists, *pages], now) | parameters | details)
    return len(lists) + len(pages)


def _columns(links: Sequence[Link], now: datetime, *, watched: bool = False) -> dict[str, list[Any]]:
    """Return one array per column, with each page once."""
    unique_links = list({link.found.page_id: link for link in links}.values())
    return {
        "page_id": [link.found.page_id for link in unique_links],
        "source": [link.found.source for link in unique_links],
        "kind": [link.found.kind for link in unique_links],
        "native_id": [link.found.native_id for link in unique_links],
        "url": [link.found.url for link in unique_links],
        "watched": [watched for _ in unique_links],
        "title": [link.title for link in unique_links],
        "set_date": [set_day(link.date_text, now.date()) for link in unique_links],
        "identified": [link.identified for link in unique_links],
        "total": [link.total for link in unique_links],
        "revision": [link.revision for link in unique_links],
    }


async def _fetch_one(cursor: Cursor, name: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
    await cursor.execute(_sql(name), parameters)
    return await cursor.fetchone()


def _sql(name: str) -> Any:
    return sql.query("producers", "frontier", name)
