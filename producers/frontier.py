"""The frontier: which pages are to be fetched, and when. Tables in PostgreSQL that all crawlers share.

A page is taken by a lease that ends with the session which took it, so a killed process holds nothing; what
it was at is fetched again, and nothing else. What was published, what was learned and what was found are
written in one transaction, after Kafka's acknowledgement: a page is done only when Kafka has it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Self, TypeVar

import psycopg
import stamina
from psycopg.errors import UndefinedTable
from psycopg.rows import dict_row

from producers import sources
from producers.crawl.pages import Count, Crawl, Leased, Left, Verdict, set_date
from producers.ledger import CONNECT_TIMEOUT, PATIENCE, Fetch, statement
from producers.refusals import FrontierDown, FrontierMissing
from producers.sources import Link
from songnodes import sql
from songnodes.settings import Settings

#: The longest that one page may take, waiting for the host's turn included; a process that hangs loses it.
LEASE = timedelta(minutes=10)
#: A crawl left unfinished for longer is begun anew: its lists are old.
FRESH = timedelta(days=1)
#: What a person asked for comes before what a list led to, and that before the schedule.
ASKED, FOUND, LATER = 20, 10, 0

Cursor = psycopg.AsyncCursor[dict[str, Any]]
Result = TypeVar("Result")


class Frontier:
    """The tables, by one session whose end ends all leases taken by it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.AsyncConnection[dict[str, Any]] | None = None
        self._turn = asyncio.Lock()  # one transaction at a time on one connection

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Connects at the first use."""
        frontier = cls(settings.require("database_url").database_url)
        try:
            yield frontier
        finally:
            await frontier.close()

    async def begin(
        self,
        source: str,
        question: str,
        *,
        now: datetime,
        since: date | None = None,
        limit: int | None = None,
    ) -> Crawl:
        """A crawl for this question: the one that was left unfinished within a day, else a new one."""
        asked = {"source": source, "question": question, "since": since, "page_limit": limit}

        async def work(cursor: Cursor) -> Crawl:
            await cursor.execute(_sql("only_one_begins"), asked)
            found = await _one(cursor, "begin", {**asked, "now": now, "fresh": now - FRESH})
            assert found is not None  # noqa: S101  # one of the two branches always gives a row
            await cursor.execute(_sql("limit"), {"crawl": found["id"], "page_limit": limit})
            return Crawl(source=source, question=question, since=since, limit=limit, **found)

        return await self._tried(work)

    async def end(self, crawl: Crawl, now: datetime) -> bool:
        """Close a crawl that waits for no page. Whether it was closed by this call."""
        return bool(await self._change("end", {"crawl": crawl.id, "now": now}))

    async def last_look(self, source: str, question: str) -> tuple[datetime | None, datetime | None]:
        """When the last finished crawl of this question began, and one that is going on."""
        found = await self._tried(
            lambda cursor: _one(cursor, "last_look", {"source": source, "question": question})
        )
        return (found["finished"], found["going"]) if found else (None, None)

    async def claim(self, source: str, now: datetime, crawl: Crawl | None = None) -> Leased | None:
        """The most urgent page of a source that is due; with a crawl, of those that it wants."""
        asked = {"source": source, "now": now, "until": now + LEASE, "crawl": crawl.id if crawl else None}
        found = await self._tried(lambda cursor: _one(cursor, "claim", asked))
        return Leased(**found) if found else None

    async def revive(self, source_names: Sequence[str], now: datetime) -> int:
        """Give back what processes that are gone had taken; returns how many pages."""
        return await self._change("revive", {"sources": list(source_names), "now": now})

    async def finish(
        self,
        leased: Leased,
        verdict: Verdict,
        *,
        now: datetime,
        fetch: Fetch | None = None,
        links: Sequence[Link] = (),
    ) -> bool:
        """All that follows from one visit, in one transaction. `fetch` is what Kafka has acknowledged.

        False where the lease was lost meanwhile: then only the acknowledged fetch is noted.
        """

        async def work(cursor: Cursor) -> bool:
            if fetch is not None:
                await cursor.execute(statement("note"), asdict(fetch))
            lease = {"page_id": leased.page_id, "lease": leased.lease}
            held = await _one(cursor, "hold", lease)
            if held is None:
                return False
            await cursor.execute(_sql("finish"), {**lease, "priority": LATER, **asdict(verdict)})
            came_from: dict[str, Any] = {"crawl": held["crawl"], "discovered_from": leased.page_id}
            await _enqueue(cursor, links, now=now, priority=FOUND, **came_from)
            return True

        return await self._tried(work)

    async def give_back(self, leased: Leased, next_at: datetime) -> None:
        """A page for which nobody was asked after all."""
        await self._change(
            "give_back", {"page_id": leased.page_id, "lease": leased.lease, "next_at": next_at}
        )

    async def ask(self, links: Sequence[Link], *, now: datetime, crawl: Crawl, watched: bool = False) -> None:
        """Put pages first that somebody asked for by themselves, whenever they were fetched last."""

        async def work(cursor: Cursor) -> None:
            given = _columns(links, now, watched=watched)
            more = {"now": now, "crawl": crawl.id, "discovered_from": None, "priority": ASKED, "forced": True}
            await cursor.execute(_sql("enqueue"), given | more)

        await self._tried(work)

    async def add(self, links: Sequence[Link], *, now: datetime, discovered_from: str) -> int:
        """Pages known from a list that was not fetched; returns how many are new or newly wanted."""
        return await self._tried(
            lambda cursor: _enqueue(
                cursor, links, now=now, crawl=None, discovered_from=discovered_from, priority=LATER
            )
        )

    async def newest(self, page_id: str) -> str | None:
        """The sha256 of the body that Kafka got last for a page."""

        async def work(cursor: Cursor) -> str | None:
            await cursor.execute(statement("newest"), {"page_id": page_id})
            found = await cursor.fetchone()
            return found["sha256"] if found else None

        return await self._tried(work)

    async def left(self, crawl: Crawl) -> Left:
        """What a crawl still waits for."""
        found = await self._tried(lambda cursor: _one(cursor, "left_of", {"crawl": crawl.id}))
        return Left(**found) if found else Left(pages=0, leased=0, soonest=None)

    async def counts(self, now: datetime) -> list[Count]:
        """Pages per source and state."""

        async def work(cursor: Cursor) -> list[Count]:
            await cursor.execute(_sql("counts"), {"now": now})
            return [Count(**row) for row in await cursor.fetchall()]

        return await self._tried(work)

    async def close(self) -> None:
        """End the session, and with it its leases; a later call begins another."""
        if self._connection is not None:
            await self._connection.close()
            self._connection = None

    async def _change(self, name: str, given: dict[str, Any]) -> int:
        async def work(cursor: Cursor) -> int:
            await cursor.execute(_sql(name), given)
            return cursor.rowcount

        return await self._tried(work)

    async def _tried(self, work: Callable[[Cursor], Awaitable[Result]]) -> Result:
        """Do the work in a transaction of its own, again over a new connection when the old one broke."""
        try:
            return await stamina.retry(
                on=psycopg.OperationalError, attempts=None, timeout=PATIENCE, wait_max=2.0
            )(self._once)(work)
        except UndefinedTable as error:
            raise FrontierMissing from error
        except psycopg.OperationalError as error:
            raise FrontierDown(str(error).strip().partition("\n")[0]) from error

    async def _once(self, work: Callable[[Cursor], Awaitable[Result]]) -> Result:
        async with self._turn:
            if self._connection is None or self._connection.broken:
                await self.close()
                self._connection = await psycopg.AsyncConnection.connect(
                    self._url, connect_timeout=CONNECT_TIMEOUT, autocommit=True, row_factory=dict_row
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
    """Those of the links that are to be asked for, as far as the crawl has room for them; without room lists
    are not followed either."""
    if not links:
        return 0
    asked = {"now": now, "crawl": crawl}
    terms = await _one(cursor, "room", asked) if crawl else None
    since, room = (terms["since"], terms["room"]) if terms else (None, None)
    taken = [link for link in links if not (since and (day := set_date(link, now.date())) and day < since)]
    await cursor.execute(_sql("wanted"), _columns(taken, now) | asked)
    wanted = {row["page_id"] for row in await cursor.fetchall()}
    taken = [link for link in taken if link.found.page_id in wanted]
    lists = [link for link in taken if sources.has_links(link.found.source, link.found.kind)]
    pages = [link for link in taken if not sources.has_links(link.found.source, link.found.kind)]
    if room is not None:
        lists, pages = lists if len(pages) < room else [], pages[:room]
        await cursor.execute(_sql("took"), {"crawl": crawl, "count": len(pages)})
    more = {"discovered_from": discovered_from, "priority": priority, "forced": False}
    await cursor.execute(_sql("enqueue"), _columns([*lists, *pages], now) | asked | more)
    return len(lists) + len(pages)


def _columns(links: Sequence[Link], now: datetime, *, watched: bool = False) -> dict[str, list[Any]]:
    """One array per column, each page once."""
    each = list({link.found.page_id: link for link in links}.values())
    return {
        "page_id": [link.found.page_id for link in each],
        "source": [link.found.source for link in each],
        "kind": [link.found.kind for link in each],
        "native_id": [link.found.native_id for link in each],
        "url": [link.found.url for link in each],
        "watched": [watched for _ in each],
        "title": [link.title for link in each],
        "set_date": [set_date(link, now.date()) for link in each],
        "identified": [link.identified for link in each],
        "total": [link.total for link in each],
        "revision": [link.revision for link in each],
    }


async def _one(cursor: Cursor, name: str, given: dict[str, Any]) -> dict[str, Any] | None:
    await cursor.execute(_sql(name), given)
    return await cursor.fetchone()


def _sql(name: str) -> Any:
    return sql.query("producers", "frontier", name)
