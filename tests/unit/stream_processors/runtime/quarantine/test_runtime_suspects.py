"""A record with an unforeseen error becomes a dead letter and affects no other, however the process ends."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from infra.embedded import stage_records
from songnodes.attempts import KILL_LIMIT
from songnodes.errors import Fatal, Transient
from songnodes.messaging import topics
from songnodes.messaging.dead_letters import Reason
from songnodes.messaging.schemas import state_schemas
from songnodes.settings import Settings
from stream_processors.runtime import Record, Stage
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.errors import LeaseExpired
from stream_processors.runtime.quarantine import suspects
from stream_processors.runtime.quarantine.suspect_file import SuspectFile
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.records import FetchedRecord
from stream_processors.runtime.state.codecs import SchemaValues
from stream_processors.runtime.testing import StageTestDriver
from tests.support import codecs
from tests.support import sample_records as sample

TOPIC = "silver.playlists"


def raw(offset: int) -> FetchedRecord:
    return FetchedRecord(
        topic="songnodes.t", partition=2, offset=offset, timestamp=0, key=b"k", value=b"v", headers=()
    )


def stage(*, tables: bool) -> Stage:
    new_stage = Stage("silver" if tables else "parse", Settings(), codecs.offline(), emits=(TOPIC,))
    table = (
        new_stage.table("events", SchemaValues({b"v": state_schemas("silver.events")})) if tables else None
    )

    @new_stage.agent("bronze.tracklists")
    def on_tracklist(record: Record) -> None:
        if table is not None:
            table[b"v" + record.key.encode()] = None
        new_stage.emit(TOPIC, record.key, sample.playlist(record.key, 1))
        if record.key == "bad":
            raise LookupError("no rule knows this")

    return new_stage


def fed(offline: StageTestDriver, key: str) -> list[str]:
    return [
        emitted.key for emitted in offline.feed("bronze.tracklists", key, sample.tracklist("one", "A - B"))
    ]


def test_a_stage_without_tables_makes_it_a_dead_letter_immediately() -> None:
    offline = StageTestDriver(stage(tables=False), codecs.offline())
    assert fed(offline, "one") == ["one"]
    assert fed(offline, "bad") == []
    assert fed(offline, "two") == ["two"]
    ((reason, value),) = offline.dead_letters
    assert (reason.reason, reason.offset) == ("unforeseen", 1)
    assert "LookupError: no rule knows this (test_runtime_suspects.py:" in reason.message
    assert value is not None


def test_a_stage_with_tables_ends_once_then_makes_it_a_dead_letter() -> None:
    table_stage = stage(tables=True)
    offline = StageTestDriver(table_stage, codecs.offline())
    assert fed(offline, "one") == ["one"]
    with pytest.raises(LookupError):
        fed(offline, "bad")
    offline.crash()
    assert [emitted.key for emitted in offline.redeliver()] == ["one"]
    assert [reason.reason for reason, _ in offline.dead_letters] == ["unforeseen"]
    assert fed(offline, "two") == ["two"]
    offline.rewind()
    assert [emitted.key for emitted in offline.redeliver()] == ["one", "two"]


def test_the_next_process_knows_the_record_that_ended_the_last(tmp_path: Path) -> None:
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


def test_external_kills_never_blame_a_record(tmp_path: Path) -> None:
    for kills in range(KILL_LIMIT * 10):
        memory = Suspects(tmp_path, ["songnodes.t"])
        assert memory.begin(raw(7)) is None, kills
        assert memory.is_on_trial(raw(7)) == (kills >= KILL_LIMIT)
        assert not memory.is_on_trial(raw(8))
    assert memory.close_trial(raw(7), None) is None
    memory.end()
    memory = Suspects(tmp_path, ["songnodes.t"])
    assert not memory.is_on_trial(raw(7))
    assert memory.begin(raw(7)) is None


def test_a_record_that_ends_its_trial_is_a_dead_letter(tmp_path: Path) -> None:
    for _ in range(KILL_LIMIT + 1):
        memory = Suspects(tmp_path, ["songnodes.t"])
        memory.begin(raw(7))
    poison = memory.close_trial(raw(7), "ended by SIGSEGV")
    assert poison is not None
    assert "SIGSEGV" in str(poison)
    memory.end()
    next_suspects = Suspects(tmp_path, ["songnodes.t"])
    assert next_suspects.begin(raw(7)) is not None
    assert not next_suspects.is_on_trial(raw(7))


@pytest.mark.parametrize(
    ("ends", "signs"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: os.kill(os.getpid(), signal.SIGSEGV), "SIGSEGV"),
        (lambda: os._exit(3), "exit code 3"),
    ],
)
def test_a_stage_tries_the_record_that_ended_it_in_a_child_process(
    tmp_path: Path, ends: Any, signs: str
) -> None:
    """The test process survives because only a child process handles the record."""
    table_stage = stage(tables=True)
    agent = next(iter(table_stage.agents.values()))

    def handler(record: Record) -> None:
        if record.key == "deadly":
            ends()
        agent.handler(record)

    table_stage.agents[agent.physical] = replace(agent, handler=handler)
    offline = StageTestDriver(table_stage, codecs.offline())
    deadly, innocent = (replace(raw(offset), topic=agent.physical, partition=0) for offset in (0, 1))
    for record in (deadly, innocent):
        for _ in range(KILL_LIMIT + 1):  # the last start only counts
            table_stage.suspects = Suspects(tmp_path, sorted(table_stage.agents))
            table_stage.suspects.begin(record)
    table_stage.suspects = Suspects(tmp_path, sorted(table_stage.agents))
    assert fed(offline, "deadly") == []
    assert fed(offline, "innocent") == ["innocent"]
    assert fed(offline, "other") == ["other"]
    ((reason, _),) = offline.dead_letters
    assert (reason.reason, reason.offset) == ("unforeseen", 0)
    assert signs in reason.message
    assert not (tmp_path / "suspects.json").read_text().count('"offset": 1')


@pytest.mark.parametrize("error", [Transient, Fatal])
def test_an_error_independent_of_the_record_blames_none(tmp_path: Path, error: type[Exception]) -> None:
    """An unavailable registry ends the process repeatedly, always at the same record."""
    table_stage = Stage("silver", Settings(), codecs.offline(), emits=(TOPIC,))

    @table_stage.agent("bronze.tracklists")
    def on_tracklist(record: Record) -> None:
        raise error("away")

    offline = StageTestDriver(table_stage, codecs.offline())
    table_stage.suspects = Suspects(tmp_path, sorted(table_stage.agents))
    with pytest.raises(error):
        fed(offline, "one")
    for _ in range(KILL_LIMIT):
        offline.crash()
        table_stage.suspects = Suspects(tmp_path, sorted(table_stage.agents))
        with pytest.raises(error):
            list(offline.redeliver())
    next_suspects = Suspects(tmp_path, sorted(table_stage.agents))
    assert not next_suspects._entries
    assert not offline.dead_letters


def test_a_damaged_file_does_not_stop_a_worker(tmp_path: Path) -> None:
    (tmp_path / "suspects.json").write_text("[{]")
    (tmp_path / "record").write_bytes(b"\x01")
    assert Suspects(tmp_path, ["songnodes.t"]).begin(raw(1)) is None


class Clock:
    """Replaces time: wall-clock seconds and processor seconds of the handling thread."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall, self.processor = time.monotonic(), 0.0
        monkeypatch.setattr("stream_processors.runtime.quarantine.suspects.time.monotonic", lambda: self.wall)
        monkeypatch.setattr(
            "stream_processors.runtime.quarantine.suspects.time.clock_gettime", lambda clock: self.processor
        )

    def go(self, wall: float, processor: float) -> None:
        self.wall += wall
        self.processor += processor


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def timed_out(memory: Suspects, clock: Clock, *, busy: bool) -> list[BaseException]:
    """Handle record 7 until it takes too long; return the error that ends the process."""
    ended: list[BaseException] = []
    memory.begin(raw(7))
    clock.go(suspects.SLOW_S + 1, suspects.SLOW_S if busy else 0)
    memory.check_time(ended.append)
    assert ended == []
    clock.go(suspects.LONGEST_S, suspects.LONGEST_S if busy else 0)
    with ThreadPoolExecutor() as watch:
        watch.submit(memory.check_time, ended.append).result()
    assert isinstance(ended[0], TimeoutError)
    assert "test_runtime_suspects.py:" in str(ended[0])
    return ended


