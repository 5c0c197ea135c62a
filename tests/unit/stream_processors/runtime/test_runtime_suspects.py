"""A record whose error no rule knows costs that record and no other, whatever ends the process."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from songnodes.attempts import KILL_LIMIT
from songnodes.errors import Fatal, Transient
from songnodes.messaging.schemas import state_schemas
from songnodes.settings import Settings
from stream_processors.runtime import Record, Stage, suspects
from stream_processors.runtime.offline import Offline
from stream_processors.runtime.records import Fetched
from stream_processors.runtime.suspects import Suspects
from stream_processors.runtime.values import AvroValues
from tests.support import codecs
from tests.support import sample_records as sample

TOPIC = "silver.playlists"


def raw(offset: int) -> Fetched:
    return Fetched(
        topic="songnodes.t", partition=2, offset=offset, timestamp=0, key=b"k", value=b"v", headers=()
    )


def stage(*, tables: bool) -> Stage:
    made = Stage("silver" if tables else "parse", Settings(), codecs.offline(), emits=(TOPIC,))
    table = made.table("events", AvroValues({b"v": state_schemas("silver.events")})) if tables else None

    @made.agent("bronze.tracklists")
    def on_tracklist(record: Record) -> None:
        if table is not None:
            table[b"v" + record.key.encode()] = None
        made.emit(TOPIC, record.key, sample.playlist(record.key, 1))
        if record.key == "bad":
            raise LookupError("no rule knows this")

    return made


def fed(offline: Offline, key: str) -> list[str]:
    return [
        emitted.key for emitted in offline.feed("bronze.tracklists", key, sample.tracklist("one", "A - B"))
    ]


def test_a_stage_without_tables_makes_a_dead_letter_of_it_at_once() -> None:
    offline = Offline(stage(tables=False), codecs.offline())
    assert fed(offline, "one") == ["one"]
    assert fed(offline, "bad") == []
    assert fed(offline, "two") == ["two"]
    ((reason, value),) = offline.dead_letters
    assert (reason.reason, reason.offset) == ("unforeseen", 1)
    assert "LookupError: no rule knows this (test_runtime_suspects.py:" in reason.message
    assert value is not None


def test_a_stage_with_tables_ends_once_then_makes_a_dead_letter_of_it() -> None:
    made = stage(tables=True)
    offline = Offline(made, codecs.offline())
    assert fed(offline, "one") == ["one"]
    with pytest.raises(LookupError):
        fed(offline, "bad")
    offline.crash()
    assert [emitted.key for emitted in offline.redeliver()] == ["one"]
    assert [reason.reason for reason, _ in offline.dead_letters] == ["unforeseen"]
    assert fed(offline, "two") == ["two"]
    offline.rewind()
    assert [emitted.key for emitted in offline.redeliver()] == ["one", "two"]


def test_what_ended_a_process_is_known_to_the_next_one(tmp_path: Path) -> None:
    first = Suspects(tmp_path, ["songnodes.t"])
    assert first.begin(raw(7)) is None
    assert first.fail(raw(7), ValueError("x")) is None
    first.end()
    second = Suspects(tmp_path, ["songnodes.t"])
    assert second.begin(raw(7)) is None
    poison = second.fail(raw(7), ValueError("y"))
    assert poison is not None
    assert "ValueError: y" in str(poison)
    second.end()
    third = Suspects(tmp_path, ["songnodes.t"])
    assert third.begin(raw(7)) is not None
    assert third.begin(raw(8)) is None


def test_a_record_that_passes_is_forgotten(tmp_path: Path) -> None:
    for _ in range(3):
        memory = Suspects(tmp_path, ["songnodes.t"])
        memory.begin(raw(7))
        assert memory.fail(raw(7), ValueError("x")) is None
        memory = Suspects(tmp_path, ["songnodes.t"])
        assert memory.begin(raw(7)) is None
        memory.end(passed=True)


def test_a_few_kills_blame_no_record(tmp_path: Path) -> None:
    for kills in range(KILL_LIMIT):
        memory = Suspects(tmp_path, ["songnodes.t"])
        assert memory.begin(raw(7)) is None, kills
    memory = Suspects(tmp_path, ["songnodes.t"])
    assert memory.begin(raw(7)) is not None
    assert memory.begin(raw(6)) is None


@pytest.mark.parametrize("error", [Transient, Fatal])
def test_an_error_that_says_nothing_of_the_record_blames_none(tmp_path: Path, error: type[Exception]) -> None:
    """A registry that is away ends the process again and again, always at the same record."""
    made = Stage("silver", Settings(), codecs.offline(), emits=(TOPIC,))

    @made.agent("bronze.tracklists")
    def on_tracklist(record: Record) -> None:
        raise error("away")

    offline = Offline(made, codecs.offline())
    made.suspects = Suspects(tmp_path, sorted(made.agents))
    with pytest.raises(error):
        fed(offline, "one")
    for _ in range(KILL_LIMIT):
        offline.crash()
        made.suspects = Suspects(tmp_path, sorted(made.agents))
        with pytest.raises(error):
            list(offline.redeliver())
    again = Suspects(tmp_path, sorted(made.agents))
    assert not again._entries
    assert not offline.dead_letters


def test_a_damaged_file_stops_no_worker(tmp_path: Path) -> None:
    (tmp_path / "suspects.json").write_text("[{]")
    (tmp_path / "record").write_bytes(b"\x01")
    assert Suspects(tmp_path, ["songnodes.t"]).begin(raw(1)) is None


def test_a_slow_record_is_named_and_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    memory = Suspects(tmp_path, ["songnodes.t"])
    ended: list[Any] = []
    now = time.monotonic()
    monkeypatch.setattr("stream_processors.runtime.suspects.time.monotonic", lambda: now)
    memory.begin(raw(7))
    now += suspects.SLOW_S + 1
    memory.check_time(ended.append)
    assert ended == []
    now += suspects.LONGEST_S
    memory.check_time(ended.append)
    assert isinstance(ended[0], TimeoutError)
    memory.rest()
    again = Suspects(tmp_path, ["songnodes.t"])
    assert again.fail(raw(7), TimeoutError("again")) is not None


def test_a_record_that_holds_the_interpreter_is_ended_by_the_kernel(tmp_path: Path) -> None:
    """No thread runs while a regular expression backtracks: only the alarm ends it."""
    code = f"""
import re, sys
from pathlib import Path
from stream_processors.runtime import suspects
from tests.unit.stream_processors.runtime.test_runtime_suspects import raw
suspects.ALARM_S = 0.3
memory = suspects.Suspects(Path({str(tmp_path)!r}), ["songnodes.t"])
memory.begin(raw(7))
re.match("(a+)+$", "a" * 60 + "b")
"""
    started = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[4], env=dict(os.environ), timeout=60
    )
    assert ended.returncode == -signal.SIGALRM
    assert time.monotonic() - started < 50
    memory = Suspects(tmp_path, ["songnodes.t"])
    assert memory._entries[("songnodes.t", 2, 7)].kills == 1
