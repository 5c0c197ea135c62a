"""The model of the commit, with a record that ends the process each time it is handled.

For kills at any step: the record becomes a dead letter, and outputs, state and offsets are those of a world
without it. A record whose state no commit can write has no outputs here: those of its first handling may have
been delivered before the commit fails, and the next output of the entity replaces them.
"""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from operations.dead_letters import reinsertion
from songnodes.attempts import KILL_LIMIT
from songnodes.errors import EXIT_SOFTWARE, NotAcknowledged, Poison
from songnodes.messaging import dead_letters, topics
from songnodes.messaging.codec import RecordTooLarge
from songnodes.messaging.limits import MAX_MESSAGE_BYTES, MAX_VALUE_BYTES
from songnodes.settings import Settings
from stream_processors.runtime import Record, Stage
from stream_processors.runtime.delivery.commit import Commit
from stream_processors.runtime.errors import OutputFailed, StateTooLarge
from stream_processors.runtime.quarantine.careful import CALM_COMMITS
from stream_processors.runtime.quarantine.suspect_file import SuspectFile
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.state import store as stores
from stream_processors.runtime.state import table
from stream_processors.runtime.testing import StageTestDriver
from tests.unit.stream_processors.runtime.delivery import test_runtime_commit as model
from tests.unit.stream_processors.runtime.delivery.test_runtime_commit import INPUT, Killed, World

HISTORIES = 6
LETTERS = "gold.dlq"
MAX_RUNS = 40  # of one history; more would be an endless loop of restarts
MODEL_LIMIT = 4096  # bytes of a value; the model writes one above it at each of its steps


def make_quick(replace_attribute: Callable[[object, str, object], None]) -> None:
    """Skip fsync: files of the model's processes need not survive the machine. Values have a small limit."""
    replace_attribute(stores, "WRITE_BATCH_KEYS", 2)
    replace_attribute(table, "MAX_VALUE_BYTES", MODEL_LIMIT)
    replace_attribute(os, "fsync", lambda file: None)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    make_quick(monkeypatch.setattr)


def raises(stage: Stage, record: Record) -> None:
    stage.emit("gold.tracks", record.key, {"version": 10**6, "count": -1})
    raise RuntimeError("no rule knows this")


def is_killed(stage: Stage, record: Record) -> None:
    stage.emit("gold.tracks", record.key, {"version": 10**6, "count": -1})
    stage.suspects.end = lambda **passed: None  # type: ignore[method-assign]  # nothing runs after a kill
    raise Killed


def cannot_be_encoded(stage: Stage, record: Record) -> None:
    (only,) = stage.tables.values()
    only[b"e|" + record.key.encode()] = {1, 2}  # no JSON


def is_too_large(stage: Stage, record: Record) -> None:
    (only,) = stage.tables.values()
    only[b"e|" + record.key.encode()] = "x" * MODEL_LIMIT


def output_is_invalid(stage: Stage) -> Any:
    return {"version": {1, 2}}  # no JSON


def output_is_too_large(stage: Stage) -> Any:
    return {"version": "x" * MODEL_LIMIT}


def output_raises(stage: Stage) -> Any:
    raise RuntimeError("no rule knows this")


def output_kills(stage: Stage) -> Any:
    stage.suspects.end = lambda **passed: None  # type: ignore[method-assign]  # nothing runs after a kill
    stage.suspects.end_flush = lambda: None  # type: ignore[method-assign]
    raise Killed


KINDS: dict[str, Callable[[Stage, Record], None]] = {
    kind.__name__: kind for kind in (raises, is_killed, cannot_be_encoded, is_too_large)
}
#: What builds the output of a total that contains the bad record.
OUTPUTS: dict[str, Callable[[Stage], Any]] = {
    build.__name__: build for build in (output_is_invalid, output_is_too_large, output_raises, output_kills)
}
#: Kinds that fail while the record is handled: its earlier effects are undone.
LATE = {raises.__name__, is_killed.__name__}
#: Kinds that are tried in child processes.
KILLS = (is_killed.__name__, output_kills.__name__)


class Kafka(model.DelayedProducer):
    """Refuses records that are too large, like librdkafka and the broker."""

    def produce(self, topic: str, key: Any, value: Any, **rest: Any) -> None:
        if len(value or b"") > MODEL_LIMIT:
            raise StateTooLarge(topic=topic, size=len(value))
        rest.pop("headers", None)
        super().produce(topic, key, value, **rest)