def test_a_record_that_computes_too_long_counts_as_two_exits(tmp_path: Path, clock: Clock) -> None:
    timed_out(Suspects(tmp_path, ["songnodes.t"]), clock, busy=True)
    next_suspects = Suspects(tmp_path, ["songnodes.t"])
    poison = next_suspects.begin(raw(7))
    assert poison is not None
    assert "TimeoutError" in str(poison)
    assert next_suspects.begin(raw(8)) is None


def test_a_record_that_waits_too_long_counts_as_one_exit(tmp_path: Path, clock: Clock) -> None:
    """The process may have been paused, or the machine suspended."""
    timed_out(Suspects(tmp_path, ["songnodes.t"]), clock, busy=False)
    next_suspects = Suspects(tmp_path, ["songnodes.t"])
    assert next_suspects.begin(raw(7)) is None
    timed_out(next_suspects, clock, busy=False)
    assert Suspects(tmp_path, ["songnodes.t"]).begin(raw(7)) is not None


def test_status_shows_slow_and_set_aside_records(tmp_path: Path, clock: Clock) -> None:
    settings = Settings()
    directory = tmp_path / "suspects" / topics.app_id("silver", settings) / "0"
    memory = Suspects(directory, ["songnodes.t"])
    assert stage_records.set_aside(tmp_path, settings) == []
    memory.begin(raw(6))
    clock.go(suspects.SLOW_S + 1, 0)
    memory.check_time(lambda error: None)
    (slow,) = stage_records.set_aside(tmp_path, settings)
    assert (slow.process, slow.kind, slow.id) == ("silver", "slow record", "songnodes.t[2]@6")
    assert slow.error == "being handled for 31 s, key b'k'"
    memory.end(passed=True)
    memory.check_time(lambda error: None)
    assert stage_records.set_aside(tmp_path, settings) == []
    timed_out(memory, clock, busy=True)
    Suspects(directory, ["songnodes.t"]).check_time(lambda error: None)  # the next process has no slow record
    (entry,) = stage_records.set_aside(tmp_path, settings)
    assert (entry.kind, entry.id, entry.is_set_aside) == ("record", "songnodes.t[2]@7", True)
    (directory / "suspects.json").write_text("[{]")
    (damaged,) = stage_records.set_aside(tmp_path, settings)
    assert damaged.kind == "damaged file"


