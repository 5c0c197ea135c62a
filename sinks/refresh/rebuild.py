"""Everything computed again, independently of the queue (`songnodes refresh`)."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import islice

import asyncpg

from sinks.database import query
from sinks.refresh import (
    cuts,
    history,
    labels,
    matches,
    network,
    playlists,
    profiles,
    search,
    supports,
    transitions,
)
from sinks.refresh.publisher import Publisher
from sinks.refresh.steps import Steps

#: Sets or tracks per transaction.
CHUNK = 1000

Work = Callable[[Sequence[str]], Awaitable[object]]


class Rebuild:
    """Computes all rows of refresh but scores and ranks. `exclusive` is called first in each transaction."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        publisher: Publisher,
        runner: Steps,
        exclusive: Callable[[], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._publisher = publisher
        self._runner = runner
        self._exclusive = exclusive

    async def run(self, as_of: date) -> None:
        """Compute everything. Raises the errors of sets and tracks."""
        async with self._connection.transaction():
            await self._exclusive()
            await self._connection.execute(query("refresh", "forget"))
            await network.reset(self._connection)
            await supports.reset(self._connection)
            await profiles.reset(self._connection)
            await labels.reset(self._connection)
            await cuts.reset(self._connection)
            await history.mark_rebuilt(self._connection)
            # First of all: what changes from here on is queued, and looks otherwise than noted.
            await playlists.note_all(self._connection)
            await transitions.drop_stale(self._connection, self._publisher)
        await self._publisher.send(self._connection)

        async def sets(chunk: Sequence[str]) -> None:
            await supports.add(self._connection, chunk)
            await playlists.renew(self._connection, self._publisher, chunk, as_of)
            await transitions.renew(self._connection, self._publisher, chunk)
            await profiles.queue_sets(self._connection, chunk)
            await labels.queue_sets(self._connection, chunk)
            await cuts.queue_sets(self._connection, chunk)

        await self._each(await self._ids("refresh_matches"), partial(matches.make, self._connection))
        tracks = await labels.all_tracks(self._connection)
        await self._each(tracks, partial(labels.renew_tracks, self._connection))
        await self._each(await self._ids("refresh_playlists"), sets)
        supported = await supports.all_tracks(self._connection)
        await self._each(supported, partial(supports.summarise, self._connection))
        await self._index()
        await self._network()

    async def _each(self, ids: Sequence[str], work: Work) -> None:
        """Run the work over all ids, some per transaction; send the records of each."""
        for chunk in _chunks(ids):
            async with self._connection.transaction():
                await self._exclusive()
                await work(chunk)
            await self._publisher.send(self._connection)

    async def _index(self) -> None:
        for kind in search.KINDS:
            ids = await search.all_ids(self._connection, kind)
            await self._each(ids, partial(search.renew, self._connection, kind))
        async with self._connection.transaction():
            await self._exclusive()
            await search.delete_unused(self._connection)

    async def _network(self) -> None:
        """Compute all that is due in the artist network, and store how much that was."""
        await self._runner.begin(network.STEP)
        done = 0
        # In this order: a pair that is computed before the sets it is in would be deleted for a while.
        for take, _ in network.STEPS:
            taken = 1
            while taken:
                async with self._connection.transaction():
                    await self._exclusive()
                    taken = await take(self._connection)
                done += taken
        left = await network.waiting(self._connection)
        await self._runner.progress(network.STEP, done=done, waiting=left.total)
        await self._runner.end(network.STEP)

    async def _ids(self, file: str) -> list[str]:
        return [row[0] for row in await self._connection.fetch(query(file, "all"))]


def _chunks(ids: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
