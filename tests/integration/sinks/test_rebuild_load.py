"""A rebuild loads all rows but those of records that no row can be made of: dead letters of the sink."""

from collections.abc import Sequence
from typing import Any

import psycopg
import pytest

from operations.rebuild import loading
from operations.rebuild.beside import TablesBeside, schema_beside
from operations.rebuild.scopes import GOLD
from sinks.bulk_writer import BulkWriter
from sinks.tables.writer import Entry
from songnodes.messaging import log_offsets, topics
from tests.support import sample_records as sample
from tests.support.messages import headers_of
from tests.support.sink_bench import Bench

TOPIC = "gold.tracks"


def load_all(bench: Bench) -> dict[str, int]:
    """Load all partitions of the topic into the tables beside; return the sums of the counts."""
    partitions = log_offsets.partitions(bench.admin, [topics.physical(TOPIC, bench.settings)])
    counts = {"rows": 0, "refused": 0}
    for partition, log in log_offsets.bounds(bench.admin, partitions).items():
        schema = schema_beside("gold", 2)
        loaded = loading.load(bench.settings, bench.codec, TOPIC, partition, log, schema=schema)
        counts = {name: count + loaded[name] for name, count in counts.items()}
    return counts


def test_a_record_that_cannot_be_written_is_a_dead_letter(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.make(TOPIC)
    bench.publish(TOPIC, *(sample.counts(f"a-{number}", 1) for number in range(9)))
    bench.publish(TOPIC, sample.counts("refused", 1, play_count=2**70 // 2**8))
    bench.publish_raw(TOPIC, "unreadable", b"no record")
    assert bench.producer.flush(30) == 0
    with psycopg.connect(bench.settings.owner_url, autocommit=True) as connection:
        TablesBeside(connection, GOLD, 1).create()
    write = BulkWriter.write

    async def broken(self: BulkWriter, connection: Any, session: Any, entries: Sequence[Entry]) -> None:
        if any(entry.key == "a-3" for entry in entries):
            raise RuntimeError("no rule knows this")
        await write(self, connection, session, entries)

    monkeypatch.setattr(BulkWriter, "write", broken)
    assert load_all(bench) == {"rows": 8, "refused": 3}
    with psycopg.connect(bench.settings.owner_url) as connection:
        query = f"SELECT track_id FROM {schema_beside('gold', 2)}.gold_track_counts ORDER BY 1"  # noqa: S608  # our own schema
        rows = connection.execute(query.encode()).fetchall()
    assert [track_id for (track_id,) in rows] == [f"a-{number}" for number in range(9) if number != 3]
    letters = {letter.key(): dict(headers_of(letter)) for letter in bench.letters()}
    assert {key: headers["dlq.stage"] for key, headers in letters.items()} == dict.fromkeys(
        (b"a-3", b"refused", b"unreadable"), b"sink gold.tracks"
    )
    assert b"RuntimeError: no rule knows this" in (letters[b"a-3"]["dlq.message"] or b"")
    assert load_all(bench) == {"rows": 0, "refused": 0}  # the positions are stored
