"""The order of a commit, in a model that is killed at every step in turn.

The stage counts per key and emits only on a change: a lost output is lost permanently, because nothing
repeats it. With the order of `commit.py` no history has a wrong result; with outputs and changelog in one
flush, or with remembered outputs left out of the commit, many do.
"""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from typing import Any, cast

import pytest

from songnodes.settings import Settings
from stream_processors.runtime import EntityState, Record, Stage
from stream_processors.runtime.delivery.changelog import StoreFlush
from stream_processors.runtime.delivery.commit import Commit
from stream_processors.runtime.delivery.producer import DeliveryBatch
from stream_processors.runtime.errors import CommitRefused, LeaseExpired
from stream_processors.runtime.records import FetchedRecord
from stream_processors.runtime.state import store as stores
from stream_processors.runtime.state.record_cache import RecordCache
from stream_processors.runtime.state.store import Change
from stream_processors.runtime.state.transaction import Output
from stream_processors.runtime.testing import DAY_2024, MemoryDatabase

SETTINGS = Settings()
INPUT, OUTPUT = "silver.appearances.v1", "gold.tracks.v1"
CHANGELOG = "songnodes-gold-v1-tracks-changelog"
KEYS = ("x", "y", "z")
#: A part, and what it adds to a count, whose output a test may make impossible to build.
TAINTED_PART, TAINT = b"tainted", 10**6
HISTORIES = 120


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write commits to the database in small parts, so that kills occur between them."""
    monkeypatch.setattr(stores, "WRITE_BATCH_KEYS", 2)


class Killed(BaseException):
    """kill -9"""


class Json:
    def decode(self, logical: str, raw: bytes | None) -> Any:
        return json.loads(raw or b"")

    def encode(self, logical: str, value: Any) -> bytes:
        return json.dumps(value).encode()


class JsonValues:
    def encode(self, key: bytes, value: Any) -> bytes:
        return json.dumps(value).encode()

    def decode(self, key: bytes, raw: bytes) -> Any:
        return json.loads(raw)


@dataclass
class World:
    """The state that outlives a process, and the step at which the next process is killed."""

    inputs: list[FetchedRecord]
    rnd: random.Random
    topics: dict[str, list[tuple[bytes, bytes | None]]] = field(default_factory=lambda: defaultdict(list))
    database: MemoryDatabase = field(default_factory=MemoryDatabase)
    committed: int = 0
    steps: int = 0
    killed_at: int = -1

    def step(self) -> None:
        self.steps += 1
        if self.steps == self.killed_at:
            raise Killed


class SteppingDatabase(MemoryDatabase):
    """A database with a step before and after each write."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def write(self, changes: Any, offset: int | None = None) -> None:
        written: list[Change] = list(changes)
        self._world.step()
        super().write(written, offset)
        self._world.step()


class DelayedProducer:
    """A producer whose records become durable in order per topic, at some time, or never."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waiting: dict[str, list[tuple[bytes, bytes | None, DeliveryBatch]]] = defaultdict(list)
        self._current = DeliveryBatch()

    def produce(self, topic: str, key: Any, value: Any, *, batch: Any = None, **rest: Any) -> None:
        batch = batch or self._current
        batch.pending += 1
        self._waiting[topic].append((key, value, batch))

    def start_new_batch(self) -> list[DeliveryBatch]:
        batch, self._current = self._current, DeliveryBatch()
        return [batch]

    async def wait_until_delivered(self, batches: list[DeliveryBatch]) -> None:
        while any(batch.pending for batch in batches):
            self.deliver_one()
            await Pause()

    async def wait_for_capacity(self) -> None:
        await Pause()

    def deliver_one(self) -> None:
        self._world.step()
        topic = self._world.rnd.choice([name for name, waiting in self._waiting.items() if waiting])
        key, value, batch = self._waiting[topic].pop(0)
        log = self._world.topics[topic]
        batch.last = len(log)
        batch.count += 1
        batch.pending -= 1
        log.append((key, value))


class Pause:
    def __await__(self) -> Any:
        yield


class OldOrder(Commit[str]):
    """Outputs and changelog in one flush: is_wrong."""

    async def run(self) -> dict[str, int]:
        offsets = self._offsets()
        if not offsets:
            return {}
        self._remembered.begin_commit()
        flushes = self._begin_flushes()
        while self._remembered.flush_commit(self._producer):
            await self._producer.wait_for_capacity()
        outputs = self._producer.start_new_batch()
        for flush in flushes:
            await flush.produce(self._producer)
        await self._producer.wait_until_delivered([*outputs, *(flush.batch for flush in flushes)])
        for flush in flushes:
            flush.store.persist(flush.batch.last)
        assert await self._commit_offsets(offsets)
        return offsets


class WithoutFlush(Commit[str]):
    """Remembered outputs wait until no input does: wrong."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._remembered = cast(Any, NothingRemembered())


