"""Scores and ranks of all tracks, some thousand per transaction.

A statement over a million tracks would pass its time limit on a busy machine, and hold their rows against the
sinks until its end. Where there are fewer tracks than CHUNK, all are in one transaction.
"""

from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg

from sinks.database import query

#: Tracks per transaction.
CHUNK = 5_000

_FILE = "refresh"
Begin = Callable[[], Awaitable[None]]


async def score(connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
    """Score all tracks. `begin` is called first in each transaction."""
    last = ""
    while rows := await connection.fetch(query(_FILE, "next_tracks"), last, CHUNK):
        ids = [row["track_id"] for row in rows]
        async with connection.transaction():
            await begin()
            await connection.execute(query(_FILE, "score_tracks"), as_of, ids)
        last = ids[-1]


async def rank(connection: asyncpg.Connection, begin: Begin) -> None:
    """Rank all tracks: ranks that are others now are found at once, and stored in the order of the ids."""
    await connection.execute(query(_FILE, "drop_ranks"))
    try:
        async with connection.transaction():
            await begin()
            await connection.execute(query(_FILE, "find_ranks"))
        total = await connection.fetchval(query(_FILE, "count_ranks"))
        for first in range(0, total, CHUNK):
            async with connection.transaction():
                await begin()
                await connection.execute(query(_FILE, "store_ranks"), first, first + CHUNK)
    finally:
        if not connection.is_closed():
            await connection.execute(query(_FILE, "drop_ranks"))
