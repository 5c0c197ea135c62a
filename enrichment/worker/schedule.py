"""Schedule of rechecks in PostgreSQL: when a track or artist has calls that are sent again without a request.

The times derive from the archived attempts alone. A row is written when a request is finished, before its
offset is committed, so that a killed worker leaves none out.
"""

import asyncio
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from songnodes import sql
from songnodes.domain.enrichments import artist_of

#: Levels of worth: powers of two. A track of one set is at the lowest after 4 years.
LOWEST_LEVEL, HIGHEST_LEVEL = -8, 15
MAX_ROWS_PER_STATEMENT = 1000


class Rows(Protocol):
    """Statements of PostgreSQL."""

    async def fetch(self, statement: str, *arguments: object) -> Sequence[Any]:
        """Return the rows of a statement."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Recheck:
    """A track or artist and its newest request, encoded, that came from the partition `part`."""

    subject: str
    part: int
    request: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheduled:
    """A recheck with its time, the worth of its subject then, and the time of its request."""

    recheck: Recheck
    due: datetime
    worth: float
    requested_at: datetime


def worth_level(worth: float) -> int:
    """Return the level of a worth above 0: the exponent of the power of two below it."""
    return min(max(math.frexp(worth)[1] - 1, LOWEST_LEVEL), HIGHEST_LEVEL)


class Schedule:
    """Rows of the schedule. Changes of the same moment are one statement."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._waiting: dict[str, tuple[Scheduled | None, list[asyncio.Future[None]]]] = {}
        self._writing: asyncio.Task[None] | None = None

    async def put(self, subject: str, scheduled: Scheduled | None) -> None:
        """Store the row of a subject; with None, delete it.

        Raises what PostgreSQL's client raises.
        """
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        _, futures = self._waiting.get(subject, (None, []))
        self._waiting[subject] = scheduled, [*futures, future]
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await future

    async def due(
        self, parts: Collection[int], now: datetime, limit: int, *, is_artist: bool
    ) -> list[Recheck]:
        """Return rechecks that are due in these partitions, the worthiest first."""
        statement = sql.query("enrichment", "rechecks", "due")
        levels = LOWEST_LEVEL, HIGHEST_LEVEL
        rows = await self._rows.fetch(statement, is_artist, sorted(parts), now, limit, *levels)
        return [Recheck(subject=row["subject"], part=row["part"], request=row["request"]) for row in rows]

    async def is_due(self, recheck: Recheck, now: datetime) -> bool:
        """Return True if a recheck is still due, with the same request."""
        statement = sql.query("enrichment", "rechecks", "is_due")
        return bool(await self._rows.fetch(statement, recheck.subject, now, recheck.request))

    async def count_due(self, parts: Collection[int], now: datetime, *, is_artist: bool) -> int:
        """Return how many rechecks are due in these partitions."""
        statement = sql.query("enrichment", "rechecks", "count_due")
        (row,) = await self._rows.fetch(statement, is_artist, sorted(parts), now)
        return int(row["count"])

    async def _write(self) -> None:
        """Store the changes that wait, until none does."""
        try:
            while self._waiting:
                await asyncio.sleep(0)  # changes of the same moment
                subjects = list(self._waiting)[:MAX_ROWS_PER_STATEMENT]
                changes = {subject: self._waiting.pop(subject) for subject in subjects}
                error: Exception | None = None
                try:
                    await self._store({subject: scheduled for subject, (scheduled, _) in changes.items()})
                except Exception as raised:
                    error = raised
                for _, futures in changes.values():
                    _settle(futures, error)
        finally:
            self._writing = None

    async def _store(self, changes: dict[str, Scheduled | None]) -> None:
        removed = [subject for subject, scheduled in changes.items() if scheduled is None]
        if removed:
            await self._rows.fetch(sql.query("enrichment", "rechecks", "remove"), removed)
        rows = [_row(scheduled) for scheduled in changes.values() if scheduled is not None]
        if rows:
            columns = map(list, zip(*rows, strict=True))
            await self._rows.fetch(sql.query("enrichment", "rechecks", "put"), *columns)


def _row(scheduled: Scheduled) -> tuple[object, ...]:
    recheck = scheduled.recheck
    return (
        recheck.subject,
        artist_of(recheck.subject) is not None,
        recheck.part,
        worth_level(scheduled.worth),
        scheduled.due,
        scheduled.requested_at,
        recheck.request,
    )


def _settle(futures: Sequence[asyncio.Future[None]], error: Exception | None) -> None:
    for future in futures:
        if future.done():
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
