"""One, two and three workers per stage, one and two sinks: throughput, CPU per page, and bytes on disk.

    python -m benchmarks.scale [--pages 300] [--rounds 2] [--workers 1 2 3]

Every run has servers of its own. All processes are counted; `parse`, whose work per page is always the same,
is the yardstick of the machine's speed. Sizes are those of the first run.
"""

import argparse
import asyncio
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from benchmarks import sizes
from benchmarks.pipeline import processes, throughput
from benchmarks.pipeline_pages import samples
from benchmarks.sizes import TopicSize
from benchmarks.summary import Summary, table
from benchmarks.waiting import drained
from infra.embedded.stack import Stack
from infra.embedded.workers import WORKERS, Worker
from songnodes.messaging.codec import Codec
from songnodes.settings import STAGES, Settings

WARM_PAGES = 20
MAX_SINKS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Flood:
    """One flood of pages: rows, seconds to the last gold row, and CPU seconds by kind of process."""

    pages: int
    rows: int
    seconds: float
    cpu: Mapping[str, float]
    topics: Mapping[str, TopicSize]
    tables: Mapping[str, tuple[int, int, int]]


def workers_of(slots: int) -> tuple[Worker, ...]:
    """Return all workers, each stage `slots` times and the sink at most MAX_SINKS times."""
    counts = {**dict.fromkeys(STAGES, slots), "sink": min(slots, MAX_SINKS)}
    return tuple(replace(worker, slots=counts.get(worker.name, 1)) for worker in WORKERS)


async def flood(stack: Stack, settings: Settings, pages: int, *, with_sizes: bool) -> Flood:
    """Publish pages at once and measure until everything is drained."""
    connection = await asyncpg.connect(settings.database_owner_url)
    codec = Codec.connect(settings)
    await throughput(stack, settings, connection, list(samples(codec, WARM_PAGES, "warm")))
    await drained(stack, settings)
    before = processes(stack)
    result = await throughput(stack, settings, connection, list(samples(codec, pages, "full")))
    await drained(stack, settings)
    cpu: dict[str, float] = defaultdict(float)
    for name, (_, seconds) in processes(stack).items():
        cpu[name.partition("-")[0]] += seconds - before.get(name, (0.0, 0.0))[1]
    logs = stack.home / "kafka" / "logs"
    topics = await asyncio.to_thread(sizes.of_topics, settings, logs) if with_sizes else {}
    tables = await sizes.of_tables(connection) if with_sizes else {}
    await connection.close()
    return Flood(
        pages=pages,
        rows=int(result["rows"]),
        seconds=result["seconds to the last gold row"],
        cpu=cpu,
        topics=topics,
        tables=tables,
    )


def run(slots: int, pages: int, *, with_sizes: bool) -> Flood:
    """Flood a stack of its own with `slots` workers per stage."""
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack = Stack(Path(directory), outside={})
        try:
            addresses = stack.start(workers_of(slots), parent=os.getpid())
            stack.await_workers()
            settings = Settings().with_access(addresses).model_copy(update={"home": Path(directory)})
            return asyncio.run(flood(stack, settings, pages, with_sizes=with_sizes))
        finally:
            stack.stop()


def report_scale(floods: Mapping[int, list[Flood]]) -> str:
    """Format pages per second, CPU per page in total, scaled by parse and by process."""
    names = sorted({name for runs in floods.values() for result in runs for name in result.cpu})
    rows = []
    for slots, runs in floods.items():
        total = Summary.of(sum(result.cpu.values()) / result.pages * 1e3 for result in runs)
        by_parse = Summary.of(sum(result.cpu.values()) / result.cpu["parse"] for result in runs)
        rows.append(
            (
                f"{slots} per stage, {min(slots, MAX_SINKS)} sink(s)",
                f"{Summary.of(result.pages / result.seconds for result in runs):.1f}",
                f"{total:.1f}",
                f"{by_parse:.1f}",
                *(
                    f"{Summary.of(result.cpu[name] / result.pages * 1e3 for result in runs).median:.1f}"
                    for name in names
                ),
            )
        )
    return table(("workers", "pages/s", "CPU ms per page", "by parse", *names), rows)


def report_sizes(result: Flood) -> str:
    """Format bytes per page of topics and tables."""
    pages = result.pages + WARM_PAGES
    topic_rows = [
        (
            name,
            f"{size.records / pages:.2f}",
            f"{size.stored / pages:,.0f}",
            f"{size.newest / size.records:.2f}",
            f"{size.kept / pages:,.0f}",
        )
        for name, size in sorted(result.topics.items(), key=lambda item: -item[1].stored)
    ]
    table_rows = [
        (name, f"{count / pages:.2f}", f"{rows / pages:,.0f}", f"{indexes / pages:,.0f}")
        for name, (rows, indexes, count) in sorted(result.tables.items(), key=lambda item: -sum(item[1][:2]))
        if count
    ]
    return (
        f"{result.rows / result.pages:.1f} rows per page\n\n"
        + table(
            ("topic", "records per page", "bytes per page", "share of newest", "bytes after compaction"),
            topic_rows,
        )
        + "\n\n"
        + table(("table", "rows per page", "bytes per page", "bytes of indexes"), table_rows)
    )


def main() -> None:
    """Measure in turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3])
    options = parser.parse_args()
    floods: dict[int, list[Flood]] = defaultdict(list)
    first: Flood | None = None
    for turn in range(options.rounds):
        for slots in options.workers:
            began = time.monotonic()
            result = run(slots, options.pages, with_sizes=first is None)
            first = first or result
            floods[slots].append(result)
            load = os.getloadavg()[0]
            print(
                f"{turn + 1}/{options.rounds} {slots}: {result.pages / result.seconds:.1f} pages/s, "
                f"{sum(result.cpu.values()) / result.pages * 1e3:.1f} ms per page, load {load:.1f}, "
                f"{time.monotonic() - began:.0f} s",
                flush=True,
            )
    if first is not None:
        print("\n" + report_scale(floods) + "\n\n" + report_sizes(first))


if __name__ == "__main__":
    main()