def test_a_reinserted_record_that_passes_is_removed_from_the_list(tmp_path: Path) -> None:
    memory = Suspects(tmp_path, ["songnodes.t"])
    memory.begin(raw(7))
    memory.fail(raw(7), ValueError("x"), ends=2)
    memory.end()
    poison = memory.begin(raw(7))
    assert poison is not None
    memory.end()
    reason = Reason.of(
        poison, stage="silver", topic="songnodes.t", partition=2, offset=7, timestamp=0, headers=()
    )
    headers: Any = tuple(reason.headers(()))
    memory.begin(replace(raw(90), headers=headers))
    memory.end(passed=True)
    next_suspects = Suspects(tmp_path, ["songnodes.t"])
    assert not next_suspects._entries


def test_a_record_that_blocks_the_interpreter_is_ended_by_an_alarm(tmp_path: Path) -> None:
    """No thread runs while a regular expression backtracks: only the alarm ends it, and logs the position."""
    code = f"""
import re, sys
from pathlib import Path
from stream_processors.runtime.quarantine import alarm, suspects
from tests.unit.stream_processors.runtime.quarantine.test_runtime_suspects import raw
here = Path({str(tmp_path)!r})
memory = suspects.Suspects(here, ["songnodes.t"], alarm.Alarm(here / "traceback"))
if sys.argv[1:]:
    print(memory.begin(raw(8)), memory.begin(raw(7)), alarm.Alarm(here / "traceback").interrupted)
    sys.exit()
alarm.CPU_ALARM_S = 0.3  # not above: the end of an interpreter can take as long on a busy machine
memory.begin(raw(7))
def handler():
    re.match("(a+)+$", "a" * 60 + "b")
handler()
"""
    run = partial(subprocess.run, cwd=Path(__file__).parents[5], timeout=60, capture_output=True, text=True)
    assert run([sys.executable, "-c", code]).returncode == -signal.SIGPROF
    output = run([sys.executable, "-c", code, "next"], check=True).stdout.splitlines()[-1]
    assert output.startswith("None Handling this record failed"), output
    assert re.search(r"TimeoutError: .* \(<string>:\d+ handler\) .* None$", output), output


