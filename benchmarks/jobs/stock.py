"""The jobs in Faust as it comes: table in RocksDB, uvloop, a producer that waits for batches as ours does.

What a user would turn off is off (web, leader topics, `stream_wait_empty`); all else is its default.
"""

from typing import Any

import faust
import uvloop

from benchmarks.events import recovered
from benchmarks.jobs.meter import Meter
from benchmarks.jobs.restoring import mark_restoring
from benchmarks.jobs.task import COMMIT_SECONDS, LINGER_MS, NOTHING, PAIR, Task, login, read_fact

TABLE = "counts"


def build(task: Task) -> faust.App:
    """Build the application of a job."""
    app = faust.App(
        task.group,
        broker=f"kafka://{task.bootstrap}",
        broker_credentials=_credentials(),
        store="rocksdb://",
        datadir=str(task.directory),
        topic_partitions=task.partitions,
        topic_allow_declare=False,
        topic_disable_leader=True,
        stream_wait_empty=False,
        table_standby_replicas=0,
        broker_commit_interval=COMMIT_SECONDS,
        producer_linger=LINGER_MS / 1000,
        producer_max_batch_size=256 * 1024,
        producer_compression_type="lz4",
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        worker_redirect_stdouts=False,
    )
    raw: faust.Schema[Any, Any] = faust.Schema(key_serializer="raw", value_serializer="raw")
    topic = app.topic(task.topic, schema=raw)
    meter = Meter(task.report, task.events)
    if task.job == "count":
        _count(app, topic, meter, task.partitions)
    elif task.job == "retract":
        _retract(app, topic, meter, task.partitions)
    elif task.job == "recover":
        _recover(app, topic, meter, task.partitions)
    else:
        output = app.topic(task.output, schema=raw) if task.job == "forward" else None
        _pass_on(app, topic, meter, output)
    return app


def _credentials() -> faust.SASLCredentials | None:
    options = login()
    if not options:
        return None
    return faust.SASLCredentials(username=options["sasl.username"], password=options["sasl.password"])


def _count(app: faust.App, topic: Any, meter: Meter, partitions: int) -> None:
    counts = app.Table(TABLE, key_type=bytes, value_type=bytes, partitions=partitions)

    @app.agent(topic)
    async def count(stream: Any) -> None:
        async for event in stream.events():
            key = event.key
            stored = counts.get(key)
            events, last = PAIR.unpack(stored) if stored else NOTHING
            if event.message.offset > last:
                events, last = events + 1, event.message.offset
            counts[key] = PAIR.pack(events, last)
            meter()


def _retract(app: faust.App, topic: Any, meter: Meter, partitions: int) -> None:
    table = app.Table(TABLE, key_type=bytes, value_type=bytes, partitions=partitions)

    @app.agent(topic)
    async def retract(stream: Any) -> None:
        async for event in stream.events():
            version, plays, dj, playlist = read_fact(event.value)
            count_key = event.key + dj
            stored = table.get(count_key + playlist)
            old_version, old_plays = PAIR.unpack(stored) if stored else (0, 0)
            if version > old_version:
                counted = table.get(count_key)
                count = PAIR.unpack(counted)[0] if counted else 0
                table[count_key] = PAIR.pack(count + plays - old_plays, 0)
                table[count_key + playlist] = PAIR.pack(version, plays)
            meter()


def _recover(app: faust.App, topic: Any, meter: Meter, partitions: int) -> None:
    mark_restoring(meter)
    table = app.Table(TABLE, key_type=bytes, value_type=bytes, partitions=partitions)

    @app.agent(topic)
    async def look(stream: Any) -> None:
        async for event in stream.events():
            assert table.get(event.key) == recovered(event.key), event.key
            meter()


def _pass_on(app: faust.App, topic: Any, meter: Meter, output: Any) -> None:
    @app.agent(topic)
    async def handle(stream: Any) -> None:
        async for event in stream.events():
            if output is not None:
                output.send_soon(key=event.key, value=event.value)
            meter()


def main() -> None:
    """Run until SIGTERM."""
    loop = uvloop.new_event_loop()
    app = build(Task.from_command_line())
    worker = faust.Worker(app, loop=loop, quiet=True, loglevel="WARNING")
    worker.spinner = None
    worker.execute_from_commandline()


if __name__ == "__main__":
    main()
