"""Rankings of a part of the plays: read from stored counts where refresh keeps them, else counted."""

from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg

from queries import database
from queries.database import Row

#: Tracks of each year and month that are read for the ranking of some days, as multiples of its length.
HEADS = (16, 64)
#: Of more years and months the first tracks are no shorter way.
MAX_PERIODS = 60


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


def covering_periods(first: date, last: date) -> list[str]:
    """Return the years (YYYY) within these days, and the months (YYYY-MM) that have the others."""
    periods = []
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month):
        if month == 1 and first <= date(year, 1, 1) and date(year, 12, 31) <= last:
            periods.append(f"{year:04}")
            year += 1
            continue
        periods.append(f"{year:04}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return periods


def _is_last_of_month(day: date) -> bool:
    return day == date.max or (day + timedelta(days=1)).day == 1


async def top(connection: asyncpg.Connection, cut: Cut, genre: str | None, limit: int) -> list[Row]:
    """Return the best tracks of a cut, of one primary genre if one is given.

    Stored counts are of tracks with 4 DJs or more: where they are fewer than `limit`, plays are counted. Of
    days that are no year or month, DJs are counted for the tracks that stored counts leave as possible.
    """
    key = cut.stored_key
    if key is not None:
        place = (key.kind, key.place, key.set_type, key.period)
        rows = await database.rows(connection, "charts", "top_of_stored_cut", *place, genre, limit)
        if len(rows) == limit:
            return rows
    if key is None and cut.first and cut.last and cut == Cut(first=cut.first, last=cut.last):
        rows = await top_of_days(connection, cut.first, cut.last, genre, limit)
        if rows:
            return rows
    parts = (cut.country, cut.venue, cut.set_type, cut.first, cut.last)
    return await database.rows(connection, "charts", "top_of_cut", *parts, genre, limit)


async def top_of_days(
    connection: asyncpg.Connection, first: date, last: date, genre: str | None, limit: int
) -> list[Row]:
    """Return the best tracks from one day to another; none if stored counts do not tell which they are."""
    periods = covering_periods(first, last)
    if not 0 < len(periods) <= MAX_PERIODS:
        return []
    for head in HEADS:
        rows = await database.rows(
            connection, "charts", "top_of_days", first, last, periods, genre, limit, head * limit
        )
        if len(rows) == limit and rows[-1]["dj_support"] > rows[-1]["unread"]:
            return [{name: value for name, value in row.items() if name != "unread"} for row in rows]
    return []
