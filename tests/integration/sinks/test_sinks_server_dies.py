"""PostgreSQL killed under a sink: uncommitted records are read again from Kafka."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from infra.embedded.stack import Stack
from sinks import migrations
from songnodes.access import Access
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.support import sample_records as sample
from tests.support.sink_bench import Bench, eventually, running

RECORDS = 3000
KILLS = 3
LAST = 4  # records that are the last ones when the server dies


@pytest.fixture
def own_postgres(addresses: Access) -> Iterator[Stack]:
    """Yield a separate PostgreSQL for one test."""
    home = Path(tempfile.mkdtemp(prefix="songnodes-sinks-"))
    outside = {name: text for name, text in addresses.plain().items() if not name.startswith("database")}
    stack = Stack(home, outside=outside)
    try:
        stack.start(parent=os.getpid())
        yield stack
    finally:
        stack.discard()


@pytest.fixture
def bench(own_postgres: Stack, pipeline_settings: Settings, codec: Codec) -> Bench:
    migrations.apply(own_postgres.addresses.owner_url)
    bench = Bench(pipeline_settings.with_access(own_postgres.addresses, "database_url"), codec)
    bench.make("gold.tracks")
    return bench


def test_kill_9_of_the_server_loses_nothing(bench: Bench, own_postgres: Stack, tmp_path: Path) -> None:
    done = threading.Event()

    def publish() -> None:
        for number in range(RECORDS):
            bench.publish_raw(
                "gold.tracks",
                f"artist-{number % 500}",
                bench.codec.encode(
                    "gold.tracks", sample.counts(f"artist-{number % 500}", number, play_count=number)
                ),
            )
            time.sleep(0.004)
        bench.producer.flush(30)
        done.set()

    publisher = threading.Thread(target=publish)
    with running(bench.settings, tmp_path / "sink.log", "gold.tracks") as sink:
        publisher.start()
        for _ in range(KILLS):
            eventually(lambda: answers(own_postgres) and bench.count("gold_track_analytics") > 0)
            time.sleep(1)
            pid = own_postgres.postgres.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            eventually(partial(has_other_process, own_postgres, pid))
        publisher.join()
        eventually(lambda: answers(own_postgres))
        eventually(lambda: bench.drained("gold.tracks"))
        assert sink.stop() == 0
    rows = bench.query("SELECT version, play_count FROM gold_track_analytics ORDER BY version")
    assert [row["version"] for row in rows] == list(range(RECORDS - 500, RECORDS))
    assert all(row["version"] == row["play_count"] for row in rows)
    assert bench.letters() == []


def test_the_last_record_of_a_quiet_topic_outlives_the_server(
    bench: Bench, own_postgres: Stack, tmp_path: Path
) -> None:
    """Commits once did not wait for the disk. A lost commit was detected only at the next record."""
    with running(bench.settings, tmp_path / "sink.log", "gold.tracks") as sink:
        for number in range(1, 1 + LAST):
            with psycopg.connect(bench.settings.database_url, autocommit=True) as connection:
                record = sample.counts("artist-1", number, play_count=number)
                bench.publish_raw("gold.tracks", "artist-1", bench.codec.encode("gold.tracks", record))
                bench.producer.flush(30)
                eventually(partial(is_newest, connection, number), pause=0.001)
            pid = own_postgres.postgres.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            eventually(partial(has_other_process, own_postgres, pid))
            eventually(lambda: answers(own_postgres))
            eventually(lambda: bench.drained("gold.tracks"))
        assert sink.stop() == 0


def has_other_process(stack: Stack, pid: int) -> bool:
    return stack.postgres.pid not in (None, pid)


def is_newest(connection: psycopg.Connection, number: int) -> bool:
    return newest(connection) == number


def newest(connection: psycopg.Connection) -> int | None:
    row = connection.execute("SELECT max(version) FROM gold_track_analytics").fetchone()
    return None if row is None else row[0]


def answers(stack: Stack) -> bool:
    return all(server.answers() for server in stack.servers())
