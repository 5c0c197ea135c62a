"""Transitions between rows, and analytics of sets, published to gold.playlists."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

import asyncpg

from sinks.database import query
from sinks.refresh.publisher import Publisher
from songnodes import __version__
from songnodes.domain import ids
from songnodes.domain.set_analytics import Moment, SetAnalytics, analyse, series_key

TOPIC = "gold.playlists"
#: Sets whose rows are compared by one statement: for more its plan would read the rows of all sets.
SETS_PER_STATEMENT = 100
#: Columns of gold_playlist_analytics that a record has as they are.
PUBLISHED = (
    *("playlist_id", "version", "row_count", "identified_count", "identified_share", "duration_seconds"),
    *(
        "coverage",
        "bpm_drift_per_hour",
        "harmonic_flow_score",
        "energy_mean",
        "energy_peak",
        "shape",
        "as_of",
    ),
    *("time_basis", "curve_places", "energy_coverage", "bpm_coverage", "key_coverage"),
)
#: Curves, which are empty in a record where the row has none.
CURVES = ("energy_curve", "bpm_curve", "key_curve", "key_moves")
#: Columns of gold_playlist_analytics that follow from the moments of a set.
_COMPUTED = tuple(field.name for field in fields(SetAnalytics))


def table_row(row: asyncpg.Record, as_of: date) -> dict[str, Any]:
    """Return the row of gold_playlist_analytics of one set, as JSON values; `row` is one of `moments`."""
    columns = (row[name] or () for name in ("parts", "cues", "bpms", "camelots", "energies", "genres"))
    moments = [
        Moment(part=part, cue_s=cue, bpm=bpm, camelot=camelot, energy=energy, genre=genre)
        for part, cue, bpm, camelot, energy, genre in zip(*columns, strict=True)
    ]
    series = series_key(
        dj_ids=row["dj_ids"],
        dj_names=row["dj_names"],
        texts=(row["event_name"], row["venue"], row["mix_name"]),
        places=(row["city"], row["country"]),
    )
    values = analyse(moments, row["duration_seconds"])
    rows, identified = row["row_count"], row["identified_rows"]
    return {
        **{name: getattr(values, name) for name in _COMPUTED},
        "playlist_id": row["playlist_id"],
        "version": row["version"],
        "row_count": rows,
        "identified_count": identified,
        "identified_share": identified / rows if rows else 0,
        "duration_seconds": row["duration_seconds"],
        "series": series,
        "as_of": as_of.isoformat(),
    }


def record(row: asyncpg.Record) -> dict[str, Any]:
    """Return a row of gold_playlist_analytics as a record of gold.playlists."""
    playlist_id = row["playlist_id"]
    content = {
        **{name: row[name] for name in PUBLISHED},
        **{name: row[name] or [] for name in CURVES},
        "source": row["source"],
        **{name: _number(row[name]) for name in ("bpm_min", "bpm_max", "bpm_mean")},
        "key_relations": json.loads(row["key_relations"]),
        "genre_mix": json.loads(row["genre_mix"]),
        "harmonic_flow_parts": json.loads(row["harmonic_flow_parts"]),
        "gone": False,
    }
    return {
        **content,
        "event_id": ids.event_id("playlist analytics", playlist_id, ids.content_hash(content)),
        "observed_at": row["last_observed_at"],
        "origin": {"kind": "record", "id": playlist_id, "parser_version": None},
        "pipeline_version": __version__,
    }


async def altered(connection: asyncpg.Connection, tracks: Sequence[str]) -> list[asyncpg.Record]:
    """Those of the tracks that look otherwise than when their sets were analysed last, and how."""
    rows: list[asyncpg.Record] = await connection.fetch(query("refresh_playlists", "altered"), tracks)
    return rows


async def queue_altered(
    connection: asyncpg.Connection, looks: Sequence[asyncpg.Record], analysed: Iterable[str]
) -> None:
    """Queue the analytics of sets with altered tracks, in the open transaction, and note how these look.

    `analysed`: sets that were analysed since the looks were read.
    """
    if looks:
        columns = [[row[name] for row in looks] for name in ("id", "looks")]
        await connection.execute(query("refresh_playlists", "queue_with_tracks"), columns[0], list(analysed))
        await connection.execute(query("refresh_playlists", "noted"), *columns)


async def with_tracks(connection: asyncpg.Connection, tracks: Sequence[str]) -> set[str]:
    """Return the sets that have any of these tracks."""
    if not tracks:
        return set()
    rows = await connection.fetch(query("refresh_playlists", "with_tracks"), tracks)
    return {row["playlist_id"] for row in rows}


async def note_all(connection: asyncpg.Connection) -> None:
    """All sets are about to be analysed with all tracks as they look now."""
    await connection.execute(query("refresh_playlists", "forget"))
    await connection.execute(query("refresh_playlists", "note_all"))


async def renew(
    connection: asyncpg.Connection, publisher: Publisher, playlists: Sequence[str], as_of: date
) -> int:
    """Recompute these sets in the open transaction; return the number of sets whose analytics changed."""
    if not playlists:
        return 0
    chosen = sorted(playlists)
    for first in range(0, len(chosen), SETS_PER_STATEMENT):
        some = chosen[first : first + SETS_PER_STATEMENT]
        await connection.execute(query("refresh_playlists", "transitions"), some)
    sets = await connection.fetch(query("refresh_playlists", "moments"), chosen)
    documents = json.dumps([table_row(row, as_of) for row in sets])
    changed = await connection.fetch(query("refresh_playlists", "analyse"), documents)
    keys = [row["playlist_id"] for row in changed]
    published = await connection.fetch(query("refresh_playlists", "published"), keys)
    await publisher.store(connection, TOPIC, {row["playlist_id"]: record(row) for row in published})
    return len(keys)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
