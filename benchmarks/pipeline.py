"""The whole pipeline on one machine: pages to gold rows, throughput and latency, memory of each process.

    python -m benchmarks.pipeline [--pages 1200] [--latency-pages 150] [--rate 4] [--idle 20]

Starts servers and workers of its own in a temporary directory and stops them. Every page has a set id and a
track of its own, so that the moment its gold row appears can be seen (a row, not a play: a marker that was
played together with another counts no play of its own).

CPU time is that of all processes and servers until the groups are drained, per page, again until refresh has
nothing left, and until its pass over all rows is done: the idle time begins after that. It is also scaled so
that parse costs PARSE_MS in the flood: parse is the yardstick of the machine, whose speed changes.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from itertools import pairwise
from pathlib import Path

import asyncpg
import psutil
from confluent_kafka import Producer

from benchmarks.pipeline_pages import Sample, samples
from benchmarks.waiting import Deadline, check_processes, drained
from infra.embedded.stack import Stack
from infra.embedded.workers import WORKERS
from operations import topic_log
from sinks.database import query
from sinks.refresh import cuts, labels, network, profiles
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

POLL = 0.01  # seconds between looks at the gold table
CHECK_INTERVAL_S = 1.0  # of the processes, in a trickle
#: Records on the way of a page, in their order.
HOPS = ("bronze.tracklists", "silver.playlists", "silver.appearances", "gold.tracks")
PARSE_MS = 3.6  # CPU of parse per page to which all figures are scaled


async def throughput(
    stack: Stack, settings: Settings, connection: asyncpg.Connection, todo: list[Sample]
) -> dict[str, float]:
    """Publish all at once and wait for the last gold row."""
    options = {
        "queue.buffering.max.kbytes": 1 << 20,
        "compression.type": topics.compression(["bronze.pages"]),
    }
    producer = clients.producer(settings, **options)
    topic = topics.physical("bronze.pages", settings)
    begun = time.perf_counter()
    for sample in todo:
        producer.produce(topic, sample.value, sample.key)
        producer.poll(0)
    producer.flush()
    published = time.perf_counter() - begun
    await _wait_for(stack, connection, [sample.marker for sample in todo])
    whole = time.perf_counter() - begun
    rows = sum(sample.rows for sample in todo)
    return {
        "pages": len(todo),
        "rows": rows,
        "seconds to publish": published,
        "seconds to the last gold row": whole,
        "pages/s": len(todo) / whole,
        "rows/s": rows / whole,
    }


async def _wait_for(stack: Stack, connection: asyncpg.Connection, markers: list[str]) -> None:
    deadline = Deadline("gold rows")
    while True:
        row_count = await connection.fetchval(
            "SELECT count(*) FROM gold_track_analytics WHERE track_id = ANY($1)", markers
        )
        if row_count == len(markers):
            return
        deadline.check(len(markers) - row_count)
        check_processes(stack)
        await asyncio.sleep(0.2)


async def latency(
    stack: Stack, settings: Settings, connection: asyncpg.Connection, todo: list[Sample], rate: float
) -> dict[str, list[float]]:
    """Seconds from the page's acknowledgement to its gold row, at `rate` pages per second, sorted.

    As a whole, and hop by hop: from the time of one record on the way to that of the next.
    """
    began = log_offsets.end_offsets(clients.admin(settings), _hops(settings))
    producer = clients.producer(
        settings, **{"linger.ms": 0, "compression.type": topics.compression(["bronze.pages"])}
    )
    acked: dict[str, float] = {}
    row_times: dict[str, float] = {}
    send = asyncio.create_task(_send(producer, topics.physical("bronze.pages", settings), todo, rate, acked))
    deadline, next_check = Deadline("gold rows"), 0.0
    while len(row_times) < len(todo):
        open_markers = [marker for marker in acked if marker not in row_times]
        rows = await connection.fetch(
            "SELECT track_id FROM gold_track_analytics WHERE track_id = ANY($1)", open_markers
        )
        now = time.time()
        row_times.update((row["track_id"], now) for row in rows)
        deadline.check(len(todo) - len(row_times))
        if now > next_check:
            next_check = now + CHECK_INTERVAL_S
            check_processes(stack)
        await asyncio.sleep(POLL)
    await send
    took = {"page to row": sorted(row_times[marker] - acked[marker] for marker in row_times)}
    times = _times(settings, began, row_times)
    for marker, row in row_times.items():
        topic_times = times.get(marker, {})
        way = [
            ("page", acked[marker]),
            *((topic, topic_times[topic]) for topic in HOPS if topic in topic_times),
            ("row", row),
        ]
        for (_, before), (name, after) in pairwise(way):
            took.setdefault(f"  to {name}", []).append(after - before)
    return {name: sorted(seconds) for name, seconds in took.items()}


def _hops(settings: Settings) -> list[Partition]:
    names = [topics.physical(topic, settings) for topic in HOPS]
    return log_offsets.partitions(clients.admin(settings), names)


def _times(
    settings: Settings, began: dict[Partition, int], markers: Collection[str]
) -> dict[str, dict[str, float]]:
    """Per marker and topic when its first record was produced. Playlists are known by their marker too."""
    codec, ends = Codec.connect(settings), log_offsets.end_offsets(clients.admin(settings), began)
    logical = {topics.physical(topic, settings): topic for topic in HOPS}
    first: dict[tuple[str, str], float] = {}
    marker_of: dict[str, str] = {}
    for message in topic_log.read(settings, {at: Bounds(start=began[at], end=ends[at]) for at in began}):
        topic, key = logical[str(message.topic())], (message.key() or b"").decode()
        first.setdefault((topic, key), message.timestamp()[1] / 1000)
        if topic == "silver.appearances":
            value = codec.decode(topic, message.value())
            first.setdefault((topic, value["track_id"]), message.timestamp()[1] / 1000)
            if value["track_id"] in markers:
                marker_of[value["playlist_id"]] = value["track_id"]
    times: dict[str, dict[str, float]] = {}
    for (topic, key), moment in first.items():
        times.setdefault(marker_of.get(key, key), {}).setdefault(topic, moment)
    return times


async def _send(
    producer: Producer, topic: str, todo: list[Sample], rate: float, acked: dict[str, float]
) -> None:
    begun = time.perf_counter()
    for index, sample in enumerate(todo):
        while time.perf_counter() < begun + index / rate:
            producer.poll(0)
            await asyncio.sleep(0.002)
        producer.produce(topic, sample.value, sample.key, on_delivery=partial(_note, acked, sample.marker))
    while len(producer):
        producer.poll(0)
        await asyncio.sleep(0.002)


def _note(acked: dict[str, float], marker: str, error: object, _message: object) -> None:
    if error is not None:
        raise RuntimeError(str(error))
    acked[marker] = time.time()


def _records(settings: Settings) -> dict[str, int]:
    """Return the number of records of every topic so far."""
    admin = clients.admin(settings)
    names = {topics.physical(name, settings): name for name in topics.declared()}
    counts: dict[str, int] = {}
    for at, end in log_offsets.end_offsets(admin, log_offsets.partitions(admin, names)).items():
        counts[names[at.topic]] = counts.get(names[at.topic], 0) + end
    return counts


def processes(stack: Stack, without: Collection[int] = ()) -> dict[str, tuple[float, float]]:
    """Resident MB and CPU seconds of each process, its children included but for these ids.

    Also of children that have ended: autovacuum's processes live for a second.
    """
    usage = {}
    for process in stack.processes():
        if process.pid:
            resident = cpu = 0.0
            parent = psutil.Process(process.pid)
            members = (parent, *parent.children(recursive=True))
            for member in (member for member in members if member.pid not in without):
                with suppress(psutil.NoSuchProcess):  # a backend of PostgreSQL ended meanwhile
                    resident += member.memory_info().rss / 1e6
                    cpu += sum(member.cpu_times()[: 4 if member is parent else 2])
            usage[process.name] = (resident, cpu)
    return usage


class CpuMeter:
    """CPU time of all processes between two moments, scaled by that of parse in the flood.

    Without that of the server's process `own`, which answers the benchmark itself: in a trickle a hundred
    queries per second for the rows of its pages.
    """

    def __init__(self, stack: Stack, own: int) -> None:
        self._stack = stack
        self._without = (own,)
        self._scale = 0.0
        self.restart()

    def restart(self) -> None:
        """Begin a measurement."""
        self._before = processes(self._stack, self._without)

    def print(self, unit: str, count: float) -> None:
        """Print the milliseconds of each process since `restart`, divided by `count`."""
        usage = processes(self._stack, self._without)
        spent_ms = {
            name: 1000 * (cpu - self._before.get(name, (0, 0))[1]) / count for name, (_, cpu) in usage.items()
        }
        self._scale = self._scale or PARSE_MS / spent_ms["parse"]  # the first measurement is the flood
        print(f"{'process':16} {'MB':>8} {'CPU ms per ' + unit:>18} {'scaled':>8}")
        for name, (resident, _) in usage.items():
            print(f"{name:16} {resident:8.0f} {spent_ms[name]:18.2f} {spent_ms[name] * self._scale:8.2f}")
        total = sum(spent_ms.values())
        print(f"{'total':16} {'':8} {total:18.2f} {total * self._scale:8.2f}")


async def measure(stack: Stack, settings: Settings, options: argparse.Namespace) -> None:
    """Run the flood, the idle time and the trickle, and print them."""
    codec = Codec.connect(settings)
    connection = await asyncpg.connect(settings.database_url)
    await throughput(stack, settings, connection, list(samples(codec, 20, "warm")))
    await drained(stack, settings)
    meter = CpuMeter(stack, own=connection.get_server_pid())
    records = _records(settings)
    result = await throughput(stack, settings, connection, list(samples(codec, options.pages, "full")))
    for name, value in result.items():
        print(f"{name:32} {value:12.1f}")
    await drained(stack, settings)
    meter.print("page", options.pages)
    written = {topic: count - records[topic] for topic, count in _records(settings).items()}
    print(
        "records per page:",
        ", ".join(f"{t} {n / options.pages:.1f}" for t, n in written.items() if n * 20 > options.pages),
    )
    await refreshed(stack, connection)
    print("until refresh has nothing left")
    meter.print("page", options.pages)
    await passed(stack, connection)
    print("until the pass over all rows after it is done")
    meter.print("page", options.pages)
    if options.idle:
        meter.restart()
        await asyncio.sleep(options.idle)
        meter.print("s idle", options.idle)
    if options.latency_pages:
        await _trickle(stack, settings, connection, meter, options, options.rate or result["pages/s"] / 2)
    await connection.close()


async def refreshed(stack: Stack, connection: asyncpg.Connection, give_up_s: float | None = None) -> None:
    """Return when refresh has nothing left: it works off a flood behind the other processes."""
    deadline = Deadline("entries of refresh", give_up_s)
    while left := (
        await connection.fetchval(query("refresh", "left")) + (await network.waiting(connection)).total
    ):
        deadline.check(left)
        check_processes(stack)
        await asyncio.sleep(1)


async def passed(stack: Stack, connection: asyncpg.Connection) -> None:
    """Return when the pass over all rows that follows a flood is done, up to a minute after `refreshed`.

    It costs up to some seconds of CPU, which were idle time or trickle before, as it happened.
    """
    deadline = Deadline("the pass over all rows")
    while left := sum([await step.waiting(connection) for step in (profiles, labels, cuts)]):
        deadline.check(left)
        check_processes(stack)
        await asyncio.sleep(1)


async def _trickle(
    stack: Stack,
    settings: Settings,
    connection: asyncpg.Connection,
    meter: CpuMeter,
    options: argparse.Namespace,
    rate: float,
) -> None:
    """Run the trickle and print it."""
    slow = list(samples(Codec.connect(settings), options.latency_pages, "slow"))
    meter.restart()
    took = await latency(stack, settings, connection, slow, rate)
    print(f"trickle at {rate:.1f} pages/s, seconds")
    for name, seconds in took.items():
        print(
            f"{name:22} n={len(seconds)}: p50 {statistics.median(seconds):.3f}, "
            f"p99 {seconds[int(len(seconds) * 0.99) - 1]:.3f}, max {seconds[-1]:.3f}"
        )
    meter.print("page", len(slow))


def main() -> None:
    """Measure with servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1200)
    parser.add_argument("--latency-pages", type=int, default=150, help="0: no trickle")
    parser.add_argument("--rate", type=float, default=4, help="pages/s; 0 is half the rate of the flood")
    parser.add_argument("--idle", type=float, default=20, help="seconds without a page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack = Stack(Path(directory), outside={})
        try:
            addresses = stack.start(WORKERS, on_progress=print, parent=os.getpid())
            stack.await_workers(on_progress=print)
            settings = Settings().with_access(addresses).model_copy(update={"home": Path(directory)})
            asyncio.run(measure(stack, settings, options))
        finally:
            stack.stop()


if __name__ == "__main__":
    main()
