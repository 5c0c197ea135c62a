"""Artists as producers and as DJs: computed again from their plays when one of their sets or tracks changed.

An artist is computed at most once per pass over all rows, however many sets changed in between, so that the
work is a share of the time of refresh (`loop.py`). The tracks of an artist are those of the artist network.
"""

from collections.abc import Sequence

import asyncpg

from sinks.database import query

_FILE = "refresh_profiles"
#: Artists per transaction.
ARTISTS = 200


async def queue_sets(connection: asyncpg.Connection, playlists: Sequence[str]) -> None:
    """Queue the artists and DJs of analysed sets, in the open transaction."""
    await connection.execute(query(_FILE, "queue_sets"), list(playlists))


async def queue_djs(connection: asyncpg.Connection, tracks: Sequence[str]) -> None:
    """Queue the DJs of tracks that became exclusive or ceased to be so, in the open transaction."""
    if tracks:
        await connection.execute(query(_FILE, "queue_djs"), list(tracks))


async def reset(connection: asyncpg.Connection) -> None:
    """Forget all artists: those of sets that are analysed then are computed from scratch."""
    await connection.execute(query(_FILE, "forget"))


async def waiting(connection: asyncpg.Connection) -> int:
    """Return the number of artists left to compute."""
    return int(await connection.fetchval(query(_FILE, "waiting")))


async def take(connection: asyncpg.Connection) -> int:
    """Compute some queued artists in the open transaction; return how many."""
    artists = [row["artist_id"] for row in await connection.fetch(query(_FILE, "some"), ARTISTS)]
    if artists:
        producers = await connection.fetch(query(_FILE, "producers"), artists)
        djs = await connection.fetch(query(_FILE, "djs"), artists)
        await connection.execute(query(_FILE, "dj_counts"), artists)
        current = ([row["artist_id"] for row in rows] for rows in (producers, djs))
        await connection.execute(query(_FILE, "drop"), artists, *current)
    return len(artists)
