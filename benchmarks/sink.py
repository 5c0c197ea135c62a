"""The sink into PostgreSQL against Kafka Connect with Debezium's JDBC sink, and against COPY.

    python -m benchmarks.sink [--records 400000] [--rounds 3]

The same rows (4 columns, each key twice on average, 6 partitions), on the same servers, in turn. Ours reads
silver.redirects as it is, Avro with its envelope, and writes rows and offsets in one transaction; Debezium
reads JSON with schema of the four columns. Rows per second from the first row seen in the table to the last,
so that the start of a process does not count. The two with COPY have their rows ready in memory: the merge
copies into an unlogged table and upserts from it by key and version, the bare one appends to a table, each
key once. CPU is that of the process and of PostgreSQL over the same time.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
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
MERGED = "bench_merge"
STAGED = "bench_staged"
COLUMNS = ("track_id", "canonical_id", "version", "pipeline_version")
PLAIN = (
    "CREATE TABLE {} (track_id text PRIMARY KEY, canonical_id text, version bigint NOT NULL,"
    " pipeline_version text NOT NULL)"
)
COPY_ROWS = 5000
#: The version check of the sink, on a table that has a primary key as the sink's.
MERGE = """
INSERT INTO bench_merge AS stored (track_id, canonical_id, version, pipeline_version)
SELECT track_id, canonical_id, version, pipeline_version FROM bench_staged ORDER BY track_id
ON CONFLICT (track_id) DO UPDATE SET
    canonical_id = excluded.canonical_id,
    version = excluded.version,
    pipeline_version = excluded.pipeline_version
WHERE stored.version <= excluded.version;
TRUNCATE bench_staged
"""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Rows per second, and CPU time per row of the process and of PostgreSQL."""

    rate: float
    processor_us: float


Results = dict[str, list[Result]]


class Processor:
    """CPU of a process and of PostgreSQL since `start`."""

    def __init__(self, postgres: int, process: int) -> None:
        self._pids = (postgres, process)
        self._start_s = 0.0

    def start(self) -> None:
        """Count from here on."""
        self._start_s = self._used_s()

    def microseconds_per_row(self, count: int) -> float:
        """Return the time used since `start`, by row."""
        return (self._used_s() - self._start_s) / count * 1e6

    def _used_s(self) -> float:
        families = [
            [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)] for pid in self._pids
        ]
        # the first two are user and system of the process, the next two those of its ended children
        return sum(sum(member.cpu_times()[:4]) for family in families for member in family)


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


def timed(
    settings: Settings, name: str, count: int, alive: Callable[[], bool], processor: Processor
) -> Result:
    """Measure from the first row in a table to the last version of all keys."""
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
        processor.start()
        rate = count / (until(newest, [keys], keys, POLL_INTERVAL_S) - began)
        return Result(rate=rate, processor_us=processor.microseconds_per_row(count))


def ours(settings: Settings, count: int, postgres: int) -> Result:
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
            processor = Processor(postgres, process.pid)
            return timed(settings, TABLE, count, lambda: process.poll() is None, processor)
        finally:
            process.terminate()
            process.wait()


def theirs(settings: Settings, count: int, number: int, postgres: int) -> Result:
    """Connect with Debezium's sink. Its group is new in each round by the connector's topic offsets."""
    folder = settings.home / f"connect-{number}"
    folder.mkdir()
    try:
        with emptied(settings, PEER), debezium.running(settings, folder, PEER, PEER) as process:
            try:
                processor = Processor(postgres, process.pid)
                return timed(settings, PEER, count, lambda: process.poll() is None, processor)
            except RuntimeError:
                print((folder / "connect.log").read_text()[-4000:])
                raise
    finally:
        forget_group(settings, "connect-bench")
        shutil.rmtree(folder)


async def bare(settings: Settings, count: int, postgres: int) -> Result:
    """COPY, rows ready in memory, as many per transaction as the others have."""
    ready = [row for row in rows(count * 2) if row[2] < count]
    return await copied(settings, ready, BARE, "", postgres)


async def merged(settings: Settings, count: int, postgres: int) -> Result:
    """COPY and merge, rows ready in memory: what a writer in any language has to do for the same table."""
    return await copied(settings, list(rows(count)), STAGED, MERGE, postgres)


async def copied(
    settings: Settings, ready: Sequence[tuple[str, str, int, str]], target: str, then: str, postgres: int
) -> Result:
    """COPY rows in transactions, each followed by more statements."""
    connection: asyncpg.Connection = await asyncpg.connect(
        settings.owner_url, server_settings=database.SESSION
    )
    processor = Processor(postgres, os.getpid())
    try:
        processor.start()
        began = time.monotonic()
        for start in range(0, len(ready), COPY_ROWS):
            async with connection.transaction():
                await connection.copy_records_to_table(
                    target, records=ready[start : start + COPY_ROWS], columns=COLUMNS
                )
                if then:
                    await connection.execute(then)
        rate = len(ready) / (time.monotonic() - began)
        return Result(rate=rate, processor_us=processor.microseconds_per_row(len(ready)))
    finally:
        await connection.close()


@contextmanager
def emptied(settings: Settings, name: str) -> Iterator[None]:
    """Truncate the table and reset the offsets and attempts of the sink."""
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        connection.execute(sql.SQL("TRUNCATE {}").format(sql.Identifier(name)))
        # a process that begins where an earlier one began writes record by record
        connection.execute("TRUNCATE sink_offsets, record_attempts")
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


def measure(settings: Settings, count: int, rounds: int, postgres: int) -> Results:
    """All in turn, `rounds` times."""
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        for name in (PEER, BARE, MERGED):
            connection.execute(sql.SQL(PLAIN).format(sql.Identifier(name)))
        connection.execute(f"CREATE UNLOGGED TABLE {STAGED} (LIKE {MERGED})")
    results_of: Results = defaultdict(list)
    for number in range(rounds):
        results_of["this sink"].append(ours(settings, count, postgres))
        results_of["Debezium JDBC sink"].append(theirs(settings, count, number, postgres))
        with emptied(settings, MERGED):
            results_of["COPY and merge by version"].append(asyncio.run(merged(settings, count, postgres)))
        with emptied(settings, BARE):
            results_of["COPY"].append(asyncio.run(bare(settings, count, postgres)))
        rates = ", ".join(f"{name} {results[-1].rate:,.0f}/s" for name, results in results_of.items())
        print(f"round {number + 1}: {rates}", flush=True)
    return results_of


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
        postgres = next(process.pid for process in stack.processes() if process.name == "postgres")
        report(measure(settings, chosen.records, chosen.rounds, postgres or 0))
    finally:
        stack.discard()


def report(results_of: Results) -> None:
    """Medians, and ratios within one round."""
    rates_of = {name: [result.rate for result in results] for name, results in results_of.items()}
    print(
        table(
            ("", "rows/s", "CPU us/row", "this sink by it"),
            [
                (
                    name,
                    f"{Summary.of(rates):,.0f}",
                    f"{Summary.of([result.processor_us for result in results_of[name]]):.1f}",
                    f"{compare(rates_of['this sink'], rates):.2f}",
                )
                for name, rates in rates_of.items()
            ],
        )
    )


if __name__ == "__main__":
    main()
