"""Counts of tracks by country, venue, type of set, year and month, for rankings of a part of the plays.

Beside the counts the plays of a track are kept by day, of which any other period is counted. A track is
counted again when a set with it changed, at most once per pass over all rows, from its own plays.
"""

from collections.abc import Sequence

import asyncpg

from sinks.database import query

#: Counts of fewer DJs are not stored: most are of one DJ, and the best of a cut have more.
MIN_DJS = 4
#: Tracks per transaction.
TRACKS = 500

_FILE = "refresh_cuts"


async def queue_sets(connection: asyncpg.Connection, playlists: Sequence[str]) -> None:
    """Queue the tracks of sets, in the open transaction."""
    if playlists:
        await connection.execute(query(_FILE, "queue_sets"), list(playlists))


async def reset(connection: asyncpg.Connection) -> None:
    """Forget all counts: the tracks of sets that are queued then are counted from scratch."""
    await connection.execute(query(_FILE, "forget"))


async def waiting(connection: asyncpg.Connection) -> int:
    """Return the number of tracks left to count."""
    return int(await connection.fetchval(query(_FILE, "waiting")))


async def take(connection: asyncpg.Connection) -> int:
    """Count some queued tracks in the open transaction; return how many. Needs the supporters of all sets."""
    tracks = [row["track_id"] for row in await connection.fetch(query(_FILE, "some"), TRACKS)]
    if tracks:
        await connection.execute(query(_FILE, "number_djs"), tracks)
        await connection.execute(query(_FILE, "store_plays"), tracks, MIN_DJS)
        await connection.execute(query(_FILE, "compute"), tracks, MIN_DJS)
    return len(tracks)