class NothingRemembered:
    def begin_commit(self) -> None: ...

    def flush_commit(self, producer: Any) -> bool:
        return False


class LaterOutputsOvertake(Commit[str]):
    """Outputs of later records may be produced before those of the commit: wrong."""

    async def run(self) -> dict[str, int]:
        cache = cast(Any, self._remembered)._cache
        cache.take = partial(take_newest_first, cache)
        return await super().run()


def take_newest_first(cache: RecordCache, may_continue: Callable[[], bool]) -> Iterator[Output]:
    if entries := cache._entries or cache._committing:
        output = cache._produce(*entries.popitem(last=False))
        if output is not None:
            yield output


class Process:
    """One run of the worker."""

    def __init__(self, world: World, order: type[Commit[str]]) -> None:
        self.world = world
        self.stage = Stage("gold", SETTINGS, Json())
        table = self.stage.table("tracks", JsonValues())
        state: EntityState[int] = EntityState(
            table,
            lambda: 0,
            lambda acc, part, old, new, entries: acc + (TAINT if part == TAINTED_PART else 1),
        )

        @self.stage.agent("silver.appearances")
        def on_fact(record: Record) -> None:
            part = str(record.value["part"]).encode()
            applied = state.apply(record, record.key, {part: lambda old: "seen"})
            if applied.is_new:
                output = partial(self.build, applied.version, applied.accumulators)
                self.stage.emit("gold.tracks", record.key, output, can_wait=world.rnd.random() < 0.5)

        flush = self.stage.flush
        # other tasks run between any two outputs of a flush
        self.stage.flush = lambda producer, *_: flush(producer, lambda: False)  # type: ignore[method-assign]
        table.assign({0}, lambda partition: world.database)
        self.recover()
        self.next = world.committed
        self.done = self.next
        self.record_producer = cast(Any, DelayedProducer(world))
        self.commit = order(
            self.record_producer,
            self.stage.tables,
            self.stage,
            offsets=lambda: {INPUT: self.done} if self.done != world.committed else {},
            commit_offsets=self.commit_offsets,
            is_member=self.never,
            read_keys=lambda *range: set(),
        )

    def build(self, version: int, count: int) -> dict[str, int]:
        """Return the output of a key."""
        return {"version": version, "count": count}

    def recover(self) -> None:
        """Recover from the changelog, starting at the database's offset."""
        database, log = self.world.database, self.world.topics[CHANGELOG]
        start = 0 if database.offset is None else database.offset + 1
        if start < len(log):
            MemoryDatabase.write(database, log[start:], len(log) - 1)

    async def never(self) -> bool:
        raise AssertionError("there are no foreign records")

    async def commit_offsets(self, offsets: dict[str, int]) -> bool:
        self.world.step()
        self.world.committed = offsets[INPUT]
        self.world.step()
        return True

    def live(self) -> None:
        """Run until everything is committed, with commits and records interleaved at random."""
        world, under_way = self.world, None
        while self.next < len(world.inputs) or world.committed < len(world.inputs) or under_way:
            if self.next < len(world.inputs) and world.rnd.random() < 0.6:
                self.stage.process(world.inputs[self.next], self.record_producer)
                self.next += 1
                self.done = self.next
            if world.rnd.random() < 0.2 and self.stage.has_urgent_outputs:
                self.stage.flush_urgent(self.record_producer)
            under_way = under_way or self.commit.run()
            under_way = advanced(under_way)


def advanced(task: Coroutine[Any, Any, Any]) -> Coroutine[Any, Any, Any] | None:
    """Advance a coroutine by one step; return None when it has ended."""
    try:
        task.send(None)
    except StopIteration:
        return None
    return task


def new_world(seed: int, killed_at: int) -> tuple[World, random.Random]:
    """Return a world with a history, and the probabilities of its events."""
    rnd = random.Random(seed)
    facts = [(rnd.choice(KEYS), rnd.randrange(4)) for _ in range(rnd.randrange(2, 9))]
    world = World(
        inputs=[
            FetchedRecord(
                topic=INPUT, partition=0, offset=n, timestamp=DAY_2024,
                key=key.encode(), value=json.dumps({"part": part}).encode(), headers=(),
            )
            for n, (key, part) in enumerate(facts)
        ],
        rnd=rnd,
        killed_at=killed_at,
    )  # fmt: skip
    world.database = SteppingDatabase(world)
    return world, rnd


def run(seed: int, order: type[Commit[str]], killed_at: int) -> World:
    world, rnd = new_world(seed, killed_at)
    while True:
        try:
            Process(world, order).live()
            return world
        except Killed:
            world.killed_at = world.steps + rnd.randrange(1, 40) if rnd.random() < 0.3 else -1


