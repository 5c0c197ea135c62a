"""From a number of gold down to the rows that it counts, and to the pages of these rows."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from queries import database
from queries.database import Row
from songnodes.errors import UserError

#: More rows than any track has: a bound for the memory of one answer.
MAX_ROWS = 200_000


class UnknownNumber(UserError):
    """No number of gold or value of silver has this name"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A number as counted from `rows` and as gold has it."""

    number: str
    counted: Any
    stored: Any
    rows: list[Row]

    @property
    def agrees(self) -> bool:
        """Return True if gold has the number that the rows give."""
        return bool(self.counted == self.stored)


async def track_rows(connection: asyncpg.Connection, track_id: str) -> list[Row]:
    """Return every sighting of a track, superseded ones included, oldest set first."""
    return await database.rows(connection, "lineage", "of_track", track_id, MAX_ROWS)


def plays(rows: Iterable[Row]) -> list[Row]:
    """Return one row per counted play: a position of a set where the track is no component of a mashup."""
    return list({_place(row): row for row in rows if row["counts_as"] == "play"}.values())


def components(rows: Iterable[Row]) -> list[Row]:
    """Return the rows that are counted as components of mashups."""
    return [row for row in rows if row["counts_as"] == "component"]


def own_plays(rows: Sequence[Row]) -> list[Row]:
    """Return the plays in sets of DJs who made the track: of every row of it there, one is enough."""
    own = {row["playlist_id"] for row in rows if row["counts_as"] and row["is_own"]}
    return [row for row in plays(rows) if row["playlist_id"] in own]


def first_by_set(rows: Iterable[Row]) -> list[Row]:
    """Return the first play of each set."""
    by_set: dict[str, Row] = {}
    for row in plays(rows):
        by_set.setdefault(row["playlist_id"], row)
    return list(by_set.values())


def first_by_dj(rows: Iterable[Row]) -> list[Row]:
    """Return the first play of each DJ with `dj_id`, `dj` and `sets`: a row without a DJ supports nothing."""
    by_dj: dict[str, Row] = {}
    for row in first_by_set(rows):
        for dj_id, name in zip(row["dj_ids"] or (), row["dj_names"] or (), strict=False):
            entry = by_dj.setdefault(dj_id, {"dj_id": dj_id, "dj": name, "sets": 0, **row})
            entry["sets"] += 1
    return sorted(by_dj.values(), key=lambda row: row["dj_id"])


def dated(rows: Iterable[Row]) -> list[Row]:
    """Return the first play of each set with a date that counts: at most 30 days after its page."""
    return [row for row in first_by_set(rows) if row["counted_date"] is not None]


def _first(rows: Iterable[Row]) -> list[Row]:
    days = dated(rows)
    first = min((row["counted_date"] for row in days), default=None)
    return [row for row in days if row["counted_date"] == first]


def _last(rows: Iterable[Row]) -> list[Row]:
    days = dated(rows)
    last = max((row["counted_date"] for row in days), default=None)
    return [row for row in days if row["counted_date"] == last]


def _day(rows: Sequence[Row]) -> date | None:
    return rows[0]["counted_date"] if rows else None


def _place(row: Row) -> tuple[str, int]:
    return row["playlist_id"], row["position"]


Select = Callable[[list[Row]], list[Row]]
Count = Callable[[list[Row]], Any]

#: Per number of gold_track_analytics: the rows behind it, and the number that they give.
NUMBERS: dict[str, tuple[Select, Count]] = {
    "play_count": (plays, len),
    "component_plays": (components, len),
    "self_plays": (own_plays, len),
    "playlist_appearances": (first_by_set, len),
    "dj_support": (first_by_dj, len),
    "first_seen_date": (_first, _day),
    "last_seen_date": (_last, _day),
}
#: Numbers that are computed from others: the one whose rows are behind them.
DERIVED = {"popularity_rank": "dj_support", "genre_rank": "dj_support", "trending_score": "last_seen_date"}
#: Values that providers and pages give.
FIELDS = (
    "spotify_id", "isrc", "musicbrainz_id", "beatport_id", "bpm", "key", "energy", "danceability", "valence",
    "acousticness", "instrumentalness", "liveness", "speechiness", "loudness", "genres", "release_date",
    "release_name", "label", "duration_ms",
)  # fmt: skip


def evidence(rows: list[Row], number: str, track: Row) -> Evidence:
    """Return the rows behind a number of a track, and the number that they give. Raises UnknownNumber."""
    if number in DERIVED:
        selected = dated(rows) if number == "trending_score" else first_by_dj(rows)
        return Evidence(number=number, counted=track[number], stored=track[number], rows=selected)
    if number not in NUMBERS:
        names = ", ".join((*NUMBERS, *DERIVED, *FIELDS))
        raise UnknownNumber(number, remedy=f"One of {names}")
    select, count = NUMBERS[number]
    selected = select(rows)
    return Evidence(number=number, counted=count(selected), stored=track[number], rows=selected)
