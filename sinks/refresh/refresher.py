"""What needs joins over many rows: computed from the tables alone, so the same rows give the same result.

Two ways lead there. `some` takes the queue of changed ids and computes what depends on them. `whole` computes
what depends on all rows (kappa, every score, ranks, the network) for one day, `as_of`. After both, with an
empty queue, the tables are what `everything` makes of them from nothing.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import asyncpg

from sinks.queries import query
from sinks.refresh import matches, playlists
from sinks.refresh.playlists import Publisher

#: Ids taken from the queue at once: one transaction of a second or less.
AT_ONCE = 2000
#: Sets or tracks per transaction when everything is computed.
CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The day that scores are of; `pinned` by hand, so that midnight does not move it."""

    as_of: date
    pinned: bool
    whole_seconds: float | None


class Refresher:
    """Owns the columns under "refresh" in the tables, and no others."""

    def __init__(self, connection: asyncpg.Connection, publisher: Publisher) -> None:
        self._connection = connection
        self._publisher = publisher

    async def state(self) -> State | None:
        """None before the first tick."""
        row = await self._connection.fetchrow(query("refresh", "state"))
        if row is None:
            return None
        return State(as_of=row["as_of"], pinned=row["pinned"], whole_seconds=row["whole_seconds"])

    async def tick(self, as_of: date, *, pinned: bool) -> None:
        """Store the day that scores are of. `whole` must follow."""
        await self._connection.execute(query("refresh", "tick"), as_of, pinned)

    async def some(self, as_of: date) -> int:
        """Take from the queue and compute what it touches; returns how many entries were taken.

        The entries are read first, then the rows: what changes meanwhile is queued again. They are deleted
        with the last step; a crash before repeats steps that change nothing then. Each step is a transaction
        that locks rows of one table in their order, as sinks do: else both come to wait for each other.
        """
        waiting = await self._connection.fetch(query("refresh", "waiting"), AT_ONCE)
        ids: dict[str, set[str]] = {"track": set(), "artist": set(), "playlist": set()}
        for entry in waiting:
            ids[entry["kind"]].add(entry["id"])
        tracks, artists, sets = sorted(ids["track"]), sorted(ids["artist"]), ids["playlist"]
        altered: Sequence[asyncpg.Record] = ()
        if tracks:
            await self._step("refresh", "score_tracks", as_of, tracks)
            async with self._connection.transaction():
                await self._alone()
                await matches.renew(self._connection, tracks)
            altered = await playlists.altered(self._connection, tracks)
            sets |= await playlists.with_tracks(self._connection, [row["id"] for row in altered])
        if artists:
            await self._step("refresh", "score_artists", as_of, artists)
        if waiting:
            async with self._connection.transaction():
                await self._alone()
                await playlists.renew(self._connection, self._publisher, sorted(sets), as_of)
                await playlists.note(self._connection, altered)
                await self._connection.execute(query("refresh", "done"), [entry["seq"] for entry in waiting])
        return len(waiting)

    async def whole(self, as_of: date) -> None:
        """Compute what depends on all rows. Each step is a transaction: rows are locked for a short time."""
        began = time.monotonic()
        async with self._connection.transaction():
            await self._alone()
            await self._connection.execute(query("refresh", "clear_kappa"))
            await self._connection.execute(query("refresh", "kappa"), as_of)
        for step in ("score_tracks", "score_artists"):
            await self._step("refresh", step, as_of, None)
        for step in ("rank_tracks", "rank_artists", "artist_genres", "network"):
            await self._step("refresh", step)
        await self._step("refresh_playlists", "dated", as_of)
        await self._connection.execute(query("refresh", "finished"), time.monotonic() - began)

    async def everything(self, as_of: date) -> None:
        """Compute all of it from nothing, whatever the queue says."""
        async with self._connection.transaction():
            await self._alone()
            await self._connection.execute(query("refresh", "forget"))
            # First of all: what changes from here on is queued, and looks otherwise than noted.
            await playlists.note_all(self._connection)
        for chunk in _chunks(await self._ids("refresh_matches")):
            async with self._connection.transaction():
                await self._alone()
                await matches.make(self._connection, chunk)
        for chunk in _chunks(await self._ids("refresh_playlists")):
            async with self._connection.transaction():
                await self._alone()
                await playlists.renew(self._connection, self._publisher, chunk, as_of)
        await self.whole(as_of)

    async def _step(self, file: str, name: str, *arguments: object) -> None:
        async with self._connection.transaction():
            await self._alone()
            await self._connection.execute(query(file, name), *arguments)

    async def _ids(self, file: str) -> list[str]:
        return [row[0] for row in await self._connection.fetch(query(file, "all"))]

    async def _alone(self) -> None:
        """Two refreshers (the loop and a command) take turns."""
        await self._connection.execute(query("refresh", "exclusive"))


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
