"""Supporters of tracks: the first play of each track by each DJ, and their summary per track.

A changed set costs its rows. A first play that a set lost costs the plays of that track, read once per call.
"""

from collections.abc import Sequence

import asyncpg

from sinks.database import query

_FILE = "refresh_supports"


async def renew(connection: asyncpg.Connection, playlists: Sequence[str]) -> list[str]:
    """Take in changed sets in the open transaction; return tracks that became, or were, exclusive."""
    if not playlists:
        return []
    chosen = sorted(playlists)
    lost = await connection.fetch(query(_FILE, "drop_lost"), chosen)
    if lost:
        await connection.execute(
            query(_FILE, "find_first"), [row["dj_id"] for row in lost], [row["track_id"] for row in lost]
        )
    added = await connection.fetch(query(_FILE, "add_plays"), chosen)
    tracks = sorted({row["track_id"] for row in (*lost, *added)})
    if not tracks:
        return []
    exclusive_before = await _exclusive(connection, tracks)
    await connection.execute(query(_FILE, "summarise"), tracks)
    if lost:
        await connection.execute(query(_FILE, "drop_empty"), tracks)
    return sorted(exclusive_before ^ await _exclusive(connection, tracks))


async def add(connection: asyncpg.Connection, playlists: Sequence[str]) -> None:
    """Take in sets after `reset`, in the open transaction, without the summaries of their tracks.

    A track is in many sets: `summarise` computes each once, when all sets are taken in.
    """
    await connection.execute(query(_FILE, "add_plays"), list(playlists))


async def summarise(connection: asyncpg.Connection, tracks: Sequence[str]) -> None:
    """Write the summaries of tracks in the open transaction."""
    await connection.execute(query(_FILE, "summarise"), list(tracks))


async def all_tracks(connection: asyncpg.Connection) -> list[str]:
    """Return the tracks that have a first play."""
    return [row["track_id"] for row in await connection.fetch(query(_FILE, "all"))]


async def reset(connection: asyncpg.Connection) -> None:
    """Forget all supporters: `add` of all sets and `summarise` of all tracks compute them from scratch."""
    await connection.execute(query(_FILE, "forget"))


async def _exclusive(connection: asyncpg.Connection, tracks: Sequence[str]) -> set[str]:
    """Return those of the tracks that one DJ alone played, by their summaries."""
    rows = await connection.fetch(query(_FILE, "exclusive"), tracks)
    return {row["track_id"] for row in rows}
