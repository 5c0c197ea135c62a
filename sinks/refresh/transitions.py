"""Transitions: which tracks follow each other and which are played together, kept incrementally.

A changed set costs its own pairs, as they were and as they are (docs/gold.md). A pair is counted again from
all its sets, which are looked up by the pair.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg

from sinks.database import query
from sinks.refresh.publisher import Publisher
from songnodes import __version__
from songnodes.domain import ids

#: A moment with more tracks makes no pairs: it is a list without times, and its pairs grow with the square.
MAX_TOGETHER = 8
#: Sets of a pair that is published. Most pairs are of one set, which is in silver.playlists.
MIN_SETS = 2
TOPIC = "gold.transitions"
SOURCE = "refresh"

_FILE = "refresh_transitions"


async def renew(connection: asyncpg.Connection, publisher: Publisher, playlists: Sequence[str]) -> None:
    """Take these sets in the open transaction, count the pairs that they have or had, and publish them."""
    await _stage(connection)
    await connection.execute(query(_FILE, "take_sets"), sorted(playlists), MAX_TOGETHER)
    await _count(connection, publisher)


async def drop_stale(connection: asyncpg.Connection, publisher: Publisher) -> None:
    """Delete evidence of sets that are not stored, and counts without evidence, in the open transaction."""
    await _stage(connection)
    await connection.execute(query(_FILE, "drop_stale"))
    await _count(connection, publisher)


async def _stage(connection: asyncpg.Connection) -> None:
    for statement in ("changes_stage", "places_stage"):
        await connection.execute(query(_FILE, statement))


async def _count(connection: asyncpg.Connection, publisher: Publisher) -> None:
    await connection.execute(query(_FILE, "mark_repeated"))
    rows = await connection.fetch(query(_FILE, "count_pairs"), MIN_SETS)
    records = [record(row) for row in rows]
    await publisher.store(connection, TOPIC, {value["pair"]: value for value in records})


def record(row: asyncpg.Record) -> dict[str, Any]:
    """Return a row of `count_pairs` as a record of gold.transitions."""
    pair = "|".join((row["from_track_id"], row["to_track_id"], row["kind"]))
    content = {name: value for name, value in row.items() if name not in ("version", "observed_at")}
    return {
        **content,
        "pair": pair,
        "version": row["version"],
        "event_id": ids.event_id("transition", pair, ids.content_hash(content)),
        "source": SOURCE,
        "observed_at": row["observed_at"],
        "origin": {"kind": "record", "id": pair, "parser_version": None},
        "pipeline_version": __version__,
    }