def is_wrong(world: World) -> bool:
    """Return True if the last output, the state, or the committed offset differs from the expected one."""
    expected: dict[str, tuple[int, int]] = {}
    parts: dict[str, set[str]] = defaultdict(set)
    for record in world.inputs:
        key = (record.key or b"").decode()
        parts[key].add(json.loads(record.value or b"")["part"])
        expected[key] = (record.offset + 1, len(parts[key]))
    last = {(key or b"").decode(): json.loads(value or b"") for key, value in world.topics[OUTPUT]}
    state = {
        key[2:].decode(): json.loads(value)["accumulators"]
        for key, value in world.database.content.items()
        if key.startswith(b"t|")
    }
    return (
        {key: (value["version"], value["count"]) for key, value in last.items()} != expected
        or state != {key: count for key, (_, count) in expected.items()}
        or world.committed != len(world.inputs)
    )


def wrong_histories(order: type[Commit[str]]) -> Iterator[World]:
    """Run each history once undisturbed, and once for a kill at each of its steps; yield wrong results."""
    for seed in range(HISTORIES):
        undisturbed = run(seed, order, -1)
        killed = (run(seed, order, step) for step in range(1, undisturbed.steps + 1))
        yield from filter(is_wrong, chain([undisturbed], killed))


def has_many(histories: Iterator[World]) -> bool:
    """Return True once there are more than 10."""
    return len(list(islice(histories, 11))) == 11


def test_a_kill_at_any_step_loses_nothing() -> None:
    assert not list(wrong_histories(Commit))


def test_outputs_and_changelog_in_one_flush_lose_outputs() -> None:
    assert has_many(wrong_histories(OldOrder))


def test_outputs_that_the_commit_does_not_flush_are_lost() -> None:
    assert has_many(wrong_histories(WithoutFlush))


def test_outputs_that_overtake_those_of_the_commit_end_as_older_ones() -> None:
    assert has_many(wrong_histories(LaterOutputsOvertake))


# single cases


def finished(task: Coroutine[Any, Any, Any]) -> Any:
    try:
        while True:
            task.send(None)
    except StopIteration as stop:
        return stop.value


@pytest.fixture
def process() -> Process:
    world = World(inputs=[], rnd=random.Random(0))
    world.inputs = [
        FetchedRecord(
            topic=INPUT, partition=0, offset=0, timestamp=0, key=b"x", value=b'{"part": 1}', headers=()
        )
    ]
    return Process(world, Commit)


def test_without_new_records_nothing_is_committed(process: Process) -> None:
    assert finished(process.commit.run()) == {}
    assert not any(process.world.topics.values())


def test_a_refused_commit_ends_the_worker(process: Process) -> None:
    async def refuse(offsets: Any) -> bool:
        return False

    process.commit._commit_offsets = refuse
    process.stage.process(process.world.inputs[0], process.record_producer)
    process.done = 1
    with pytest.raises(CommitRefused):
        finished(process.commit.run())


# another writer's records in the changelog


def foreign(process: Process, member: bool) -> list[tuple[bytes, bytes | None]]:
    """Make a commit, write records of a zombie, make another commit; return the changelog."""
    log = process.world.topics[CHANGELOG]

    async def is_member() -> bool:
        return member

    process.commit._is_member = is_member
    process.commit._read_keys = lambda topic, part, first, last: {log[n][0] for n in range(first, last + 1)}
    for offset in (0, 1):
        process.world.inputs[0] = FetchedRecord(
            topic=INPUT, partition=0, offset=offset, timestamp=0,
            key=b"x" if offset == 0 else b"y", value=b'{"part": 1}', headers=(),
        )  # fmt: skip
        process.stage.process(process.world.inputs[0], process.record_producer)
        process.done = offset + 1
        if offset == 1:
            log.append((b"t|x", b'{"applied": {}, "accumulators": -1}'))
            log.append((b"t|unknown", b"stale"))
        finished(process.commit.run())
    return log


def test_records_of_another_writer_are_overwritten_by_the_owner(
    process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(function: Callable[..., Any], *arguments: Any) -> Any:
        return function(*arguments)

    monkeypatch.setattr("asyncio.to_thread", at_once)
    log = foreign(process, member=True)
    newest = dict(log)
    assert newest[b"t|unknown"] is None
    assert json.loads(newest[b"t|x"] or b"")["accumulators"] == 1
    durable = {key: value for key, value in newest.items() if value is not None}
    assert durable == process.world.database.content
    assert process.world.database.offset == len(log) - 1


def test_a_former_member_overwrites_nothing(process: Process) -> None:
    with pytest.raises(LeaseExpired):
        foreign(process, member=False)
    log = process.world.topics[CHANGELOG]
    assert dict(log)[b"t|unknown"] == b"stale"
    assert process.world.database.offset == 1, "local state stays at the earlier changelog offset"


def test_unexplained_offsets_are_a_hole() -> None:
    database: Any = MemoryDatabase()
    flush = StoreFlush(topic="t", partition=0, store=type("S", (), {"database": database})())
    flush.batch.count, flush.batch.last = 3, 2
    assert flush.foreign_records == 0
    database.offset = 9
    flush.batch.last = 13
    assert flush.foreign_records == 1
