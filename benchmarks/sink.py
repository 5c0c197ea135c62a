"""The sink into PostgreSQL against Kafka Connect with Debezium's JDBC sink, and against bare COPY.

    python -m benchmarks.sink [--records 400000] [--rounds 3]

The same rows (4 columns, each key twice on average, 6 partitions), on the same servers, in turn. Ours reads
silver.redirects as it is, Avro with its envelope, and writes rows and offsets in one transaction; Debezium
reads JSON with schema of the four columns. Rows per second from the first row seen in the table to the last,
so that the start of a process does not count. The bare COPY has its rows ready in memory, each key once.
"""

import argparse
import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
from psycopg import sql

from benchmarks import broker, debezium
from benchmarks.summary import Summary, compare, table
from infra.embedded.stack import Stack
from sinks import database, migrations
from songnodes.messaging import clients, schemas, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

TOPIC = "silver.redirects"
TABLE = "track_redirects"
PEER = "bench_debezium"
BARE = "bench_copy"
COLUMNS = ("track_id", "canonical_id", "version", "pipeline_version")
PLAIN = (
    "CREATE TABLE {} (track_id text PRIMARY KEY, canonical_id text, version bigint NOT NULL,"
    " pipeline_version text NOT NULL)"
)
COPY_ROWS = 5000
POLL_INTERVAL_S = 0.1
FILL_TIMEOUT_S = 600.0
SCHEMA = {
    "type": "struct",
    "name": "Redirect",
    "fields": [
        {"field": "track_id", "type": "string", "optional": False},
        {"field": "canonical_id", "type": "string", "optional": True},
        {"field": "version", "type": "int64", "optional": False},
        {"field": "pipeline_version", "type": "string", "optional": False},
    ],
}

Rates = dict[str, list[float]]


def rows(count: int) -> Iterator[tuple[str, str, int, str]]:
    """Each key twice, the second time after all others had their first."""
    keys = count // 2
    for number in range(count):
        key = number % keys
        yield (f"some-artist-some-title-{key:08x}", f"other-artist-title-{key % 997:08x}", number, "0.1.0")


def publish(settings: Settings, codec: Codec, count: int) -> None:
    """Publish the rows to both topics."""
    producer = clients.producer(settings, **{"linger.ms": 100, "queue.buffering.max.messages": 1_000_000})
    ours = topics.physical(TOPIC, settings)
    envelope: dict[str, Any] = {
        "event_id": "6f8c3c1e-5b1f-5d0a-9d55-2f6f0c7b9a11",
        "source": "resolver",
        "observed_at": 0,
        "origin": {"kind": "decision", "id": "6f8c3c1e", "parser_version": None},
    }
    for row in rows(count):
        fields = dict(zip(COLUMNS, row, strict=True))
        producer.produce(ours, codec.encode(TOPIC, {**envelope, **fields}), row[0])
        document = json.dumps({"schema": SCHEMA, "payload": fields}, separators=(",", ":"))
        producer.produce(PEER, document.encode(), row[0])
        producer.poll(0)
    producer.flush()


def timed(settings: Settings, name: str, count: int, alive: Callable[[], bool]) -> float:
    """Rows per second from the first row in a table to the last version of all keys."""
    keys = count // 2
    any_row = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(name))
    newest = sql.SQL("SELECT count(*) FROM {} WHERE version >= %s").format(sql.Identifier(name))
    end = time.monotonic() + FILL_TIMEOUT_S
    with psycopg.connect(settings.database_url, autocommit=True) as connection:

        def until(statement: sql.Composed, arguments: list[int] | None, wanted: int, pause: float) -> float:
            while (connection.execute(statement, arguments).fetchone() or (0,))[0] < wanted:
                if time.monotonic() > end or not alive():
                    raise RuntimeError(f"{name} was not filled")
                time.sleep(pause)
            return time.monotonic()

        began = until(any_row, None, 1, 0.005)
        return count / (until(newest, [keys], keys, POLL_INTERVAL_S) - began)


