"""Harmonic matches: the 20 best partners of each track, equal to the first 20 of the view that has them all.

The cost of a track grows with the square root of the number of tracks at most: only those near enough in
tempo for a score above a bound are read.
"""

from collections.abc import Sequence

import asyncpg

from sinks.database import query


async def renew(connection: asyncpg.Connection, tracks: Sequence[str]) -> list[str]:
    """Refresh matches of these tracks, and queue the others that they affect, which are returned.

    A track affects the 20 best of another only by being one of them, before or now: those are selected by the
    list, and by the score of the 20th.
    """
    rows = await connection.fetch(query("refresh_matches", "changed"), list(tracks))
    changed = {row["id"] for row in rows}
    if not changed:
        return []
    rows = await connection.fetch(query("refresh_matches", "concerned"), sorted(changed))
    await make(connection, sorted(changed))
    affected = sorted({row["track_id"] for row in rows} - changed)
    await connection.execute(query("refresh_matches", "queue"), affected)
    return affected


async def make(connection: asyncpg.Connection, tracks: Sequence[str]) -> None:
    """Compute the matches of these tracks from scratch."""
    await connection.execute(query("refresh_matches", "match"), list(tracks))
