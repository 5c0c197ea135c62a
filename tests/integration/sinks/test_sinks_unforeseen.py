"""A record whose error no rule knows costs that record and no other."""

from typing import Any

import pytest

from sinks import loop
from tests.support import sample_records as sample
from tests.support.messages import headers_of
from tests.support.sink_bench import Bench, drain

TOPIC = "gold.tracks"


class UnknownError(Exception):
    """An error that no rule knows"""


async def test_a_record_that_fails_again_is_set_aside(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.make(TOPIC)
    bench.publish(TOPIC, *(sample.counts(f"a-{n}", 1) for n in range(6)))
    write = loop.write_or_split

    async def broken(connection: Any, writer: Any, session: Any, records: Any) -> Any:
        if any(record.message.key() == b"a-3" for record in records):
            raise UnknownError("no rule")
        return await write(connection, writer, session, records)

    monkeypatch.setattr(loop, "write_or_split", broken)
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
    monkeypatch.setattr(loop, "write_or_split", write)
    bench.publish(TOPIC, sample.counts("a-6", 1))
    await drain(bench, TOPIC)
    assert bench.count("gold_track_analytics") == 6


async def test_a_failure_of_the_server_is_never_a_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.make(TOPIC)
    bench.publish(TOPIC, sample.counts("a-1", 1))
    write, failures = loop.write_or_split, [TimeoutError("slow"), ConnectionResetError("gone")]

    async def flaky(connection: Any, writer: Any, session: Any, records: Any) -> Any:
        if failures:
            raise failures.pop()
        return await write(connection, writer, session, records)

    monkeypatch.setattr(loop, "write_or_split", flaky)
    await drain(bench, TOPIC)
    assert bench.count("gold_track_analytics") == 1
    assert bench.letters() == []
    assert not failures
    assert bench.query("SELECT * FROM set_aside") == []
