"""From a fetch to an acknowledgement: delivery by the consumer, and processing by an agent."""

import asyncio
from time import monotonic
from types import SimpleNamespace
from typing import Any, NoReturn, cast

import pytest
from faust.types import TP

from songnodes.errors import PositionLost
from songnodes.settings import Settings
from stream_processors.runtime import Record, Stage
from stream_processors.runtime import stage as stages
from stream_processors.runtime.catch_up import CatchUp
from stream_processors.runtime.delivery.offsets import OffsetTracker
from stream_processors.runtime.faust import consumer as consumers
from stream_processors.runtime.faust import stream as streams
from stream_processors.runtime.faust.consumer import Consumer
from stream_processors.runtime.faust.stream import Batch, BatchProcessor
from stream_processors.runtime.records import FetchedRecord
from stream_processors.runtime.testing import DAY_2024

TOPIC = "silver.appearances.v1"
HERE = TP(TOPIC, 0)


def records(*offsets: int, value: bytes = b"12345") -> list[Any]:
    return [
        FetchedRecord(
            topic=TOPIC, partition=0, offset=n, timestamp=DAY_2024 + n, key=b"k", value=value, headers=()
        )
        for n in offsets
    ]  # fmt: skip


class Plain:
    def decode(self, logical: str, raw: bytes | None) -> dict[str, Any]:
        return {"raw": raw}

    def encode(self, logical: str, value: Any) -> bytes:
        return b""


class Crashed(Exception):
    """Replaces the end of the process."""


