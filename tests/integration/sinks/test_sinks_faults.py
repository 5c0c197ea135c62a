"""Each record is in the tables exactly once despite faults of the sink, the database or the connection."""

import asyncio
import random
import signal
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from confluent_kafka import TopicPartition

from sinks import tables
from sinks.contents import Content, Record
from sinks.feed import Batch
from sinks.letters import Letters
from sinks.loop import Sink
from sinks.main import keep, topic_ids
from songnodes.errors import Fenced, PositionLost, TopicReplaced
from songnodes.messaging import dead_letters, topics
from songnodes.messaging.log_offsets import Bounds
from tests.support import sample_records as sample
from tests.support.cut_connection import TcpProxy
from tests.support.messages import headers_of
from tests.support.sink_bench import Bench, drain, eventually, running

BATCHES = 30
PER_BATCH = 40
KILLS = 4


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.make("silver.playlists", "gold.tracks")
    return bench


def sets(batch: int) -> list[dict[str, Any]]:
    """Return new sets, and higher versions of existing sets with other rows."""
    records = []
    for number in range(PER_BATCH):
        name = batch * PER_BATCH // 2 + number
        rows = [
            sample.playlist_row(place, f"artist-{(name + place) % 50}") for place in range(1, 2 + batch % 4)
        ]
        records.append(sample.playlist(f"p:{name}", batch + 1, *rows))
    return records


def expected() -> dict[str, tuple[int, int]]:
    """Return the final version and row count of each set."""
    last = {}
    for batch in range(BATCHES):
        for record in sets(batch):
            last[record["playlist_id"]] = (record["version"], len(record["rows"]))
    return last


def stored(bench: Bench) -> dict[str, tuple[int, int]]:
    rows = bench.query(
        "SELECT playlist_id, p.version, count(t.*) AS rows,"
        " count(*) FILTER (WHERE t.version <> p.version) AS wrong"
        " FROM silver_enriched_playlists AS p LEFT JOIN silver_playlist_tracks AS t USING (playlist_id)"
        " GROUP BY 1, 2"
    )
    assert all(row["wrong"] == 0 for row in rows)
    return {row["playlist_id"]: (row["version"], row["rows"]) for row in rows}


def test_kill_9_at_any_moment_loses_and_repeats_nothing(bench: Bench, tmp_path: Path) -> None:
    """Under constant load each process is killed soon after its first write; the last is stopped."""
    log = tmp_path / "sink.log"
    seed = random.Random(7)
    share = (BATCHES - 1) // KILLS
    for kill in range(KILLS):
        with running(bench.settings, log, "silver.playlists") as sink:
            before = bench.positions("silver.playlists")
            coming = threading.Thread(target=publish, args=(bench, range(kill * share, (kill + 1) * share)))
            coming.start()
            await_change(bench, before)
            time.sleep(seed.uniform(0, 0.4))
            sink.kill()
            coming.join()
    with running(bench.settings, log, "silver.playlists") as sink:
        publish(bench, range(KILLS * share, BATCHES))
        eventually(lambda: bench.drained("silver.playlists"))
        assert sink.stop() == 0
    assert stored(bench) == expected()
    assert bench.letters() == []


def publish(bench: Bench, batches: Iterable[int]) -> None:
    for batch in batches:
        bench.publish("silver.playlists", *sets(batch))
        time.sleep(0.1)


def await_change(bench: Bench, before: dict[int, int]) -> None:
    """Return when the offsets have advanced."""
    eventually(lambda: bench.positions("silver.playlists") != before)


async def test_repeatedly_cut_database_connections_lose_nothing(bench: Bench) -> None:
    with TcpProxy(bench.settings.database_url) as proxy:
        settings = bench.settings.model_copy(update={"database_url": proxy.url})
        ids = topic_ids(settings, ["silver.playlists"])
        work = asyncio.create_task(
            keep(
                settings,
                tables.WRITERS["silver.playlists"],
                bench.codec,
                Letters(settings),
                ids["silver.playlists"],
            )
        )
        for batch in range(BATCHES):
            await asyncio.to_thread(bench.publish, "silver.playlists", *sets(batch))
            if batch % 6 == 3:
                proxy.cut()
                await asyncio.sleep(0.3)
                proxy.restore()
        await asyncio.to_thread(eventually, lambda: bench.drained("silver.playlists"))
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    assert stored(bench) == expected()
    assert bench.letters() == []


async def test_a_stopped_owner_is_fenced_and_writes_nothing(bench: Bench, tmp_path: Path) -> None:
    """SIGSTOP until the group has reassigned the partitions; SIGCONT after the log has grown."""
    log = tmp_path / "sink.log"
    for batch in range(3):
        bench.publish("silver.playlists", *sets(batch))
    with running(bench.settings, log, "silver.playlists") as first:
        eventually(lambda: bench.drained("silver.playlists"))
        first.send(signal.SIGSTOP)
        for batch in range(3, BATCHES):
            bench.publish("silver.playlists", *sets(batch))
        second_settings = bench.settings.model_copy(update={"worker_slot": "1"})
        with running(second_settings, log, "silver.playlists") as second:
            eventually(lambda: bench.drained("silver.playlists"))
            first.send(signal.SIGCONT)
            time.sleep(2)
            assert second.stop() == 0
    assert stored(bench) == expected()