class Process(model.Process):
    """One run of a worker that stores in a directory which records ended it."""

    def __init__(self, world: World, directory: Path, bad: int, kind: str) -> None:
        super().__init__(world, Commit)
        self.record_producer = self.commit._producer = cast(Any, Kafka(world))
        self.kind = kind
        self.stage._codec = LimitedJson()
        agent = self.stage.agents[INPUT]

        def handler(record: Record) -> None:
            if kind in OUTPUTS:
                tainted = msgspec.structs.replace(record, value={"part": model.TAINTED_PART.decode()})
                agent.handler(tainted if record.offset == bad else record)
                return
            if record.offset != bad or kind in LATE:
                agent.handler(record)
            if record.offset == bad:
                KINDS[kind](self.stage, record)

        self.stage.agents[INPUT] = replace(agent, handler=handler)
        self.stage.suspects = Suspects(directory, [INPUT])
        run = self.commit.run

        async def commit() -> dict[str, int]:  # as the consumer does
            try:
                committed = await run()
            except BaseException as error:
                self.stage.suspects.fail_commit(error)
                raise
            self.stage.suspects.pass_commit()
            return committed

        self.commit.run = commit  # type: ignore[method-assign]

    def build(self, version: int, count: int) -> Any:
        if count >= model.TAINT:
            return OUTPUTS[self.kind](self.stage)
        return super().build(version, count)


class LimitedJson(model.Json):
    """Refuses values that are too large, as the real codec does."""

    def encode(self, logical: str, value: Any) -> bytes:
        raw = super().encode(logical, value)
        if len(raw) > MODEL_LIMIT:
            raise RecordTooLarge(logical, size=len(raw))
        return raw


def run(seed: int, killed_at: int, directory: Path, kind: str) -> World:
    """Run until everything is committed; `killed_at` is the step of the first external kill."""
    world, rnd = model.new_world(seed, killed_at)
    bad = rnd.randrange(len(world.inputs))
    directory.mkdir()
    for _ in range(MAX_RUNS):
        try:
            Process(world, directory, bad, kind).live()
        except Killed:
            world.killed_at = world.steps + rnd.randrange(1, 40) if rnd.random() < 0.3 else -1
        except (RuntimeError, TypeError, StateTooLarge, OutputFailed):
            pass
        else:
            letters = world.topics.pop(topics.physical(LETTERS, model.SETTINGS))
            assert {value for _, value in letters} == {world.inputs[bad].value}
            return world
    raise AssertionError(f"ends for ever: {kind}, history {seed}, killed at {killed_at}")


def is_wrong(seed: int, killed_at: int, directory: Path, kind: str) -> tuple[bool, int]:
    """Return True if the outcome differs from that without the bad record, and the number of steps."""
    world = run(seed, killed_at, directory, kind)
    _, rnd = model.new_world(seed, -1)
    bad = rnd.randrange(len(world.inputs))
    good = [record for record in world.inputs if record.offset != bad]
    outcome = replace(world, inputs=good, committed=world.committed - 1)
    return model.is_wrong(outcome), world.steps


def wrong_outcomes(kind: str, directory: Path) -> int:
    """Run each history once undisturbed, and once for a kill at each of its steps; count wrong outcomes."""
    count = 0
    for seed in range(HISTORIES):
        wrong, steps = is_wrong(seed, -1, directory / f"{seed}", kind)
        assert not wrong, seed
        for step in range(1, steps + 1):
            count += is_wrong(seed, step, directory / f"{seed}-{step}", kind)[0]
    return count


@pytest.mark.parametrize("kind", [kind for kind in (*KINDS, *OUTPUTS) if kind not in KILLS])
def test_only_the_bad_record_becomes_a_dead_letter_for_kills_at_any_step(kind: str, tmp_path: Path) -> None:
    assert wrong_outcomes(kind, tmp_path) == 0


