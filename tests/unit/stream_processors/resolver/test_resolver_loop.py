"""The loop of the resolver on a log and tables in memory: cycles, the lock, retries, crashes."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from confluent_kafka import KafkaError, KafkaException

from songnodes.errors import (
    Fenced,
    KafkaUnreachable,
    NotAcknowledged,
    PostgresUnreachable,
    TooManyDeadLetters,
)
from songnodes.messaging import topics
from songnodes.messaging.dead_letter_budget import WRITER_LIMITS
from songnodes.messaging.log_offsets import Partition
from songnodes.process.retries import Attempts
from songnodes.settings import Settings
from stream_processors.resolver import outputs, sets, tracks, worker
from stream_processors.resolver.ingest import INPUTS, PLAYLISTS, InputRecord
from stream_processors.resolver.reading import APP, Reading
from stream_processors.resolver.worker import LOCK_INTERVAL_S, RETRIES, Ports, work
from tests.support.in_memory_log import InMemoryLog
from tests.support.in_memory_resolver_store import InMemoryStore, Rows
from tests.support.manual_timer import ManualTimer

SETTINGS = Settings()
NAMES = {name: topics.physical(name, SETTINGS) for name in INPUTS}
GROUP = topics.group(APP, SETTINGS)
PARTITION = Partition(NAMES[PLAYLISTS], 0)
MAX_CYCLES = 200  # after which a condition that is expected is missing
IDLE_CYCLES = 10


class Killed(BaseException):
    """SIGKILL: nothing in the process can act on it"""


class UnknownError(Exception):
    """An error that no rule knows"""


class JsonCodec:
    """Codec of JSON values."""

    def decode(self, topic: str, value: bytes | None) -> dict[str, Any]:
        decoded: dict[str, Any] = json.loads(value or b"")
        return decoded


class KeptOutputs:
    """Outputs that Kafka has, in order; the next `errors` are raised after they arrived."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.errors: list[BaseException] = []

    def send(self, outputs: Sequence[tuple[str, str, object]]) -> None:
        self.names += [name for _, name, _ in outputs]
        if self.errors:
            raise self.errors.pop(0)


