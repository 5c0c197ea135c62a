"""Values that need joins over many rows: computed from the tables alone, so the same rows give the same.

`some` takes the queue of changed ids and computes what depends on them, and some of what is due in the artist
network. `whole` computes what depends on all rows (kappa, every score, ranks) for one day, `as_of`. With
empty queues after both, the tables are what `everything` makes of them from nothing. Each step runs for
itself: one that fails keeps no other from running, and an entity that fails twice is set aside.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import asyncpg

from sinks.database import query
from sinks.refresh import (
    cuts,
    history,
    labels,
    matches,
    network,
    page_counts,
    playlists,
    profiles,
    ranks,
    search,
    supports,
    transitions,
)
from sinks.refresh.entities import Entities
from sinks.refresh.publisher import Publisher
from sinks.refresh.rebuild import Rebuild
from sinks.refresh.steps import Steps

#: Entities taken from the queue at once: one transaction of a second or less.
BATCH_SIZE = 2000
#: Of those that depend on changed ones: a set or a list of matches takes some ms.
DEPENDENTS = 500
#: Time limit of a statement over some ids; one over all rows has the connection's.
SOME_TIMEOUT = "60s"
#: Steps of a turn, as `songnodes status` names them.
QUEUE, PROFILES, LABELS, CUTS = "queue", "artist_profiles", "labels", "cuts"
#: Kinds of entries of the queue. The last two depend on a changed track: a set, and a track.
KINDS = ("track", "artist", "playlist", "analytics", "matches")
#: Steps over all rows that follow from scores and ranks, in this order.
AFTER_SCORES: tuple[tuple[str, Callable[[asyncpg.Connection, date], Awaitable[object]]], ...] = (
    ("label_ranks", labels.rank),
    ("year_ranks", history.rank_year),
    ("rank_history", history.record),
)

Take = Callable[[asyncpg.Connection], Awaitable[int]]
#: Steps over what changed sets queued, once per pass over all rows: how to take some, how much is left.
DUE: tuple[tuple[str, Take, Take], ...] = (
    (LABELS, labels.take, labels.waiting),
    (CUTS, cuts.take, cuts.waiting),
)
Work = Callable[[Sequence[str]], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The day that scores are of; `pinned` by hand, so that midnight does not move it."""

    as_of: date
    pinned: bool
    whole_seconds: float | None