def ours(settings: Settings, count: int) -> float:
    """`songnodes run sink silver.redirects`."""
    with emptied(settings, TABLE), tempfile.TemporaryFile() as log:
        env = {
            **settings.environment(),
            "SONGNODES_NAMESPACE": settings.namespace,
            "SONGNODES_HOME": str(settings.home),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "songnodes", "run", "sink", TOPIC],
            env={**os.environ, **env},
            stderr=log,
        )
        try:
            return timed(settings, TABLE, count, lambda: process.poll() is None)
        finally:
            process.terminate()
            process.wait()


def theirs(settings: Settings, count: int, number: int) -> float:
    """Connect with Debezium's sink. Its group is new in each round by the connector's topic offsets."""
    folder = settings.home / f"connect-{number}"
    folder.mkdir()
    try:
        with emptied(settings, PEER), debezium.running(settings, folder, PEER, PEER) as process:
            try:
                return timed(settings, PEER, count, lambda: process.poll() is None)
            except RuntimeError:
                print((folder / "connect.log").read_text()[-4000:])
                raise
    finally:
        forget_group(settings, "connect-bench")
        shutil.rmtree(folder)


async def bare(settings: Settings, count: int) -> float:
    """COPY, rows ready in memory, as many per transaction as the others have."""
    ready = [row for row in rows(count * 2) if row[2] < count]
    connection: asyncpg.Connection = await database.connect(settings)
    try:
        began = time.monotonic()
        for start in range(0, count, COPY_ROWS):
            async with connection.transaction():
                await connection.copy_records_to_table(
                    BARE, records=ready[start : start + COPY_ROWS], columns=COLUMNS
                )
        return count / (time.monotonic() - began)
    finally:
        await connection.close()


@contextmanager
def emptied(settings: Settings, name: str) -> Iterator[None]:
    """Truncate the table and reset the offsets of the sink."""
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(name)))
        connection.execute("TRUNCATE sink_offsets")
        connection.execute("CHECKPOINT")
    yield


def forget_group(settings: Settings, name: str) -> None:
    """Drop a consumer group, so that the next round reads from the start."""
    admin = clients.admin(settings)
    end = time.monotonic() + FILL_TIMEOUT_S
    while time.monotonic() < end:
        try:
            admin.delete_consumer_groups([name])[name].result()
            return
        except Exception as error:
            if "NON_EMPTY" not in str(error):
                return
            time.sleep(0.5)


def measure(settings: Settings, count: int, rounds: int) -> Rates:
    """All three in turn, `rounds` times."""
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        for name in (PEER, BARE):
            connection.execute(sql.SQL(PLAIN).format(sql.Identifier(name)))
    rates_of: Rates = defaultdict(list)
    for number in range(rounds):
        rates_of["this sink"].append(ours(settings, count))
        rates_of["Debezium JDBC sink"].append(theirs(settings, count, number))
        with emptied(settings, BARE):
            rates_of["COPY"].append(asyncio.run(bare(settings, count)))
        print(
            f"round {number + 1}: " + ", ".join(f"{k} {v[-1]:,.0f}/s" for k, v in rates_of.items()),
            flush=True,
        )
    return rates_of


def main() -> None:
    """Run and print tables for RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=400_000)
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="songnodes-bench-"))
    stack = Stack(home)
    try:
        addresses = stack.start(on_progress=print, parent=os.getpid())
        settings = Settings().with_access(addresses).model_copy(update={"home": home, "namespace": "bench"})
        migrations.apply(settings.owner_url)
        schemas.register(schemas.client(settings))
        topics.apply(clients.admin(settings), settings)
        broker.make_topics(settings, [PEER])
        publish(settings, Codec.connect(settings), chosen.records)
        report(measure(settings, chosen.records, chosen.rounds))
    finally:
        stack.discard()


def report(rates_of: Rates) -> None:
    """Medians, and ratios within one round."""
    ours_ = rates_of["this sink"]
    print(
        table(
            ("", "rows/s", "this sink by it"),
            [
                (name, f"{Summary.of(rates):,.0f}", f"{compare(ours_, rates):.2f}")
                for name, rates in rates_of.items()
            ],
        )
    )


if __name__ == "__main__":
    main()
