"""No record stops a fold: it becomes the dead letter of the streams, and others have their effects."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from operations.rebuild import gold, silver
from operations.rebuild.folding import fold_until_passed
from operations.rebuild.job import Counts, Job
from operations.rebuild.part_files import PartRecord
from operations.rebuild.producing import of_published_fact
from songnodes.attempts import KILL_LIMIT
from songnodes.errors import Poison, TooManyDeadLetters
from songnodes.messaging import dead_letters, topics
from songnodes.settings import Settings
from stream_processors.runtime import DeadLetterLimits, Record, Stage, bulk
from stream_processors.runtime.bulk import BulkRun
from stream_processors.runtime.errors import OutputFailed
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.testing import StageTestDriver
from tests.support import codecs, sample_records

SETTINGS = Settings()
TOPIC = "silver.appearances"
NAME = topics.physical(TOPIC, SETTINGS)
RECORDS, BAD = 40, 37  # the last record of its key
KEYS = 5


class Json:
    def decode(self, logical: str, raw: bytes | None) -> Any:
        return json.loads(raw or b"")

    def encode(self, logical: str, value: Any) -> bytes:
        return json.dumps(value).encode()


class Numbers:
    """Values of the table."""

    def encode(self, key: bytes, value: Any) -> bytes:
        return json.dumps(value).encode()

    def decode(self, key: bytes, raw: bytes) -> Any:
        return json.loads(raw)


class Killed(BaseException):
    """The process ends here."""


def raises(stage: Stage, record: Record) -> Any:
    stage.emit("gold.tracks", record.key, {"total": -1})
    raise RuntimeError("no rule knows this")


def is_poison(stage: Stage, record: Record) -> Any:
    raise Poison("a rule knows this")


def is_killed(stage: Stage, record: Record) -> Any:
    stage.suspects.end = lambda **passed: None  # type: ignore[method-assign]  # nothing runs after a kill
    raise Killed


def has_no_encoding(stage: Stage, record: Record) -> Any:
    next(iter(stage.tables.values()))[record.key.encode()] = {1, 2}  # no JSON


def has_no_output(stage: Stage, record: Record) -> Any:
    def build() -> Any:
        raise RuntimeError("no rule knows this")

    stage.emit("gold.tracks", record.key, build)


KINDS: list[Callable[[Stage, Record], Any]] = [raises, is_poison, is_killed, has_no_encoding, has_no_output]


class Outputs:
    """Receives what a fold produces; dead letters apart."""

    def __init__(self, stage: Stage) -> None:
        self._dead_letter_topic = stage.dead_letter_topic
        self.values: dict[tuple[str, bytes | None], bytes | None] = {}
        self.reasons: list[dead_letters.Reason | None] = []

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        if topic == self._dead_letter_topic:
            self.reasons.append(dead_letters.read(headers))
        else:
            self.values[topic, key] = value


def build(
    kind: Callable[[Stage, Record], Any] | None,
    bad: Callable[[int], bool] = BAD.__eq__,
    limits: DeadLetterLimits | None = None,
) -> Stage:
    """Return a stage that sums numbers by key; records are bad by their offset."""
    stage = Stage("gold", SETTINGS, Json(), limits=limits)
    table = stage.table("tracks", Numbers())

    @stage.agent(TOPIC)
    def on_number(record: Record) -> None:
        if kind is not None and bad(record.offset):
            kind(stage, record)
            return
        key = record.key.encode()
        total = cast(int, table.get(key) or 0) + record.value["number"]
        table[key] = total
        stage.emit("gold.tracks", record.key, lambda: {"total": total})

    return stage


def records() -> Iterator[PartRecord]:
    for offset in range(RECORDS):
        key, value = f"k{offset % KEYS}".encode(), json.dumps({"number": offset}).encode()
        yield PartRecord(NAME, 0, offset, 0, key, value)


class Folds:
    """Folds of one task, the runs of one command after the other."""

    def __init__(self, directory: Path, *, accepts_dead_letters: bool = False) -> None:
        self.runs = 0
        self.outputs: Outputs | None = None
        self._job = Job(SETTINGS, cast(Any, None), directory, accepts_dead_letters)

    def run(self, make: Callable[[], Stage]) -> Outputs:
        def fold(stage: Stage) -> Counts:
            self.runs += 1
            self.outputs = Outputs(stage)
            run = BulkRun(stage, 0)
            run.process(records(), self.outputs)
            run.flush(self.outputs)
            for topic, key, value in run.changelog():
                self.outputs.produce(topic, key, value)
            return {}

        for _ in range(KILL_LIMIT + 2):
            try:
                fold_until_passed(self._job, "fold-0-0", make, fold)
                break
            except Killed:
                continue
        assert self.outputs is not None
        return self.outputs


def stream(kind: Callable[[Stage, Record], Any], directory: Path) -> list[dead_letters.Reason]:
    """Return the dead letters of a worker that is started again after each end."""
    for _ in range(KILL_LIMIT + 2):
        stage = build(kind)
        stage.suspects = Suspects(directory, [NAME])
        driver = StageTestDriver(stage, Json())
        try:
            for record in records():
                driver.feed(TOPIC, (record.key or b"").decode(), record.value, timestamp=0, flush=False)
            driver.commit()
        except (RuntimeError, OutputFailed, TypeError, Killed) as error:
            stage.suspects.fail_commit(error)
            continue
        return [reason for reason, _ in driver.dead_letters]
    raise AssertionError("the worker does not pass the record")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda file: None)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_record_is_the_dead_letter_of_the_streams_and_no_other_record_has_less(
    kind: Callable[[Stage, Record], Any], tmp_path: Path
) -> None:
    expected = Outputs(build(None))
    run = BulkRun(build(None), 0)
    run.process((record for record in records() if record.offset != BAD), expected)
    run.flush(expected)
    for topic, key, value in run.changelog():
        expected.produce(topic, key, value)

    rebuilt = Folds(tmp_path / "rebuild").run(lambda: build(kind))
    assert rebuilt.values == expected.values
    assert rebuilt.reasons == stream(kind, tmp_path / "streams")
    ((reason),) = rebuilt.reasons
    assert reason is not None
    assert (reason.topic, reason.offset) == (NAME, BAD)


def test_one_further_run_identifies_all_records_that_fail(tmp_path: Path) -> None:
    folds = Folds(tmp_path)
    outputs = folds.run(lambda: build(raises, lambda offset: offset % 16 == 1))
    assert folds.runs == 2
    assert [reason.offset for reason in outputs.reasons if reason] == [1, 17, 33]


def test_code_that_fails_at_every_record_ends_the_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_FAILURES", 8)
    folds = Folds(tmp_path)
    with pytest.raises(TooManyDeadLetters):
        folds.run(lambda: build(raises, lambda offset: True, DeadLetterLimits(max_consecutive=4)))
    assert folds.runs == 2


def test_a_rebuild_that_accepts_dead_letters_has_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "MAX_FAILURES", 8)
    folds = Folds(tmp_path, accepts_dead_letters=True)
    outputs = folds.run(
        lambda: build(raises, lambda offset: offset != 7, DeadLetterLimits(max_consecutive=4))
    )
    assert [reason.offset for reason in outputs.reasons if reason] == [n for n in range(RECORDS) if n != 7]


def test_the_dead_letter_of_a_fact_can_be_reinserted() -> None:
    """Its topic, key and value are those of the streams; the offset differs between parts."""
    codec = codecs.offline()
    row = sample_records.playlist_row(1, "deadmau5-strobe")
    playlist: Any = sample_records.playlist("1001tracklists:abc", 1, row)
    fact = next(fact for fact in gold.facts_of(playlist) if silver.TOPICS[fact.topic] == TOPIC)
    letter = of_published_fact(as_letter(fact.topic, 4, fact.value), 2, SETTINGS, codec)
    reason = dead_letters.read(letter.headers)
    assert reason is not None
    assert (reason.topic, reason.partition, reason.offset) == (NAME, 1, (2 << 40) + 4)
    assert codec.decode(TOPIC, letter.value)["playlist_id"] == playlist["playlist_id"]

    broken = of_published_fact(as_letter(fact.topic, 4, b"\x93"), 2, SETTINGS, codec)
    assert (broken.value, dead_letters.left_out(broken.headers)) == (None, "value")
    read_letter = as_letter(NAME, 4, b"as it was read")
    assert of_published_fact(read_letter, 2, SETTINGS, codec) is read_letter


def as_letter(topic: str, offset: int, value: bytes | None) -> dead_letters.Letter:
    reason = dead_letters.Reason.of(
        Poison("a test"), stage="gold", topic=topic, partition=1, offset=offset, timestamp=0, headers=()
    )
    return dead_letters.letter(reason, b"a track", value, ())
