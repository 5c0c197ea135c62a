"""The artist network, kept incrementally: changed sets, then artists, then pairs, some of each per turn.

The work of a set is proportional to its credits, to the partners of its artists, and to the pairs of artists
on one track: a track with more than MAX_TRACK_ARTISTS artists makes no pairs and counts in none.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import asyncpg

from sinks.database import query

MAX_TRACK_ARTISTS = 50
#: Per turn and transaction.
SETS, ROWS = 200, 5_000
ARTISTS = 200
PAIRS = 1_000
#: Rest of the pairs after the last one, in the process that follows the sinks. A pair costs the sets of its
#: artists and is due with each set that has both: under a flow it is computed once in this time.
PAIRS_REST_S = 15.0

_FILE = "refresh_network"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Entries left to compute."""

    sets: int
    artists: int
    pairs: int

    @property
    def total(self) -> int:
        """Return all entries left."""
        return self.sets + self.artists + self.pairs

    def due(self, *, without_pairs: bool) -> int:
        """Return the entries left that may be computed."""
        return self.total - self.pairs if without_pairs else self.total


async def waiting(connection: asyncpg.Connection) -> Waiting:
    """Return what is left to compute."""
    row = await connection.fetchrow(query(_FILE, "waiting"))
    return Waiting(sets=row["sets"], artists=row["artists"], pairs=row["pairs"])


async def queue(
    connection: asyncpg.Connection, *, sets: Sequence[str], tracks: Sequence[str], artists: Sequence[str]
) -> None:
    """Queue what depends on changed sets, tracks (genres) and artists (names), in the open transaction."""
    await connection.execute(query(_FILE, "sets_due"), list(sets))
    await connection.execute(query(_FILE, "tracks_changed"), list(tracks))
    if artists:
        await _stage(connection)
        await connection.execute(query(_FILE, "find_names"), sorted(set(artists)))
        await connection.execute(query(_FILE, "pairs_of_artists"))


async def reset(connection: asyncpg.Connection) -> None:
    """Queue everything as if nothing had been computed; rows of the table stay until theirs are."""
    await connection.execute(query(_FILE, "forget"))
    await connection.execute(query(_FILE, "all_pairs_due"))
    await connection.execute(query(_FILE, "all_sets_due"))


async def take_sets(connection: asyncpg.Connection) -> int:
    """Take some changed sets in the open transaction; return how many."""
    rows = await connection.fetch(query(_FILE, "some_sets"), SETS, ROWS)
    sets = [row["playlist_id"] for row in rows]
    if not sets:
        return 0
    await _stage(connection)
    await connection.execute(query(_FILE, "find_changes"), sets)
    await connection.execute(query(_FILE, "find_tracks"))
    await connection.execute(query(_FILE, "pairs_of_tracks"), MAX_TRACK_ARTISTS)
    for statement in ("count_tracks_down", "count_tracks", "count_tracks_less"):
        await connection.execute(query(_FILE, statement))
    await connection.execute(query(_FILE, "pairs_of_tracks"), MAX_TRACK_ARTISTS)
    for statement in ("artists_of_tracks", "drop_credits", "add_credits"):
        await connection.execute(query(_FILE, statement))
    await connection.execute(query(_FILE, "sets_before"), sets)
    for statement in ("pairs_of_sets", "drop_sets", "add_sets", "pairs_of_sets"):
        await connection.execute(query(_FILE, statement))
    await connection.execute(query(_FILE, "sets_done"), sets)
    return len(sets)


async def take_artists(connection: asyncpg.Connection) -> int:
    """Count the genres of some artists in the open transaction; return how many."""
    rows = await connection.fetch(query(_FILE, "some_artists"), ARTISTS)
    artists = [row["artist_id"] for row in rows]
    if artists:
        await _stage(connection)
        await connection.execute(query(_FILE, "count_genres"), artists)
        await connection.execute(query(_FILE, "pairs_of_artists"))
        await connection.execute(query(_FILE, "artists_done"), artists)
    return len(artists)


async def take_pairs(connection: asyncpg.Connection) -> int:
    """Compute some pairs in the open transaction; return how many."""
    rows = await connection.fetch(query(_FILE, "some_pairs"), PAIRS)
    ends = [row["a"] for row in rows], [row["b"] for row in rows]
    if rows:
        counted = [row for row in rows if row["sets"]]
        await connection.execute(
            query(_FILE, "pairs_count"),
            *([row["a"] for row in counted], [row["b"] for row in counted], MAX_TRACK_ARTISTS),
        )
        await connection.execute(query(_FILE, "pairs_name"), *ends)
        await connection.execute(query(_FILE, "pairs_done"), *ends)
    return len(rows)


async def _stage(connection: asyncpg.Connection) -> None:
    await connection.execute(query(_FILE, "changes_stage"))


class PairsRest:
    """Time during which pairs wait: it begins when none is left."""

    def __init__(self, rest_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rest_s = rest_s
        self._now = now
        self._until = float("-inf")

    @property
    def is_on(self) -> bool:
        """Return True while pairs wait."""
        return self._now() < self._until

    def begin(self) -> None:
        """Let pairs wait from now on."""
        self._until = self._now() + self._rest_s


#: Name of the step, as `songnodes status` shows it.
STEP = "network"
#: Parts in their order, with the most entries that one transaction takes.
STEPS = ((take_sets, SETS), (take_artists, ARTISTS), (take_pairs, PAIRS))