@pytest.fixture(autouse=True)
def crashes(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """Return the reasons that would have ended the process."""
    reasons: list[BaseException] = []

    def crash(reason: BaseException) -> NoReturn:
        reasons.append(reason)
        raise Crashed from reason

    monkeypatch.setattr(consumers, "crash", crash)
    monkeypatch.setattr(streams, "crash", crash)
    return reasons


# an agent's work


class Agent:
    """A stage with one configurable agent, and its batch processor."""

    def __init__(self) -> None:
        self.handled: list[int] = []
        self.does: Any = lambda record: None
        self.yields = 0
        self.has_waiting_input = False
        self.tracker = OffsetTracker(0)
        stage = Stage("gold", Settings(), Plain())
        stage.agent("silver.appearances")(self.handle)
        values: Any = None  # nothing is stored; a stage without tables would go on after an exception
        stage.table("tracks", values)
        self.stage = stage
        self.produced: list[bytes] = []
        self.sent = 0
        self.producer = SimpleNamespace(
            wait_for_capacity=self.wait_for_capacity, produce=self.produce, send=self.send
        )
        self.processor = BatchProcessor(stage, cast(Any, self.producer), lambda: self.has_waiting_input)

    def emit(self, key: str, *, can_wait: bool = False) -> None:
        self.stage.emit("gold.tracks", key, lambda: {}, can_wait=can_wait)

    def produce(self, topic: str, key: bytes, value: bytes, **more: Any) -> None:
        self.produced.append(key)

    def handle(self, record: Record) -> None:
        self.does(record)
        self.handled.append(record.offset)

    def send(self) -> None:
        self.sent += 1

    async def wait_for_capacity(self) -> None:
        self.yields += 1
        await asyncio.sleep(0)

    def batch(self, *offsets: int) -> Batch:
        for offset in offsets:
            assert self.tracker.deliver(offset)
        self.tracker.pending_bytes += 5 * len(offsets)
        return Batch(tracker=self.tracker, records=records(*offsets), size_bytes=5 * len(offsets))


async def test_each_record_is_acknowledged_when_it_is_done() -> None:
    agent = Agent()
    acknowledged: list[int] = []
    agent.does = lambda record: acknowledged.append(agent.tracker.committable)
    await agent.processor.process(agent.batch(0, 1, 5))
    assert agent.handled == [0, 1, 5]
    assert acknowledged == [0, 1, 5]
    assert (agent.tracker.committable, agent.tracker.pending_bytes) == (6, 0)
    assert agent.tracker.last_timestamp_ms == DAY_2024 + 5


async def test_no_record_is_started_after_its_partition_is_revoked() -> None:
    agent = Agent()

    def close_at_second(record: Record) -> None:
        if record.offset == 2:
            agent.tracker.close()

    agent.does = close_at_second
    await agent.processor.process(agent.batch(*range(6)))
    assert agent.handled == [0, 1, 2]
    assert agent.tracker.committable == 3
    await agent.processor.process(agent.batch(7))
    assert agent.handled == [0, 1, 2]


async def test_an_exception_ends_the_process_with_its_record_open(crashes: list[BaseException]) -> None:
    agent = Agent()

    def fail(record: Record) -> None:
        if record.offset == 3:
            raise KeyError("broken")

    async def stream() -> Any:
        yield agent.batch(*range(6))

    agent.does = fail
    with pytest.raises(Crashed):
        await agent.processor.run(stream())
    assert [type(reason) for reason in crashes] == [KeyError]
    assert agent.tracker.committable == 3


async def test_an_orderly_stop_is_not_a_crash(crashes: list[BaseException]) -> None:
    agent = Agent()

    async def stream() -> Any:
        await asyncio.sleep(100)
        yield

    task = asyncio.create_task(agent.processor.run(stream()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert crashes == []


async def test_outputs_are_produced_when_no_input_waits() -> None:
    agent = Agent()
    agent.does = lambda record: agent.emit(f"k{record.offset % 2}")

    async def stream() -> Any:
        agent.has_waiting_input = True
        yield agent.batch(*range(6))
        assert (agent.produced, agent.sent) == ([], 0)
        agent.has_waiting_input = False
        yield agent.batch(6)

    await agent.processor.run(stream())
    assert agent.sent == 1, "librdkafka sends them, once"
    assert agent.produced == [b"k1", b"k0"], "each key once, the least recently written first"


async def test_outputs_that_can_wait_are_not_produced_when_no_input_waits() -> None:
    agent = Agent()
    agent.does = lambda record: agent.emit(f"k{record.offset}", can_wait=record.offset != 2)

    async def stream() -> Any:
        yield agent.batch(*range(4))

    await agent.processor.run(stream())
    assert agent.produced == [b"k2"]


async def test_a_flush_lets_other_tasks_run_and_ends_when_input_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stages, "MAX_FLUSH_S", 1e-9)
    agent = Agent()
    agent.does = lambda record: agent.emit(f"k{record.offset}")
    await agent.processor.process(agent.batch(*range(6)))
    before = agent.yields

    async def yield_to_others() -> None:
        agent.yields += 1
        agent.has_waiting_input = len(agent.produced) > 3

    agent.producer.wait_for_capacity = yield_to_others
    await agent.processor._flush_when_idle()
    assert 4 <= len(agent.produced) < 6
    assert agent.yields - before >= len(agent.produced), "a turn for each"


async def test_other_tasks_run_within_a_batch() -> None:
    agent = Agent()
    await agent.processor.process(agent.batch(*range(1000)))
    assert agent.yields >= 1000 // streams.MAX_RECORDS_BETWEEN_YIELDS


# the consumer's deliveries


@pytest.fixture
def consumer() -> Any:
    """Return a consumer without Kafka, its partition assigned from offset 10."""
    consumer: Any = object.__new__(Consumer)
    channel = SimpleNamespace(queue=SimpleNamespace(force_put_nowait=lambda batch: batches.append(batch)))
    batches: list[Batch] = []
    consumer.batches = batches
    consumer.trackers = {HERE: OffsetTracker(10)}
    consumer.app = SimpleNamespace(
        topics=SimpleNamespace(
            acks_enabled_for=lambda topic: not topic.endswith("-changelog"), _tp_index={HERE: [channel]}
        ),
        tables=SimpleNamespace(recovery=SimpleNamespace(in_recovery=False)),
        record_producer=SimpleNamespace(is_full=False),
    )
    consumer._get_active_partitions = lambda: {HERE, TP("t-changelog", 0)}
    consumer._committed_offset = {HERE: 10}
    consumer.start = 0

    async def earliest_offsets(*tps: TP) -> dict[TP, int]:
        return dict.fromkeys(tps, consumer.start)

    consumer.earliest_offsets = earliest_offsets
    return consumer


async def test_a_fetch_becomes_one_batch_and_nothing_is_delivered_twice(consumer: Any) -> None:
    tracker = consumer.trackers[HERE]
    await consumer._deliver(HERE, tracker, records(9, 10, 11))
    await consumer._deliver(HERE, tracker, records(10, 11))
    (batch,) = consumer.batches
    assert [record.offset for record in batch.records] == [10, 11]
    assert batch.size_bytes == tracker.pending_bytes == 10
    assert consumer.offsets() == {}
    tracker.ack(10)
    assert consumer.offsets() == {HERE: 11}


async def test_compacted_offsets_are_no_loss_but_deleted_records_are(
    consumer: Any, crashes: list[BaseException]
) -> None:
    tracker = consumer.trackers[HERE]
    consumer.start = 10
    await consumer._deliver(HERE, tracker, records(15))
    assert crashes == []
    consumer.start = 18
    with pytest.raises(Crashed):
        await consumer._deliver(HERE, tracker, records(20))
    assert [type(reason) for reason in crashes] == [PositionLost]


async def test_records_of_a_partition_revoked_during_a_fetch_are_not_delivered(consumer: Any) -> None:
    tracker = consumer.trackers[HERE]
    tracker.close()
    await consumer._deliver(HERE, tracker, records(10))
    assert consumer.batches == []


async def test_a_partition_is_fetched_while_it_has_capacity(
    consumer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "MAX_IN_FLIGHT_RECORDS", 3)
    monkeypatch.setattr(consumers, "MAX_IN_FLIGHT_BYTES", 100)
    tracker = consumer.trackers[HERE]
    assert consumer._ready_partitions() == {HERE}, "changelogs are read in recovery only"
    consumer.app.tables.recovery.in_recovery = True
    assert TP("t-changelog", 0) in consumer._ready_partitions()
    consumer.app.tables.recovery.in_recovery = False
    await consumer._deliver(HERE, tracker, records(10, 11, 12))
    assert consumer._ready_partitions() == set()
    tracker.ack(10)
    assert consumer._ready_partitions() == {HERE}
    await consumer._deliver(HERE, tracker, records(13, value=b"x" * 100))
    tracker.ack(11)
    tracker.ack(12)
    assert consumer._ready_partitions() == set()
    consumer.app.record_producer.is_full = True
    tracker.pending_bytes = 0
    assert consumer._ready_partitions() == set()
    consumer.app.record_producer.is_full = False
    assert consumer._ready_partitions() == {HERE}
    consumer.trackers.clear()
    assert consumer._ready_partitions() == set(), "without a tracker it is not assigned"


@pytest.mark.parametrize(
    ("limit", "value"), [("MAX_ALL_IN_FLIGHT_RECORDS", 3), ("MAX_ALL_IN_FLIGHT_BYTES", 15)]
)
async def test_all_partitions_share_one_bound_and_none_starves(
    consumer: Any, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(consumers, limit, value)
    there = TP(TOPIC, 1)
    consumer.trackers[there] = OffsetTracker(0)
    consumer._get_active_partitions = lambda: {HERE, there}
    await consumer._deliver(HERE, consumer.trackers[HERE], records(10, 11))
    assert consumer._ready_partitions() == {HERE, there}
    await consumer._deliver(HERE, consumer.trackers[HERE], records(12))
    assert consumer._ready_partitions() == {there}, "it has no record in flight"
    consumer.trackers[there].deliver(0)
    assert consumer._ready_partitions() == set()
    consumer.trackers[HERE] = OffsetTracker(13)
    assert consumer._ready_partitions() == {HERE, there}


# when a commit is due


@pytest.fixture
def committing(consumer: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a consumer that counts commits, with one record waiting, right after a commit."""
    consumer.commits = 0
    consumer._assignments = 1
    consumer.committed_at = monotonic()
    consumer.trackers[HERE].deliver(10)
    consumer.app.stage = SimpleNamespace(settings=Settings(commit_interval=1000.0), uncommitted_bytes=0)

    async def commit(self: Any, *arguments: Any) -> bool:
        consumer.commits += 1
        return True

    monkeypatch.setattr(Consumer.__mro__[1], "commit", commit)
    return consumer


async def test_while_input_waits_commits_come_at_the_limit_of_time(committing: Any) -> None:
    assert not await committing.commit()
    committing.committed_at -= 1000
    assert await committing.commit()
    assert committing.commits == 1


async def test_while_input_waits_commits_come_at_the_limit_of_bytes(committing: Any) -> None:
    committing.app.stage.uncommitted_bytes = consumers.MAX_UNCOMMITTED_BYTES
    assert not await committing.commit()
    committing.app.stage.uncommitted_bytes += 1
    assert await committing.commit()


async def test_what_is_done_is_committed_without_waiting_input_and_before_revocation(committing: Any) -> None:
    committing.trackers[HERE].ack(10)
    assert await committing.commit()
    committing.trackers[HERE].deliver(11)
    assert not await committing.commit()
    committing._assignments = -1
    assert await committing.commit()


async def test_only_a_commit_of_records_shows_that_outputs_can_be_built(committing: Any) -> None:
    passed: list[dict[TP, int]] = []
    committed: dict[TP, int] = {}

    async def run() -> dict[TP, int]:
        return committed

    committing.app.stage.suspects = SimpleNamespace(pass_commit=lambda: passed.append(committed))
    committing.app.commit_steps = SimpleNamespace(run=run)
    committing.app.commit_seconds = SimpleNamespace(observe=lambda seconds: None)
    assert not await committing._commit_tps([])  # as when the worker joins its group
    assert not passed
    committed = {HERE: 11}
    assert await committing._commit_tps([])
    assert passed == [{HERE: 11}]


# assignments that come and go


@pytest.fixture
def rebalancing(consumer: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a consumer whose partitions may be revoked at any await while positions are looked up."""
    consumer.trackers = {}
    consumer._positions = {}
    consumer._assignments = 0
    consumer._fetch_lock = asyncio.Lock()
    consumer.flow_active = False
    consumer.checked = 0
    monkeypatch.setattr(Consumer.__mro__[1], "resume_flow", lambda self: setattr(self, "flow_active", True))
    monkeypatch.setattr(Consumer.__mro__[1], "on_partitions_assigned", nothing)

    async def committed() -> bool:
        return True

    async def find() -> dict[TP, int]:
        if consumer.revoked_while_seeking:
            await consumer.release()
        consumer._unread = [(*HERE, 9)]
        return {HERE: 7}

    consumer.revoked_while_seeking = False
    consumer.is_member = consumer.commit = consumer.maybe_wait_for_commit_to_finish = committed
    consumer._find_positions = find
    consumer._thread = SimpleNamespace(seek_wait=nothing)
    consumer.stop_flow = lambda: setattr(consumer, "flow_active", False)
    app = consumer.app
    app.recovery = SimpleNamespace(
        on_flow_resumed=lambda: None, verify_complete=lambda: setattr(consumer, "checked", 1)
    )
    app.lease = SimpleNamespace(activate=lambda: None, deactivate=lambda: None)
    app.stage = SimpleNamespace(catch_up=CatchUp())
    app.flow_control = SimpleNamespace(suspend=lambda: None)
    app.discard_uncommitted = lambda: None
    return consumer


async def nothing(*arguments: Any) -> None: ...


async def test_an_assignment_creates_trackers_after_its_tables_are_checked(rebalancing: Any) -> None:
    await rebalancing.on_partitions_assigned({HERE}, 1)
    rebalancing.resume_flow()  # to recover the tables
    assert (rebalancing.trackers, rebalancing.flow_active, rebalancing.checked) == ({}, True, 0)
    await rebalancing.perform_seek()
    rebalancing.resume_flow()
    assert rebalancing.trackers[HERE].next_offset == 7
    assert not rebalancing.app.stage.catch_up.is_complete(HERE.partition)
    assert rebalancing.checked == 1


async def test_revoked_partitions_are_not_resumed(rebalancing: Any) -> None:
    await rebalancing.on_partitions_assigned({HERE}, 1)
    await rebalancing.perform_seek()
    await rebalancing.release()
    rebalancing.resume_flow()  # of the recovery that was under way
    assert (rebalancing.trackers, rebalancing.flow_active) == ({}, False)


async def test_positions_of_an_assignment_are_not_used_in_the_next(rebalancing: Any) -> None:
    await rebalancing.on_partitions_assigned({HERE}, 1)
    rebalancing.revoked_while_seeking = True
    await rebalancing.perform_seek()
    await rebalancing.on_partitions_assigned({HERE}, 2)
    rebalancing.resume_flow()
    assert (rebalancing.trackers, rebalancing.flow_active) == ({}, True)
