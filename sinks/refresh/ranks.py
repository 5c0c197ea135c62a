"""Scores and ranks of all rows. Those of tracks are computed some thousand per transaction.

A statement over a million tracks would pass its time limit on a busy machine, and hold their rows against the
sinks until its end. Where there are fewer tracks than CHUNK, all are in one transaction.
"""

from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial
from typing import Final

import asyncpg

from sinks.database import query

#: Tracks per transaction.
CHUNK = 5_000

_FILE = "refresh"
Begin = Callable[[], Awaitable[None]]
Step = Callable[[asyncpg.Connection, Begin, date], Awaitable[object]]


async def score_tracks(connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
    """Score all tracks whose score may be another. `begin` is called first in each transaction."""
    last = ""
    while rows := await connection.fetch(query(_FILE, "next_tracks"), last, CHUNK, as_of):
        ids = [row["track_id"] for row in rows]
        async with connection.transaction():
            await begin()
            await connection.execute(query(_FILE, "score_tracks"), as_of, ids)
        last = ids[-1]


async def rank_tracks(connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
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


async def score_artists(connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
    """Score all artists."""
    async with connection.transaction():
        await begin()
        await connection.execute(query(_FILE, "score_artists"), as_of, None)


async def measure_kappa(connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
    """Compute the rates at which a level is one half."""
    async with connection.transaction():
        await begin()
        await connection.execute(query(_FILE, "clear_kappa"))
        await connection.execute(query(_FILE, "kappa"), as_of)


async def date_sets(connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
    """Store the day in the rows of sets."""
    async with connection.transaction():
        await begin()
        await connection.execute(query("refresh_playlists", "dated"), as_of)


async def _execute(name: str, connection: asyncpg.Connection, begin: Begin, as_of: date) -> None:
    async with connection.transaction():
        await begin()
        await connection.execute(query(_FILE, name))


#: Steps in their order, as `songnodes status` names them.
STEPS: Final[tuple[tuple[str, Step], ...]] = (
    ("kappa", measure_kappa),
    ("score_tracks", score_tracks),
    ("score_artists", score_artists),
    ("rank_tracks", rank_tracks),
    ("rank_artists", partial(_execute, "rank_artists")),
    ("artist_genres", partial(_execute, "artist_genres")),
    ("dated", date_sets),
)