class Setup:
    """The resolver with its topics, tables and outputs."""

    def __init__(self) -> None:
        self.log = InMemoryLog()
        for name in NAMES.values():
            self.log.create_topic(1, name)
        self.tables = Rows()
        self.stores: list[InMemoryStore] = []
        self.outputs = KeptOutputs()
        self.timer = ManualTimer(skips=True)
        self.stop = threading.Event()
        self.open_errors: list[Exception] = []  # of the next readers
        self.retries = 0
        self.readers = 0
        self.locks: list[bool] = []  # outcomes of the next attempts to lock

    def publish(self, *names: str) -> None:
        self.log.publish(PARTITION.topic, 0, *(json.dumps({"name": name}).encode() for name in names))

    @property
    def position(self) -> int:
        """The stored position of the playlists."""
        return self.tables.offsets.get(PARTITION, (0, ""))[0]

    def run(self, until: Callable[[], bool], monkeypatch: pytest.MonkeyPatch) -> None:
        """Run a process until a condition is true after a cycle. Raises the error that ends it."""
        run_cycle, cycles, self.stop = worker.run_cycle, iter(range(MAX_CYCLES)), threading.Event()

        def cycle_and_check(*arguments: Any) -> None:
            run_cycle(*arguments)
            if until():
                self.stop.set()
            else:
                assert next(cycles, None) is not None, "not in time"

        with monkeypatch.context() as patch:
            patch.setattr(worker, "run_cycle", cycle_and_check)
            run_process(self)

    def drain(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Run a process until all records are ingested and no mark is left."""
        end = self.log.topics[PARTITION.topic].partitions[0].high
        self.run(lambda: self.position == end and not self.tables.marks, monkeypatch)

    def ports(self) -> Ports:
        return Ports(
            store=self._store,
            codec=self._codec,
            reading=self._reading,
            outputs=lambda *_: self.outputs,  # type: ignore[arg-type]
            letters=lambda _: None,  # type: ignore[arg-type,return-value]
            timer=self.timer,
        )

    def _store(self, _settings: Settings) -> Any:
        store = InMemoryStore(self.tables)
        store.locks = iter(self.locks)
        self.locks = []
        self.stores.append(store)
        return store

    @contextmanager
    def _codec(self, _settings: Settings) -> Iterator[Any]:
        yield JsonCodec()

    def _reading(self, settings: Settings, codec: Any, store: Any, stop: threading.Event) -> Reading:
        if self.open_errors:
            raise self.open_errors.pop(0)
        self.readers += 1
        ids = {name: topic.id for name, topic in self.log.topics.items()}
        consumer = self.log.consumer(GROUP, instance_id=APP, eof=True)
        return Reading(settings, codec, store, consumer, ids, stop=stop, timer=self.timer)


def run_process(setup: Setup) -> None:
    """Work until stopped, and again after errors that are retried, as `songnodes.process.shell` does."""
    own: set[object] = set()
    retries = replace(RETRIES, timer=setup.timer)
    attempts = Attempts(setup.timer)
    while not setup.stop.is_set():
        try:
            work(SETTINGS, setup.stop, own, setup.ports())
            break
        except Exception as error:
            setup.retries += 1
            setup.timer.wait(setup.stop, retries.pause_after(error, attempts))


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Setup:
    """Return a resolver whose facts are names and whose consequences are the names that are marked."""

    def ingest(store: InMemoryStore, records: Sequence[InputRecord]) -> None:
        names = [record.value["name"] for record in records]
        store.tables.facts += names
        store.tables.marks += names

    def process_marks(store: InMemoryStore, limit: int) -> list[str] | None:
        names, store.tables.marks = store.tables.marks[:limit], store.tables.marks[limit:]
        return names or None

    monkeypatch.setattr(tracks, "process_marks", lambda *_: None)
    monkeypatch.setattr(sets, "process_marks", process_marks)
    monkeypatch.setattr(outputs, "resolution", lambda name: ("silver.resolutions", name, {}))
    monkeypatch.setattr("stream_processors.resolver.intake.ingest.ingest_records", ingest)
    return Setup()


def test_facts_are_ingested_and_their_consequences_emitted(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.publish("a", "b")
    setup.drain(monkeypatch)
    assert setup.tables.facts == ["a", "b"]
    assert setup.outputs.names == ["a", "b"]
    assert setup.log.committed(GROUP)[PARTITION] == 2
    assert setup.stores[-1].is_closed


def test_an_idle_resolver_does_not_read_marks(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    reads, process_marks = 0, sets.process_marks
    reads_per_cycle: list[int] = []

    def counting(store: Any, limit: int) -> Any:
        nonlocal reads
        reads += 1
        return process_marks(store, limit)

    def after_cycle() -> bool:
        reads_per_cycle.append(reads)
        if len(reads_per_cycle) == IDLE_CYCLES:
            setup.publish("b")
        return len(reads_per_cycle) > IDLE_CYCLES and setup.outputs.names == ["a", "b"]

    monkeypatch.setattr(sets, "process_marks", counting)
    setup.publish("a")
    setup.run(after_cycle, monkeypatch)
    assert reads_per_cycle[IDLE_CYCLES - 1] == reads_per_cycle[IDLE_CYCLES // 2] > 0


def test_consequences_wait_until_all_inputs_are_read(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.publish(*(f"n{number}" for number in range(600)))
    emitted_at: list[int] = []
    send = setup.outputs.send

    def note(outputs: Sequence[tuple[str, str, object]]) -> None:
        emitted_at.append(setup.position)
        send(outputs)

    monkeypatch.setattr(setup.outputs, "send", note)
    setup.drain(monkeypatch)
    assert set(emitted_at) == {600}


def test_outputs_that_are_not_acknowledged_are_emitted_again(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.publish("a", "b")
    setup.outputs.errors = [NotAcknowledged()]
    setup.drain(monkeypatch)
    assert setup.outputs.names == ["a", "b", "a", "b"]
    assert setup.tables.facts == ["a", "b"]
    assert setup.retries == 1


def test_a_killed_process_is_followed_by_one_that_emits_before_it_reads(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.publish("a")
    setup.outputs.errors = [Killed()]
    with pytest.raises(Killed):
        setup.drain(monkeypatch)
    assert setup.tables.marks == ["a"]
    setup.publish("b")
    positions: list[int] = []
    send = setup.outputs.send

    def note(outputs: Sequence[tuple[str, str, object]]) -> None:
        positions.append(setup.position)
        send(outputs)

    monkeypatch.setattr(setup.outputs, "send", note)
    setup.drain(monkeypatch)
    assert setup.outputs.names == ["a", "a", "b"]
    assert positions == [1, 2], "the marks of the killed process came before the new record"


def test_a_process_waits_for_the_lock(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.publish("a")
    setup.locks = [False, False]
    setup.drain(monkeypatch)
    assert setup.timer.pauses[:2] == [LOCK_INTERVAL_S] * 2
    assert setup.tables.facts == ["a"]


def test_a_process_that_waits_for_the_lock_can_be_stopped(setup: Setup) -> None:
    setup.locks = [False] * 10
    wait = setup.timer.wait

    def stop_and_wait(event: threading.Event, seconds: float) -> bool:
        event.set()
        return wait(event, seconds)

    setup.timer.wait = stop_and_wait  # type: ignore[method-assign]
    run_process(setup)
    assert setup.readers == 0
    assert [store.is_closed for store in setup.stores] == [True]


@pytest.mark.parametrize(
    "error",
    [
        KafkaUnreachable(),
        PostgresUnreachable(),
        ConnectionResetError("gone"),
        KafkaException(KafkaError(KafkaError._TIMED_OUT)),
        Fenced(),
    ],
)
def test_errors_of_servers_are_followed_by_new_connections(
    setup: Setup, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    setup.publish("a")
    setup.open_errors = [error, error]
    setup.drain(monkeypatch)
    assert setup.retries == 2
    assert [store.is_closed for store in setup.stores] == [True] * 3
    assert setup.tables.facts == ["a"]


def test_an_unknown_error_ends_the_process(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.open_errors = [UnknownError("no rule")]
    with pytest.raises(UnknownError):
        setup.drain(monkeypatch)
    assert [store.is_closed for store in setup.stores] == [True]


def test_a_stop_while_an_assignment_waits_for_the_broker(setup: Setup) -> None:
    reading = setup._reading

    def unreachable(settings: Settings, codec: Any, store: Any, stop: threading.Event) -> Reading:
        opened = reading(settings, codec, store, stop)

        def stop_and_fail() -> None:
            stop.set()
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

        opened._consumer._consumer.before("get_watermark_offsets", stop_and_fail)  # type: ignore[attr-defined]
        return opened

    setup._reading = unreachable  # type: ignore[method-assign]
    run_process(setup)
    assert [store.is_closed for store in setup.stores] == [True]


def test_a_replaced_topic_is_read_again_from_its_start(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.publish("a", "b")
    setup.drain(monkeypatch)
    setup.log.replace_topic(PARTITION.topic)
    setup.publish("c")
    setup.run(lambda: setup.tables.facts == ["c"] and not setup.tables.marks, monkeypatch)
    assert setup.outputs.names == ["a", "b", "c"]


def test_a_consumer_whose_place_was_taken_is_replaced(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.publish("a")
    taken: list[bool] = []

    def take_place() -> bool:
        if setup.position == 1 and not taken:
            taken.append(True)
            successor = setup.log.consumer(GROUP, instance_id=APP)
            successor.subscribe(list(NAMES.values()))
            setup.publish("b")
        return setup.tables.facts == ["a", "b"]

    setup.run(take_place, monkeypatch)
    assert len(setup.stores) == 2


def test_marks_that_fail_in_an_unknown_way_are_isolated_and_set_aside(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.publish("a", "bad", "b")
    process_marks = sets.process_marks

    def failing(store: Any, limit: int) -> Any:
        if "bad" in store.tables.marks[:limit]:
            raise UnknownError("no rule")
        return process_marks(store, limit)

    monkeypatch.setattr(sets, "process_marks", failing)
    for _ in range(3):
        try:
            setup.drain(monkeypatch)
            break
        except UnknownError:
            continue
    assert setup.outputs.names == ["a", "b"]
    assert [key for key, row in setup.tables.set_aside.items() if row["is_set_aside"]] == [
        ("playlist", "bad")
    ]


def test_too_many_dead_letters_end_the_process(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every record is refused, as by a table without an expected column: none may be lost unnoticed."""

    def refuse(_store: InMemoryStore, _records: Sequence[InputRecord]) -> None:
        raise psycopg.errors.CheckViolation("no row of this table is accepted")

    monkeypatch.setattr("stream_processors.resolver.intake.ingest.ingest_records", refuse)
    setup.publish(*(f"n{number}" for number in range(WRITER_LIMITS.window_records + 1)))
    with pytest.raises(TooManyDeadLetters):
        setup.drain(monkeypatch)
    assert setup.position < WRITER_LIMITS.window_records
