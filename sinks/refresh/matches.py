"""Harmonic matches: the 20 best partners of each track, equal to the first 20 of the view that has them all.

The cost of a track grows with the square root of the number of tracks at most: only those near enough in
tempo for a score above a bound are read.
"""

from collections.abc import Sequence

import asyncpg

from sinks.database import query


async def renew(connection: asyncpg.Connection, tracks: Sequence[str]) -> int:
    """Refresh matches of these tracks and of all tracks they affect; return their number.

    A track affects the 20 best of another only by being one of them, before or now: those are selected by the
    list, and by the score of the 20th.
    """
    changed = await connection.fetch(query("refresh_matches", "changed"), list(tracks))
    if not changed:
        return 0
    rows = await connection.fetch(query("refresh_matches", "concerned"), [row["id"] for row in changed])
    concerned = sorted(row["track_id"] for row in rows)
    await make(connection, concerned)
    return len(concerned)


async def make(connection: asyncpg.Connection, tracks: Sequence[str]) -> None:
    """Compute the matches of these tracks from scratch."""
    await connection.execute(query("refresh_matches", "match"), list(tracks))
