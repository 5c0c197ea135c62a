"""Transitions: which tracks follow each other and which are played together, kept incrementally.

A changed set costs its own pairs, as they were and as they are (docs/gold.md). A pair is counted again from
all its sets, which are looked up by the pair.
"""

from collections.abc import Sequence

import asyncpg

from sinks.database import query

#: A moment with more tracks makes no pairs: it is a list without times, and its pairs grow with the square.
MAX_TOGETHER = 8

_FILE = "refresh_transitions"


async def renew(connection: asyncpg.Connection, playlists: Sequence[str]) -> None:
    """Take these sets in the open transaction, and count the pairs that they have or had."""
    await connection.execute(query(_FILE, "changes_stage"))
    await connection.execute(query(_FILE, "take_sets"), sorted(playlists), MAX_TOGETHER)
    await connection.execute(query(_FILE, "count_pairs"))


async def drop_stale(connection: asyncpg.Connection) -> None:
    """Delete evidence of sets that are not stored, and counts without evidence, in the open transaction."""
    await connection.execute(query(_FILE, "changes_stage"))
    await connection.execute(query(_FILE, "drop_stale"))
    await connection.execute(query(_FILE, "count_pairs"))