async def test_one_of_two_owners_of_the_same_offsets_commits(bench: Bench) -> None:
    """Without a group both read the same offsets, and only one transaction can advance them."""
    ids = topic_ids(bench.settings, ["silver.playlists"])
    writer = tables.WRITERS["silver.playlists"]
    first, second = (
        Sink(
            settings=bench.settings,
            writer=writer,
            codec=bench.codec,
            letters=Letters(bench.settings),
            topic_id=ids["silver.playlists"],
        )
        for _ in range(2)
    )
    logs = {0: Bounds(start=0, end=100)}
    for sink in (first, second):
        await sink.assigned(1, logs)
    nothing: Any = None

    def batch(end: int, version: int) -> Batch[Content]:
        entry = writer.entry(sample.playlist("p:1", version))
        record = Record(message=nothing, entry=entry)
        return Batch(generation=1, ends={0: end}, content=Content(records=[record], dead=[]))

    assert await first._write_until_committed(batch(10, 1))
    with pytest.raises(Fenced):
        await second._write_until_committed(batch(7, 2))
    assert bench.value("SELECT version FROM silver_enriched_playlists") == 1
    assert bench.positions("silver.playlists") == {0: 10}
    for sink in (first, second):
        await sink._disconnect()


async def test_poison_within_a_batch_is_a_dead_letter(bench: Bench) -> None:
    good = [sample.counts(f"artist-{n}") for n in range(200)]
    odd = sample.counts("artist-odd", key=13)
    bench.publish("gold.tracks", *good[:100])
    bench.publish_raw("gold.tracks", "broken", b"\x00\x00\x00\x00\x01\xff\xff", headers=[("trace", b"7")])
    bench.publish_raw("gold.tracks", "none", None)
    bench.publish("gold.tracks", odd, *good[100:])
    await drain(bench, "gold.tracks")
    assert bench.count("gold_track_analytics") == 200
    letters = {letter.key(): letter for letter in bench.letters()}
    assert letters.keys() == {b"broken", b"none", b"artist-odd"}
    reasons = {key: dead_letters.read(headers_of(letter)) for key, letter in letters.items()}
    assert letters[b"broken"].value() == b"\x00\x00\x00\x00\x01\xff\xff"
    assert ("trace", b"7") in headers_of(letters[b"broken"])
    assert letters[b"artist-odd"].value() == bench.codec.encode("gold.tracks", odd)
    refused = reasons[b"artist-odd"]
    assert refused is not None
    assert (refused.reason, refused.stage) == ("row_refused", "sink gold.tracks")
    assert refused.topic == topics.physical("gold.tracks", bench.settings)


async def test_a_bad_newest_version_does_not_discard_the_previous_one(bench: Bench) -> None:
    bench.publish("gold.tracks", sample.counts(version=1), sample.counts(version=2, key=13))
    await drain(bench, "gold.tracks")
    assert bench.value("SELECT version FROM gold_track_analytics") == 1
    assert len(bench.letters()) == 1


async def test_a_position_below_the_log_start_ends_the_process(bench: Bench) -> None:
    bench.make("bronze.decisions")
    bench.publish("bronze.decisions", *(sample.decision(f"artist-{n}") for n in range(60)))
    await drain(bench, "bronze.decisions")
    bench.execute("UPDATE sink_offsets SET next_offset = 0")
    name = topics.physical("bronze.decisions", bench.settings)
    ends = bench.ends("bronze.decisions")
    cut = bench.admin.delete_records([TopicPartition(name, part, end) for part, end in ends.items()])
    for future in cut.values():
        future.result()
    with pytest.raises(PositionLost):
        await drain(bench, "bronze.decisions")


async def test_a_recreated_topic_is_detected(bench: Bench) -> None:
    bench.publish("gold.tracks", sample.counts())
    await drain(bench, "gold.tracks")
    name = topics.physical("gold.tracks", bench.settings)
    bench.admin.delete_topics([name])[name].result()
    eventually(lambda: name not in bench.admin.list_topics(timeout=10).topics)
    bench.make("gold.tracks")
    with pytest.raises(TopicReplaced):
        await drain(bench, "gold.tracks")


async def test_a_replay_from_the_start_changes_nothing(bench: Bench) -> None:
    for batch in range(6):
        bench.publish("silver.playlists", *sets(batch))
    await drain(bench, "silver.playlists")
    before = stored(bench)
    bench.execute("DELETE FROM sink_offsets")
    await drain(bench, "silver.playlists")
    assert stored(bench) == before


async def test_an_unknown_error_ends_the_process_and_nothing_is_lost(bench: Bench) -> None:
    """It occurs after offsets and rows are written: the transaction must be rolled back completely."""
    bench.publish("gold.tracks", sample.counts())
    bench.execute("ALTER TABLE refresh_queue RENAME TO elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError, match="refresh_queue"):
        await drain(bench, "gold.tracks")
    assert bench.count("gold_track_analytics") == 0
    bench.execute("ALTER TABLE elsewhere RENAME TO refresh_queue")
    await drain(bench, "gold.tracks")
    assert bench.count("gold_track_analytics") == 1
    assert bench.letters() == []