def test_a_kill_is_not_a_timeout(tmp_path: Path) -> None:
    code = f"""
import os, signal
from pathlib import Path
from stream_processors.runtime.quarantine import suspects
from tests.unit.stream_processors.runtime.quarantine.test_runtime_suspects import raw
suspects.Suspects(Path({str(tmp_path)!r}), ["songnodes.t"]).begin(raw(7))
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[5], timeout=60)
    memory = Suspects(tmp_path, ["songnodes.t"])
    entry = memory._entries[("songnodes.t", 2, 7)]
    assert (entry.kills, entry.errors) == (1, 0)


# a record that holds the interpreter


def hold(memory: Suspects, clock: Clock, *, seconds: float, worked: float) -> None:
    """Handle record 7 to its end while no other thread runs."""
    clock.go(10, 0)
    memory.begin(raw(7))
    clock.go(seconds, worked)
    memory.end(passed=True)


def test_a_record_that_costs_the_session_twice_is_a_dead_letter(tmp_path: Path, clock: Clock) -> None:
    memory = Suspects(tmp_path, ["songnodes.t"])
    hold(memory, clock, seconds=20, worked=19)
    memory.lose_session()
    memory.lose_session()  # the heartbeat and the next write notice it
    memory = Suspects(tmp_path, ["songnodes.t"])
    clock.go(10, 0)
    assert memory.begin(raw(7)) is None
    clock.go(20, 19)
    memory.lose_session()  # before its end
    memory.lose_session()
    memory.end(passed=True)
    next_suspects = Suspects(tmp_path, ["songnodes.t"])
    poison = next_suspects.begin(raw(7))
    assert poison is not None
    assert "session" in str(poison)
    assert next_suspects.begin(raw(8)) is None


def test_a_flush_that_notices_the_lost_session_does_not_hide_the_record(tmp_path: Path, clock: Clock) -> None:
    """The first write after a long record may be in a flush, which is short itself."""
    for _ in range(2):
        memory = Suspects(tmp_path, ["songnodes.t"])
        hold(memory, clock, seconds=20, worked=19)
        memory.begin_flush()
        memory.lose_session()
        assert not memory.careful
    assert Suspects(tmp_path, ["songnodes.t"]).begin(raw(7)) is not None


def test_a_thread_that_notices_the_lost_session_later_waits_until_the_record_is_stored(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends the process, and so the other thread."""
    memory = Suspects(tmp_path, ["songnodes.t"])
    hold(memory, clock, seconds=20, worked=19)
    is_writing, may_write, is_done = threading.Event(), threading.Event(), threading.Event()

    def write(file: SuspectFile) -> None:
        is_writing.set()
        may_write.wait(30)

    def notice_later() -> None:
        memory.lose_session()
        is_done.set()

    monkeypatch.setattr(SuspectFile, "write", write)
    threads = [threading.Thread(target=memory.lose_session), threading.Thread(target=notice_later)]
    threads[0].start()
    assert is_writing.wait(30)
    threads[1].start()
    assert not is_done.wait(0.2)
    may_write.set()
    for thread in threads:
        thread.join(30)
    assert is_done.is_set()


@pytest.mark.parametrize(("seconds", "worked", "later"), [(20, 1, 0), (4, 4, 0), (20, 19, 60)])
def test_a_lost_session_blames_no_other_record(
    tmp_path: Path, clock: Clock, seconds: float, worked: float, later: float
) -> None:
    """A paused process, a short record, or a session lost much later."""
    for _ in range(3):
        memory = Suspects(tmp_path, ["songnodes.t"])
        hold(memory, clock, seconds=seconds, worked=worked)
        clock.go(later, 0)
        memory.lose_session()
        assert not memory._entries


def test_a_lease_that_ends_is_reported(tmp_path: Path) -> None:
    ends: list[int] = []
    now = [0.0]
    lease = Lease(10, lambda: now[0], on_end=lambda: ends.append(1))
    lease.activate()
    lease.renew(0.0)
    lease.check()
    assert ends == []
    now[0] = 7.0
    with pytest.raises(LeaseExpired):
        lease.check()
    lease.expire()
    assert len(ends) == 2
