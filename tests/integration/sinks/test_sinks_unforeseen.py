"""A record with an unforeseen error becomes a dead letter and affects no other."""

import os
import random
import signal
from contextlib import suppress
from typing import Any

import pytest

from sinks import loop, splitting
from tests.support import sample_records as sample
from tests.support.messages import headers_of
from tests.support.sink_bench import Bench, drain

TOPIC = "gold.tracks"


class UnknownError(Exception):
    """An error that no rule knows"""


def replace_write(monkeypatch: pytest.MonkeyPatch, write: Any) -> None:
    """Let sinks write batches by this function, at their first attempt and when they are split."""
    for name in ("write_whole", "write_or_split"):
        monkeypatch.setattr(loop, name, write)


async def test_a_record_that_fails_again_is_set_aside(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.make(TOPIC)
    bench.publish(TOPIC, *(sample.counts(f"a-{n}", 1) for n in range(6)))
    write = splitting.write_or_split

    async def broken(connection: Any, writer: Any, session: Any, records: Any) -> Any:
        if any(record.message.key() == b"a-3" for record in records):
            raise UnknownError("no rule")
        return await write(connection, writer, session, records)

    replace_write(monkeypatch, broken)
    ends = 0
    for _ in range(5):
        try:
            await drain(bench, TOPIC)
            break
        except UnknownError:
            ends += 1
    assert ends < 3
    rows = bench.query("SELECT track_id FROM gold_track_analytics ORDER BY 1")
    assert [row["track_id"] for row in rows] == ["a-0", "a-1", "a-2", "a-4", "a-5"]
    (letter,) = bench.letters()
    headers = dict(headers_of(letter))
    assert headers["dlq.reason"] == b"unforeseen"
    assert any(b"UnknownError" in (value or b"") for value in headers.values())
    (aside,) = bench.query("SELECT process, kind, is_set_aside FROM set_aside")
    assert aside == {"process": f"sink {TOPIC}", "kind": "record", "is_set_aside": True}
    replace_write(monkeypatch, write)
    bench.publish(TOPIC, sample.counts("a-6", 1))
    await drain(bench, TOPIC)
    assert bench.count("gold_track_analytics") == 6


class Killed(BaseException):
    """SIGKILL: nothing in the process can act on it"""


def keys(bench: Bench) -> list[str]:
    return [row["track_id"] for row in bench.query("SELECT track_id FROM gold_track_analytics ORDER BY 1")]


def fail_first_writes(monkeypatch: pytest.MonkeyPatch, failures: list[BaseException]) -> None:
    """Raise the failures, last one first, in the first writes of this process; its children can write."""
    write, process = splitting.write_or_split, os.getpid()

    async def unlucky(*arguments: Any) -> Any:
        if os.getpid() == process and failures:
            raise failures.pop()
        return await write(*arguments)

    replace_write(monkeypatch, unlucky)


async def kills_until_done(bench: Bench, number: int) -> int:
    """Restart a sink until it has written everything; return the number of kills."""
    for kills in range(number):
        try:
            await drain(bench, TOPIC)
            return kills
        except Killed:
            continue
    raise AssertionError(f"ends again after {number} starts")


async def test_external_kills_never_blame_a_record(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process is killed while it writes the first record, until the kills stop."""
    bench.make(TOPIC)
    bench.publish(TOPIC, *(sample.counts(f"a-{n}", 1) for n in range(4)))
    fail_first_writes(monkeypatch, [Killed() for _ in range(12)])
    assert await kills_until_done(bench, 30) == 12
    assert keys(bench) == ["a-0", "a-1", "a-2", "a-3"]
    assert bench.letters() == []
    assert bench.query("SELECT * FROM set_aside") == []


async def test_a_record_that_ends_processes_without_an_error_is_set_aside(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.make(TOPIC)
    bench.publish(TOPIC, *(sample.counts(f"a-{n}", 1) for n in range(4)))
    write, process = splitting.write_or_split, os.getpid()

    async def deadly(connection: Any, writer: Any, session: Any, records: Any) -> Any:
        if any(record.message.key() == b"a-2" for record in records):
            if os.getpid() == process:
                raise Killed
            os.kill(os.getpid(), signal.SIGKILL)
        return await write(connection, writer, session, records)

    replace_write(monkeypatch, deadly)
    assert await kills_until_done(bench, 30) < 10
    assert keys(bench) == ["a-0", "a-1", "a-3"]
    (letter,) = bench.letters()
    headers = dict(headers_of(letter))
    assert headers["dlq.reason"] == b"unforeseen"
    assert "SIGKILL" in str(headers)


async def test_a_failing_record_is_set_aside_while_processes_are_killed_and_converges_when_reinserted(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.make(TOPIC)
    records = [sample.counts(f"a-{n}", 1) for n in range(6)]
    bench.publish(TOPIC, *records)
    write, process, chance = splitting.write_or_split, os.getpid(), random.Random(7)

    async def unlucky(connection: Any, writer: Any, session: Any, records: Any) -> Any:
        if os.getpid() == process and chance.random() < 0.3:
            raise Killed
        if any(record.message.key() == b"a-3" for record in records):
            raise UnknownError("no rule")
        return await write(connection, writer, session, records)

    replace_write(monkeypatch, unlucky)
    for _ in range(60):
        with suppress(UnknownError, Killed):
            await drain(bench, TOPIC)
            break
    assert keys(bench) == ["a-0", "a-1", "a-2", "a-4", "a-5"]
    assert {letter.key() for letter in bench.letters()} == {b"a-3"}
    replace_write(monkeypatch, write)
    bench.publish(TOPIC, records[3])
    await drain(bench, TOPIC)
    assert keys(bench) == [f"a-{n}" for n in range(6)]


async def test_an_error_of_one_process_blames_no_record(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For example an unforeseen error of its connection."""
    bench.make(TOPIC)
    bench.publish(TOPIC, *(sample.counts(f"a-{n}", 1) for n in range(4)))
    fail_first_writes(monkeypatch, [UnknownError("no rule") for _ in range(9)])
    for _ in range(30):
        with suppress(UnknownError):
            await drain(bench, TOPIC)
            break
    assert keys(bench) == ["a-0", "a-1", "a-2", "a-3"]
    assert bench.letters() == []
    assert bench.query("SELECT * FROM set_aside WHERE is_set_aside") == []


async def test_a_failure_of_the_server_is_never_a_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.make(TOPIC)
    bench.publish(TOPIC, sample.counts("a-1", 1))
    failures: list[BaseException] = [TimeoutError("slow"), ConnectionResetError("gone")]
    fail_first_writes(monkeypatch, failures)
    await drain(bench, TOPIC)
    assert bench.count("gold_track_analytics") == 1
    assert bench.letters() == []
    assert not failures
    assert bench.query("SELECT * FROM set_aside") == []