class Refresher:
    """Owns tables of scores, ranks and the like, the columns under "refresh" in others, and no more."""

    def __init__(
        self, connection: asyncpg.Connection, publisher: Publisher, *, pairs_rest_s: float = 0.0
    ) -> None:
        self._connection = connection
        self._publisher = publisher
        self._runner = Steps(connection)
        self._entities = Entities(connection)
        self._rests = page_counts.Rests()
        self._pairs_rest = network.PairsRest(pairs_rest_s)
        self._careful: bool | None = None  # None: not known yet whether the process before ended in a turn

    async def state(self) -> State | None:
        """None before the first tick."""
        row = await self._connection.fetchrow(query("refresh", "state"))
        if row is None:
            return None
        return State(as_of=row["as_of"], pinned=row["pinned"], whole_seconds=row["whole_seconds"])

    async def tick(self, as_of: date, *, pinned: bool) -> None:
        """Store the day that scores are of. `whole` must follow."""
        await self._connection.execute(query("refresh", "tick"), as_of, pinned)

    async def newest(self) -> int:
        """Return the number of the newest entry in the queue, 0 if there is none."""
        return int(await self._connection.fetchval(query("refresh", "newest")))

    async def some(self, as_of: date) -> int:
        """Take from the queue and compute what it touches; return entities taken, and those left.

        The entries are read first, then the rows: what changes meanwhile is queued again. They are deleted
        with the last step; a crash before repeats steps that change nothing then. Each step is a transaction
        that locks rows of one table in their order, as sinks do: otherwise both come to wait for each other.
        """
        await self._publisher.send(self._connection)
        if self._careful is None:
            self._careful = await self._runner.unfinished(QUEUE) is not None
        waiting = await self._connection.fetch(query("refresh", "waiting"), BATCH_SIZE, DEPENDENTS)
        if not waiting:
            self._careful = False
            return await self._network()
        if self._careful:
            await self._one_by_one(waiting, as_of)
        else:
            await self._runner.run(QUEUE, partial(self._take, waiting, as_of))
        left = int(await self._connection.fetchval(query("refresh", "left")))
        await self._runner.progress(QUEUE, done=len(waiting), waiting=left)
        return len(waiting) + left + await self._network()

    async def _one_by_one(self, waiting: Sequence[asyncpg.Record], as_of: date) -> None:
        """Take entries that the process before may have ended with: each is noted before it is computed."""
        await self._runner.begin(QUEUE)
        for entry in waiting:
            if await self._entities.begin(entry["kind"], entry["id"]):
                failed = await self._take([entry], as_of)
                await self._entities.end(entry["kind"], entry["id"], failed=failed)
            else:
                await self._connection.execute(query("refresh", "done"), entry["seqs"])
        self._careful = False
        await self._runner.end(QUEUE)

    async def _take(self, waiting: Sequence[asyncpg.Record], as_of: date) -> bool:
        """Compute what some entries touch; return True if some of them are to be tried again."""
        ids: dict[str, set[str]] = {kind: set() for kind in KINDS}
        for entry in waiting:
            ids[entry["kind"]].add(entry["id"])
        tracks, artists, changed_sets, matched = (
            sorted(ids[kind]) for kind in ("track", "artist", "playlist", "matches")
        )
        sets = ids["playlist"] | ids["analytics"]
        altered: Sequence[asyncpg.Record] = ()
        again: set[tuple[str, str]] = set()

        async def each(kind: str, chosen: Sequence[str], work: Work) -> None:
            again.update((kind, entity) for entity in await self._entities.run(kind, chosen, work))

        if tracks:
            await each("track", tracks, partial(self._scored, "score_tracks", as_of))
            await each("track", tracks, self._matched)
            await each("track", tracks, partial(self._indexed, "track"))
            await each("track", tracks, self._labelled)
            altered = await playlists.altered(self._connection, tracks)
        await each("track", matched, self._matched_again)
        if artists:
            await each("artist", artists, partial(self._scored, "score_artists", as_of))
            await each("artist", artists, partial(self._indexed, "artist"))
        await each("playlist", changed_sets, partial(self._indexed, "set"))
        await each("playlist", sorted(sets), partial(self._analysed, as_of))
        await each("playlist", changed_sets, self._paired)
        await self._entities.end_pass(
            {"track": ids["track"] | ids["matches"], "artist": artists, "playlist": sets}
        )
        async with self._connection.transaction():
            await self._begin_some()
            await network.queue(self._connection, sets=changed_sets, tracks=tracks, artists=artists)
            await playlists.queue_altered(self._connection, altered, sets)
            done = [seq for entry in waiting for seq in entry["seqs"]]
            await self._connection.execute(query("refresh", "done"), done)
            for kind in ("track", "artist", "playlist"):
                failed = sorted(name for failed_kind, name in again if failed_kind == kind)
                await self._connection.execute(query("refresh", "again"), kind, failed)
        return bool(again)

    async def _scored(self, step: str, as_of: date, ids: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            await self._connection.execute(query("refresh", step), as_of, list(ids))

    async def _matched(self, tracks: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            await matches.renew(self._connection, tracks)

    async def _matched_again(self, tracks: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            await matches.make(self._connection, tracks)

    async def _indexed(self, kind: str, ids: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            await search.renew(self._connection, kind, ids)

    async def _labelled(self, tracks: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            moved = await labels.renew_tracks(self._connection, tracks)
            await labels.queue_sets(
                self._connection, sorted(await playlists.with_tracks(self._connection, moved))
            )

    async def _analysed(self, as_of: date, sets: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            await playlists.renew(self._connection, self._publisher, sets, as_of)
            await profiles.queue_sets(self._connection, sets)
        await self._publisher.send(self._connection)

    async def _paired(self, sets: Sequence[str]) -> None:
        async with self._connection.transaction():
            await self._begin_some()
            tracks = await supports.renew(self._connection, sets)
            await profiles.queue_djs(self._connection, tracks)
            await transitions.renew(self._connection, self._publisher, sets)
            await labels.queue_sets(self._connection, sets)
            await cuts.queue_sets(self._connection, sets)
        await self._publisher.send(self._connection)

    async def _network(self) -> int:
        """Compute some of what is due in the artist network; return how much is left, 0 after a failure."""
        rests = self._pairs_rest.is_on
        left = await network.waiting(self._connection)
        if left.due(without_pairs=rests):
            taken = 0

            async def work() -> None:
                nonlocal taken
                # A pair is computed once its sets and artists are, so that sets taken later do not repeat it.
                for take, most in network.STEPS[:-1] if rests else network.STEPS:
                    async with self._connection.transaction():
                        await self._begin_some()
                        count = await take(self._connection)
                    taken += count
                    if count >= most:
                        break

            if not await self._runner.run(network.STEP, work):
                return 0
            left = await network.waiting(self._connection)
            await self._runner.progress(network.STEP, done=taken, waiting=left.total)
            if not (rests or left.pairs):
                self._pairs_rest.begin()
        return left.due(without_pairs=rests)

    async def whole(self, as_of: date) -> None:
        """Compute what depends on all rows. Each step is a transaction or some: rows are locked shortly."""
        began = time.monotonic()
        for step, compute in ranks.STEPS:
            await self._runner.run(step, partial(compute, self._connection, self._exclusive, as_of))
        for step, take, waiting in DUE:
            await self._runner.run(step, partial(self._due, step, take, waiting))
        for step, work in AFTER_SCORES:
            await self._runner.run(step, partial(self._after_scores, work, as_of))
        await self._runner.run(PROFILES, self._profiles)
        await self._page_counts()
        await self._connection.execute(query("refresh", "finished"), time.monotonic() - began)

    async def _page_counts(self) -> None:
        """Count what pages show of whole tables, each step unless it rests."""
        for step, count in page_counts.STEPS:
            if self._rests.is_due(step):
                began = time.monotonic()
                await self._runner.run(step, partial(self._counted, count))
                self._rests.took(step, time.monotonic() - began)

    async def _counted(self, count: page_counts.Count) -> None:
        async with self._connection.transaction():
            await self._exclusive()
            await count(self._connection)

    async def _profiles(self) -> None:
        """Compute the artists that are due, once the network has all sets."""
        done = 0
        while not (await network.waiting(self._connection)).sets:
            async with self._connection.transaction():
                await self._begin_some()
                taken = await profiles.take(self._connection)
            done += taken
            if not taken:
                break
        await self._runner.progress(PROFILES, done=done, waiting=await profiles.waiting(self._connection))

    async def _due(self, step: str, take: Take, waiting: Take) -> None:
        """Compute all entries that are due."""
        done, taken = 0, 1
        while taken:
            async with self._connection.transaction():
                await self._begin_some()
                taken = await take(self._connection)
            done += taken
        await self._runner.progress(step, done=done, waiting=await waiting(self._connection))

    async def everything(self, as_of: date) -> None:
        """Recompute everything, independently of the queue. Raises the errors of sets and tracks."""
        async with self._connection.transaction():
            await self._exclusive()
            await self._connection.execute(query("refresh", "align_tracks"))
        await Rebuild(self._connection, self._publisher, self._runner, self._exclusive).run(as_of)
        self._rests = page_counts.Rests()
        await self.whole(as_of)

    async def _after_scores(
        self, work: Callable[[asyncpg.Connection, date], Awaitable[object]], as_of: date
    ) -> None:
        async with self._connection.transaction():
            await self._exclusive()
            await work(self._connection, as_of)

    async def _begin_some(self) -> None:
        await self._connection.execute(query("refresh", "begin_some"), SOME_TIMEOUT)

    async def _exclusive(self) -> None:
        """Two refreshers (the loop and a command) take turns."""
        await self._connection.execute(query("refresh", "exclusive"))