@pytest.mark.parametrize("kind", KILLS)
def test_only_a_record_that_kills_becomes_a_dead_letter_for_kills_at_any_step(
    kind: str, tmp_path: Path
) -> None:
    """In a small process: each of 330 trials forks, which takes long in a process with all tests."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn, make_quick, (setattr,)) as pool:
        assert pool.submit(wrong_outcomes, kind, tmp_path).result() == 0


def test_the_model_detects_suspects_that_are_not_persistent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SuspectFile, "write", lambda self: None)
    with pytest.raises(AssertionError, match="ends for ever"):
        run(1, -1, tmp_path / "x", "raises")


def test_external_kills_blame_no_good_record(tmp_path: Path) -> None:
    """Each run passes the record and is killed later, more often than a bad record may end a process."""
    world, _ = model.new_world(3, -1)
    for life in range(KILL_LIMIT * 3):
        memory = Suspects(tmp_path, [INPUT])
        assert memory.begin(world.inputs[0]) is None, life
        memory.end(passed=True)


def test_only_records_of_a_failed_commit_are_suspects(tmp_path: Path) -> None:
    for passing in (NotAcknowledged("x"), Killed(), KeyboardInterrupt()):
        Suspects(tmp_path, [INPUT]).fail_commit(passing)
        assert not Suspects(tmp_path, [INPUT]).careful
    Suspects(tmp_path, [INPUT]).become_careful()
    assert Suspects(tmp_path, [INPUT]).careful
    Suspects(tmp_path, [INPUT]).pass_commit()
    for error in (StateTooLarge("x"), ValueError("x"), MemoryError()):
        Suspects(tmp_path, [INPUT]).fail_commit(error)
        careful = Suspects(tmp_path, [INPUT])
        assert careful.careful
        careful.pass_commit()
        assert careful.careful, "the record may be still to come"
        assert not Suspects(tmp_path, [INPUT]).careful


def test_flushes_that_end_processes_make_the_next_one_careful(tmp_path: Path) -> None:
    """One may be a kill from outside; many commits between show that it was, one does not."""

    def end_in_flush() -> bool:
        suspects = Suspects(tmp_path, [INPUT])
        suspects.begin_flush()
        return suspects.careful

    assert not end_in_flush()
    for _ in range(KILL_LIMIT):
        passed = Suspects(tmp_path, [INPUT])
        assert not passed.careful
        passed.begin_flush()
        passed.end_flush()
        for _ in range(CALM_COMMITS):
            passed.pass_commit()
        assert not end_in_flush()
    suspects = Suspects(tmp_path, [INPUT])
    suspects.pass_commit()  # of another partition
    suspects.begin_flush()
    assert Suspects(tmp_path, [INPUT]).careful


@pytest.mark.parametrize("error", [StateTooLarge, OutputFailed])
def test_a_value_that_cannot_be_written_is_no_final_exit(error: type[StateTooLarge | OutputFailed]) -> None:
    """The supervisor restarts the process, which then identifies the record."""
    assert error.exit_code == EXIT_SOFTWARE


# dead letters that Kafka takes


class Refused(Poison):
    """No"""

    reason = "refused"


LARGE = b"x" * (MAX_MESSAGE_BYTES + 1)
MANY = tuple((f"h{number}", b"y" * 1024) for number in range(200))


@pytest.mark.parametrize(
    ("key", "value", "headers", "missing"),
    [
        (b"k", b"v", (), None),
        (None, None, (), None),
        (b"k", b"x" * MAX_VALUE_BYTES, (("a", b"b"),), None),
        (b"k", LARGE, (("a", b"b"),), "value"),
        (LARGE, b"v", (), "value, key"),
        (LARGE, LARGE, (), "value, key"),
        (b"k", LARGE, MANY, "value, headers"),
        (b"k", b"v", (("a", LARGE),), "value, headers"),
    ],
)
def test_a_dead_letter_is_never_larger_than_the_producers_limit(
    key: bytes | None, value: bytes | None, headers: Any, missing: str | None
) -> None:
    reason = dead_letters.Reason.of(
        Refused("z" * 10_000), stage="parse", topic="t", partition=1, offset=2, timestamp=3, headers=headers
    )
    letter = dead_letters.letter(reason, key, value, headers)
    size = sum(len(name) + len(content or b"") for name, content in letter.headers)
    assert len(letter.key or b"") + len(letter.value or b"") + size < MAX_MESSAGE_BYTES
    assert dead_letters.read(letter.headers) == reason
    assert dead_letters.left_out(letter.headers) == missing
    if missing is None:
        assert (letter.key, letter.value) == (key, value)
        assert dead_letters.without_reason(letter.headers) == list(headers)


def test_a_record_beyond_all_limits_becomes_a_dead_letter() -> None:
    """A foreign writer's batch of zeros is small when compressed."""
    stage = Stage("parse", Settings(), model.Json(), emits=())

    @stage.agent("bronze.pages")
    def on_page(record: Record) -> None:
        raise Refused

    sent: list[int] = []

    class Counting(StageTestDriver):
        def produce(self, topic: str, key: Any, value: Any, *, headers: Any = None) -> None:
            sent.append(len(value or b""))
            super().produce(topic, key, value, headers=headers)

    offline = Counting(stage, model.Json())
    offline.feed("bronze.pages", "k", LARGE)
    offline.feed("bronze.pages", "k", b"{}")
    assert sent == [0, 2]


class Case(SimpleNamespace):
    """A dead letter as selected by the commands."""

    __hash__ = object.__hash__  # type: ignore[assignment]


def test_a_letter_without_its_value_is_not_reinserted(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings()
    topic = topics.physical("bronze.pages", settings)
    reason = dead_letters.Reason.of(
        Refused(), stage="parse", topic=topic, partition=1, offset=2, timestamp=3, headers=()
    )
    monkeypatch.setattr(reinsertion, "_superseded", lambda *given: [])

    def case(value: bytes) -> Any:
        new_letter = dead_letters.letter(reason, b"k", value, ())
        return Case(letter=SimpleNamespace(headers=tuple(new_letter.headers), reason=reason))

    admin: Any = None
    assert reinsertion.obstacles(settings, admin, [case(b"v")]) == {}
    (why,) = reinsertion.obstacles(settings, admin, [case(LARGE)]).values()
    assert "too large" in why
