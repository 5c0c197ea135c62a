"""The loop of a sink on a log and tables in memory."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from sinks.contents import decode
from sinks.feed import IDLE_TIMEOUT_S, Batch
from sinks.loop import Ports, Sink
from songnodes.attempts import KILL_LIMIT
from songnodes.errors import ConsumerEnded, Fenced, PositionLost, TooManyDeadLetters, TopicReplaced, Transient
from songnodes.messaging import topics
from songnodes.messaging.dead_letter_budget import WRITER_LIMITS
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.process.retries import FIRST_PAUSE_S, MAX_PAUSE_S, MIN_JITTER
from songnodes.settings import Settings
from tests.support.in_memory_log import InMemoryConsumer, InMemoryLog
from tests.support.in_memory_sink import TOPIC, JsonCodec, KeptLetters, NameWriter, Tables
from tests.support.manual_timer import ManualTimer

SETTINGS = Settings(database_url="postgresql://localhost/none", kafka_bootstrap="localhost:1")
PHYSICAL = topics.physical(TOPIC, SETTINGS)
GROUP = topics.group(f"sink-{TOPIC}", SETTINGS)
TIMEOUT_S = 20


class UnknownError(Exception):
    """An error that no rule knows"""


class Killed(BaseException):
    """SIGKILL: nothing in the process can act on it"""


class Setup:
    """A sink with everything it reads and writes."""

    def __init__(self, partitions: int = 1, timer: ManualTimer | None = None) -> None:
        self.log = InMemoryLog()
        self.log.create_topic(partitions, PHYSICAL)
        self.tables = Tables()
        self.codec = JsonCodec()
        self.letters = KeptLetters()
        self.timer = timer or ManualTimer(skips=True)
        self.trial: str | None = "ended by SIGKILL"  # the outcome in a child process
        self.trials = 0
        self.clients: list[InMemoryConsumer] = []

    def publish(self, *names: str, part: int = 0) -> None:
        self.log.publish(PHYSICAL, part, *(json.dumps({"name": name}).encode() for name in names))

    def sink(self, topic_id: str | None = None) -> Sink:
        """Return a new sink: a process after a start."""
        codec: Any = self.codec
        letters: Any = self.letters
        return Sink(
            settings=SETTINGS,
            writer=NameWriter(),
            codec=codec,
            letters=letters,
            topic_id=topic_id or self.log.topics[PHYSICAL].id,
            ports=Ports(
                connect=self.tables.connect, consumer=self._consumer, trial=self._trial, timer=self.timer
            ),
        )

    @property
    def member(self) -> InMemoryConsumer:
        """The consumer of the sink that runs."""
        return self.clients[-1]

    async def wait_for_assignment(self, task: asyncio.Task[None]) -> None:
        """Return when the sink has its partitions."""
        await wait_for(lambda: self.log.committed(GROUP) != {}, task)

    def _consumer(self, _settings: Settings, group: str, **options: Any) -> Any:
        self.clients.append(self.log.consumer(group, instance_id=options["group.instance.id"]))
        return self.clients[-1]

    def _trial(self, *_: object) -> str | None:
        self.trials += 1
        return self.trial


@asynccontextmanager
async def running(sink: Sink) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(sink.run())
    try:
        yield task
    finally:
        if not task.done():
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def wait_for(condition: Callable[[], bool], *tasks: asyncio.Task[None]) -> None:
    """Wait for a condition; raise the error of a task that ends before."""
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.001)


async def run_until(setup: Setup, condition: Callable[[], bool]) -> None:
    """Run a new sink until a condition is true. Raises the error that ends the sink."""
    async with running(setup.sink()) as task:
        await wait_for(condition, task)


async def drain(setup: Setup) -> None:
    """Run a new sink until every record is processed. Raises the error that ends the sink."""
    stored = setup.log.topics[PHYSICAL].partitions
    ends = {part: partition.high for part, partition in enumerate(stored)}
    await run_until(setup, lambda: setup.tables.positions == ends)


async def restart_until_drained(setup: Setup, *errors: type[BaseException], starts: int = 20) -> int:
    """Start sinks, which may end by these errors, until every record is processed; return the ends."""
    for ends in range(starts):
        try:
            await drain(setup)
        except errors:
            continue
        return ends
    raise AssertionError("ends again and again")


async def test_rows_and_positions_are_written_together() -> None:
    setup = Setup(partitions=2)
    setup.publish(*"abcdefghij")
    setup.publish("x", "y", part=1)
    await drain(setup)
    assert sorted(setup.tables.rows.names) == [*"abcdefghij", "x", "y"]
    assert setup.tables.positions == {0: 10, 1: 2}


async def test_a_restart_continues_after_the_last_row() -> None:
    setup = Setup()
    setup.publish("a", "b")
    await drain(setup)
    setup.publish("c")
    await drain(setup)
    assert setup.tables.rows.names == ["a", "b", "c"]


async def test_positions_are_committed_to_the_group() -> None:
    setup = Setup()
    setup.publish("a", "b")
    await run_until(setup, lambda: setup.log.committed(GROUP) == {Partition(PHYSICAL, 0): 2})


async def test_partitions_revoked_while_a_batch_is_written_are_written_once() -> None:
    """The transaction ends before the partitions are assigned again; the batches that wait are dropped."""
    setup = Setup(timer=ManualTimer())
    setup.publish(*"abcdefgh")
    await setup.tables.lock.acquire()  # the transaction of the first batch waits
    async with running(setup.sink()) as task:
        await wait_for(lambda: setup.timer.pauses[-1:] == [IDLE_TIMEOUT_S], task)
        setup.log.expire(setup.member)
        setup.timer.advance(IDLE_TIMEOUT_S)
        await wait_for(lambda: setup.member.to_assign is None and not setup.member.is_lost, task)
        setup.tables.lock.release()
        await wait_for(lambda: setup.tables.positions == {0: 8}, task)
    assert setup.tables.rows.names == [*"abcdefgh"]


def content(setup: Setup, *names: str) -> Any:
    log = InMemoryLog()
    log.create_topic(1, PHYSICAL)
    log.publish(PHYSICAL, 0, *(json.dumps({"name": name}).encode() for name in names))
    codec: Any = setup.codec
    return decode(codec, NameWriter(), list(log.topics[PHYSICAL].partitions[0].records.values()))


async def test_a_batch_of_an_earlier_generation_is_dropped() -> None:
    setup = Setup()
    sink = setup.sink()
    await sink.assigned(1, {0: Bounds(start=0, end=9)})
    sink.revoked(2)
    batch = Batch(generation=1, ends={0: 2}, content=content(setup, "a", "b"))
    assert not await sink._write_until_committed(batch)
    assert setup.tables.rows.names == []


async def test_of_two_owners_the_second_is_fenced_and_writes_nothing() -> None:
    setup = Setup()
    first, second = setup.sink(), setup.sink()
    for sink in (first, second):
        await sink.assigned(1, {0: Bounds(start=0, end=9)})
    assert await first._write_until_committed(Batch(generation=1, ends={0: 3}, content=content(setup, "a")))
    with pytest.raises(Fenced):
        await second._write_until_committed(Batch(generation=1, ends={0: 2}, content=content(setup, "b")))
    assert setup.tables.rows.names == ["a"]
    assert setup.tables.positions == {0: 3}


async def test_a_fenced_sink_ends_its_run() -> None:
    setup = Setup()
    async with running(setup.sink()) as task:
        await setup.wait_for_assignment(task)
        setup.tables.rows.offsets[0] = 5, setup.log.topics[PHYSICAL].id
        setup.publish("a")
        with pytest.raises(Fenced):
            await wait_for(lambda: False, task)
    assert setup.tables.rows.names == []


async def test_a_commit_whose_response_is_lost_is_not_repeated() -> None:
    setup = Setup()
    setup.tables.lost_responses = 1
    sink = setup.sink()
    await sink.assigned(1, {0: Bounds(start=0, end=9)})
    batch = Batch(generation=1, ends={0: 2}, content=content(setup, "a", "b"))
    assert await sink._write_until_committed(batch)
    assert setup.tables.connections == 2, "it was tried again"
    assert setup.tables.rows.names == ["a", "b"]
    assert setup.tables.positions == {0: 2}


async def test_a_position_below_the_log_ends_the_sink() -> None:
    setup = Setup()
    setup.publish("a", "b", "c")
    setup.tables.rows.offsets[0] = 1, setup.log.topics[PHYSICAL].id
    setup.log.delete_before(PHYSICAL, 0, 2)
    with pytest.raises(PositionLost):
        await drain(setup)


async def test_a_topic_that_was_replaced_ends_the_sink() -> None:
    setup = Setup()
    setup.publish("a")
    await drain(setup)
    setup.log.replace_topic(PHYSICAL)
    setup.publish("b", "c")
    with pytest.raises(TopicReplaced):
        await drain(setup)
    assert setup.tables.rows.names == ["a"]


async def test_a_sink_whose_place_is_taken_ends() -> None:
    setup = Setup()
    async with running(setup.sink()) as task:
        await setup.wait_for_assignment(task)
        successor = setup.log.consumer(GROUP, instance_id=setup.member.instance_id)
        successor.subscribe([PHYSICAL])
        with pytest.raises(ConsumerEnded):
            await wait_for(lambda: False, task)


async def test_an_assignment_waits_for_the_database() -> None:
    setup = Setup()
    setup.publish("a")
    setup.tables.is_down = True
    async with running(setup.sink()) as task:
        await wait_for(lambda: len(setup.timer.pauses) > 2, task)
        setup.tables.is_down = False
        await wait_for(lambda: setup.tables.rows.names == ["a"], task)


async def test_an_unknown_error_of_an_assignment_ends_the_sink() -> None:
    setup = Setup()

    async def broken(_settings: object) -> Any:
        raise UnknownError

    setup.tables.connect = broken  # type: ignore[method-assign]
    sink = setup.sink()
    with pytest.raises(UnknownError):
        async with running(sink) as task:
            await wait_for(lambda: False, task)


async def test_a_batch_is_retried_with_growing_pauses_until_the_server_recovers() -> None:
    setup = Setup()
    setup.publish("a", "b")
    sink = setup.sink()
    await sink.assigned(1, {0: Bounds(start=0, end=9)})
    setup.tables.write_errors.extend(ConnectionResetError("gone") for _ in range(9))
    batch = Batch(generation=1, ends={0: 2}, content=content(setup, "a", "b"))
    assert await sink._write_until_committed(batch)
    assert setup.tables.rows.names == ["a", "b"]
    longest = [min(MAX_PAUSE_S, FIRST_PAUSE_S * 2**attempt) for attempt in range(9)]
    assert len(setup.timer.pauses) == len(longest)
    for actual, most in zip(setup.timer.pauses, longest, strict=True):
        assert MIN_JITTER * most <= actual <= most
    assert setup.tables.connections == 10, "each attempt has a new connection"
    assert setup.letters.dead == []


async def test_a_retried_batch_is_dropped_once_its_partitions_are_revoked() -> None:
    setup = Setup(timer=ManualTimer())
    sink = setup.sink()
    await sink.assigned(1, {0: Bounds(start=0, end=9)})
    setup.tables.write_errors.append(ConnectionResetError("gone"))
    batch = Batch(generation=1, ends={0: 2}, content=content(setup, "a", "b"))
    task = asyncio.create_task(sink._write_until_committed(batch))
    async with asyncio.timeout(TIMEOUT_S):
        while not setup.timer.pauses:
            await asyncio.sleep(0.001)
    sink.revoked(2)
    setup.timer.advance(MAX_PAUSE_S)
    assert await task is False
    assert setup.tables.rows.names == []


async def test_the_registry_may_be_away() -> None:
    setup = Setup()
    setup.publish("a", "b")
    setup.codec.down = 2
    await drain(setup)
    assert setup.tables.rows.names == ["a", "b"]


async def test_records_that_cannot_be_rows_become_dead_letters_and_their_neighbours_rows() -> None:
    setup = Setup()
    setup.publish("a", "b")
    setup.log.publish(PHYSICAL, 0, b"broken", b'{"no": "name"}')
    setup.publish("refused", "c")
    setup.tables.refused = {"refused"}
    await drain(setup)
    assert setup.tables.rows.names == ["a", "b", "c"]
    assert sorted(setup.letters.offsets) == [(2, "not_json"), (3, "no_row"), (4, "row_refused")]


async def test_only_a_batch_with_a_refused_record_has_savepoints() -> None:
    setup = Setup()
    setup.publish("a", "b", "c")
    await drain(setup)
    assert setup.tables.savepoints == 0
    setup.tables.refused = {"refused"}
    setup.publish("d", "refused", "e")
    await drain(setup)
    assert setup.tables.savepoints > 0
    assert setup.tables.rows.names == [*"abcde"]
    assert setup.letters.offsets == [(4, "row_refused")]


async def test_a_dead_letter_that_kafka_refuses_keeps_its_record() -> None:
    setup = Setup()
    setup.publish("a")
    setup.log.publish(PHYSICAL, 0, b"broken")
    setup.letters.errors = [Transient("refused"), Transient("refused")]
    await drain(setup)
    assert setup.tables.rows.names == ["a"], "the rows of the failed attempts are rolled back"
    assert setup.letters.offsets == [(1, "not_json")]


async def test_too_many_dead_letters_end_the_sink() -> None:
    setup = Setup()
    setup.log.publish(PHYSICAL, 0, *[b"broken"] * (WRITER_LIMITS.window_records + 1))
    with pytest.raises(TooManyDeadLetters):
        await drain(setup)
    assert setup.tables.positions[0] <= WRITER_LIMITS.window_records
    assert WRITER_LIMITS.max_share < 1


async def test_a_record_with_an_unknown_error_ends_the_sink_and_becomes_a_dead_letter() -> None:
    setup = Setup()
    setup.publish("a", "b", "bad", "c", "d")
    setup.tables.broken_writes = {"bad": UnknownError("no rule")}
    assert await restart_until_drained(setup, UnknownError) < 3
    assert setup.tables.rows.names == ["a", "b", "c", "d"]
    assert setup.letters.offsets == [(2, "unforeseen")]
    assert setup.tables.rows.set_aside == [f"{PHYSICAL}[0]@2"]


async def test_an_unknown_error_that_a_child_process_does_not_have_blames_no_record() -> None:
    setup = Setup()
    setup.publish("a", "b", "c")
    setup.trial = None
    setup.tables.write_errors.extend(UnknownError("no rule") for _ in range(6))
    await restart_until_drained(setup, UnknownError)
    assert setup.tables.rows.names == ["a", "b", "c"]
    assert setup.letters.dead == []
    assert setup.trials > 0


async def test_kills_blame_no_record_that_a_child_process_survives() -> None:
    setup = Setup()
    setup.publish("a", "b", "c")
    setup.trial = None
    setup.tables.write_errors.extend(Killed() for _ in range(8))
    attempts: list[int] = []
    for _ in range(8):
        with pytest.raises(Killed):
            await drain(setup)
        attempts.append(setup.tables.rows.attempts[0]["attempts"])
    await drain(setup)
    assert setup.tables.rows.names == ["a", "b", "c"]
    assert setup.letters.dead == []
    assert max(attempts) <= KILL_LIMIT, "a trial that passes clears the record"


async def test_a_record_that_kills_its_process_and_a_child_becomes_a_dead_letter() -> None:
    setup = Setup()
    setup.publish("a", "deadly", "b")
    setup.tables.broken_writes = {"deadly": Killed()}
    assert await restart_until_drained(setup, Killed) <= KILL_LIMIT + 1
    assert setup.tables.rows.names == ["a", "b"]
    ((offset, reason),) = setup.letters.offsets
    assert (offset, reason) == (1, "unforeseen")
    assert "SIGKILL" in str(setup.letters.dead[0].poison)


async def suspecting(setup: Setup) -> Sink:
    """Return a sink that writes records one by one, since a process ended at the stored position."""
    setup.tables.rows.offsets[0] = 0, setup.log.topics[PHYSICAL].id
    setup.tables.rows.attempts[0] = {"record_offset": 0, "single": False, "attempts": 1, "error": None}
    sink = setup.sink()
    await sink.assigned(1, {0: Bounds(start=0, end=9)})
    return sink


async def test_a_suspected_batch_that_is_retried_writes_each_record_once() -> None:
    setup = Setup()
    sink = await suspecting(setup)
    failures = ["b"]

    def lose_connection(names: Sequence[str]) -> None:
        if failures and failures[0] in names:
            failures.pop()
            raise ConnectionResetError("gone")

    setup.tables.on_write = lose_connection
    batch = Batch(generation=1, ends={0: 3}, content=content(setup, "a", "b", "c"))
    assert await sink._write_until_committed(batch)
    assert setup.tables.rows.names == ["a", "b", "c"]
    assert setup.tables.positions == {0: 3}


async def test_a_suspected_batch_that_is_revoked_writes_no_further_record() -> None:
    setup = Setup()
    sink = await suspecting(setup)
    setup.tables.on_write = lambda _: sink.revoked(2)
    await sink._write_until_committed(Batch(generation=1, ends={0: 3}, content=content(setup, "a", "b", "c")))
    assert setup.tables.rows.names == ["a"]
    assert setup.tables.positions == {0: 1}


async def test_a_suspected_batch_without_a_failure_ends_the_suspicion() -> None:
    setup = Setup()
    sink = await suspecting(setup)
    assert await sink._write_until_committed(
        Batch(generation=1, ends={0: 2}, content=content(setup, "a", "b"))
    )
    writes: list[Sequence[str]] = []
    setup.tables.on_write = writes.append
    later = Batch(generation=1, ends={0: 4}, content=content(setup, "c", "d"))
    assert await sink._write_until_committed(later)
    assert writes == [["c", "d"]], "in one transaction again"
