"""Rankings of a part of the plays: read from stored counts where refresh keeps them, else counted."""

from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg

from queries import database
from queries.database import Row


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredKey:
    """Key of the counts of a part in gold_cut_counts. `place`: the country or venue."""

    kind: str
    place: str | None
    set_type: str | None
    period: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A part of the plays: of one country, venue and type of set, from the first to the last day."""

    country: str | None = None
    venue: str | None = None
    set_type: str | None = None
    first: date | None = None
    last: date | None = None

    @property
    def is_whole(self) -> bool:
        """Return True if it is all plays."""
        return self == Cut()

    @property
    def stored_key(self) -> StoredKey | None:
        """Return the key of gold_cut_counts; None if it has no counts of this part."""
        period = calendar_period(self.first, self.last)
        if period is None or self.is_whole or None not in (self.country, self.venue):
            return None
        names = (("country", self.country), ("venue", self.venue), ("type", self.set_type))
        kind = " ".join(name for name, value in names if value is not None)
        return StoredKey(
            kind=kind or "all",
            place=self.country if self.venue is None else self.venue,
            set_type=self.set_type,
            period=period,
        )


def calendar_period(first: date | None, last: date | None) -> str | None:
    """Return the year (YYYY) or month (YYYY-MM) of these days, "" for all time, None for another period."""
    if first is None and last is None:
        return ""
    if first is None or last is None:
        return None
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return f"{first:%Y}"
    is_month = first.day == 1 and (first.year, first.month) == (last.year, last.month)
    return f"{first:%Y-%m}" if is_month and _is_last_of_month(last) else None


def _is_last_of_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1


async def top(connection: asyncpg.Connection, cut: Cut, genre: str | None, limit: int) -> list[Row]:
    """Return the best tracks of a cut, of one primary genre if one is given.

    Stored counts are of tracks with 4 DJs or more: where they are fewer than `limit`, plays are counted.
    """
    key = cut.stored_key
    if key is not None:
        place = (key.kind, key.place, key.set_type, key.period)
        rows = await database.rows(connection, "charts", "top_of_stored_cut", *place, genre, limit)
        if len(rows) == limit:
            return rows
    parts = (cut.country, cut.venue, cut.set_type, cut.first, cut.last)
    return await database.rows(connection, "charts", "top_of_cut", *parts, genre, limit)
