"""CPU per page and memory of each process while the tables grow, from none to a million plays.

    python -m benchmarks.world_pages --out WORLD                       # 64,579 pages of 40,000 sets, once
    python -m benchmarks.growth --world WORLD [--files 40] [--step 2]
    python -m benchmarks.growth --world WORLD --rebuilt 39 --files 1   # the last thousand sets only

All workers run. With `--rebuilt` a rebuild from the tracklists of so many files fills tables and state
first; the pages of these files are not published. Then pages are published step by step (some files of the
world, with 1,000 sets each), each step when the groups have drained the one before. Refresh runs in its own
rhythm, so that a step has some of its work for earlier ones; what it has left after the last step is printed
apart. Memory is the largest resident size of each process, read every second. "by parse" divides by the CPU
of parse in the same step: parse is the yardstick of the machine, whose speed changes.
"""

import argparse
import asyncio
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import asyncpg
import psycopg

from benchmarks import world_pages
from benchmarks.own_servers import kept_servers
from benchmarks.pipeline import processes, refreshed
from benchmarks.rebuild_silver import rebuild
from benchmarks.summary import table
from benchmarks.waiting import drained
from infra.embedded.stack import Stack
from infra.embedded.workers import WORKERS, Worker
from operations.rebuild import silver
from songnodes.messaging import clients, log_offsets, schemas, topics
from songnodes.settings import STAGES, Settings
from stream_processors.resolver import reading

#: Processes with a column of their own; the others are summed.
SHOWN = ("silver", "gold", "kafka", "postgres", "sink", "parse")
SAMPLE_S = 1.0
STEP_LIMIT_S = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: its pages, plays in gold before it, seconds until drained, and CPU seconds by process."""

    pages: int
    plays: int
    seconds: float
    cpu: Mapping[str, float]


class PeakMemory:
    """Largest resident size of each process, in MB."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self.mb: dict[str, float] = defaultdict(float)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Context in which the sizes are read."""
        stop = threading.Event()
        thread = threading.Thread(target=self._watch, args=(stop,))
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()

    def _watch(self, stop: threading.Event) -> None:
        while not stop.wait(SAMPLE_S):
            for name, (resident, _) in processes(self._stack).items():
                self.mb[name] = max(self.mb[name], resident)


async def measure(
    stack: Stack, settings: Settings, files: Sequence[Path], step: int, *, with_refresh: bool
) -> None:
    """Publish all files, a step after the other, and print a row for each."""
    with schemas.client(settings) as registry:
        ids = schemas.known_ids(registry)
    publish = partial(world_pages.publish_file, settings, ids, chosen=[silver.PAGES])
    connection = await asyncpg.connect(settings.database_url)
    groups = topics.readers(settings)  # those that have committed nothing yet, too
    await drained(stack, settings, STEP_LIMIT_S, groups)
    if with_refresh:
        await refreshed(stack, connection, STEP_LIMIT_S)
    memory = PeakMemory(stack)
    with memory.watched():
        print(
            table(("plays before", "pages", "pages/s", *SHOWN, "others", "CPU ms per page", "by parse"), [])
        )
        for start in range(0, len(files), step):
            before = await _plays(connection)
            usage, began = processes(stack), asyncio.get_running_loop().time()
            pages = 0
            for path in files[start : start + step]:
                pages += (await asyncio.to_thread(publish, path))[silver.PAGES]
            await drained(stack, settings, STEP_LIMIT_S, groups)
            seconds = asyncio.get_running_loop().time() - began
            print(_row(Step(pages=pages, plays=before, seconds=seconds, cpu=_spent(stack, usage))))
        if with_refresh:
            usage = processes(stack)
            await refreshed(stack, connection, STEP_LIMIT_S)
            left = {name: seconds for name, seconds in _spent(stack, usage).items() if seconds > 1}
            print("\nUntil refresh had nothing left, CPU s:", left)
    print(f"\n{await _plays(connection):,} plays.")
    print("Largest resident MB:", ", ".join(f"{name} {mb:.0f}" for name, mb in memory.mb.items()))
    await connection.close()


def fill(stack: Stack, settings: Settings, files: Sequence[Path]) -> Settings:
    """Fill topics, tables and state with the sets of files; return the settings of the rebuilt versions.

    The resolver begins behind these sets: it is not measured over a full table, and merges none of them.
    """
    with schemas.client(settings) as registry:
        ids = schemas.known_ids(registry)
    parsed = topics.declared().keys() - {silver.PAGES}
    for path in files:
        world_pages.publish_file(settings, ids, path, parsed)
    _, result, rebuilt = rebuild(stack, settings, from_pages=False, processes=None)
    print(f"{len(result.silver.differences)} differences to silver", flush=True)
    admin = clients.admin(settings)
    names = reading.input_names(rebuilt)
    topic_ids = log_offsets.topic_ids(admin, names)
    ends = log_offsets.end_offsets(admin, log_offsets.partitions(admin, names))
    with psycopg.connect(settings.owner_url) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO resolver_offsets (topic, part, next_offset, topic_id) VALUES (%s, %s, %s, %s)",
            [(*partition, end, topic_ids[partition.topic]) for partition, end in ends.items()],
        )
    return rebuilt


def of_version(worker: Worker, settings: Settings) -> Worker:
    """Return a worker that runs the versions of these settings."""
    versions = {f"SONGNODES_{stage.upper()}_VERSION": str(settings.version_of(stage)) for stage in STAGES}
    return replace(worker, env={**worker.env, **versions})


async def _plays(connection: asyncpg.Connection) -> int:
    count: int = await connection.fetchval("SELECT coalesce(sum(play_count), 0) FROM gold_track_counts")
    return count


def _spent(stack: Stack, before: Mapping[str, tuple[float, float]]) -> dict[str, float]:
    """Return the CPU seconds of each process since `before`."""
    return {
        name: seconds - before.get(name, (0.0, 0.0))[1] for name, (_, seconds) in processes(stack).items()
    }


def _row(step: Step) -> str:
    by_name: dict[str, float] = defaultdict(float)
    for name, seconds in step.cpu.items():
        kind = name.partition("-")[0]
        by_name[kind if kind in SHOWN else "others"] += seconds / step.pages * 1000
    total = sum(by_name.values())
    values = (
        f"{step.plays:,}",
        f"{step.pages:,}",
        f"{step.pages / step.seconds:.1f}",
        *(f"{by_name[name]:.1f}" for name in (*SHOWN, "others")),
        f"{total:.1f}",
        f"{total / by_name['parse']:.1f}",
    )
    return f"| {' | '.join(values)} |"


def main() -> None:
    """Measure with servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--world", type=Path, required=True, help="files of `benchmarks.world_pages`")
    parser.add_argument(
        "--rebuilt", type=int, default=0, help="files that a rebuild fills the tables with before"
    )
    parser.add_argument("--without-refresh", action="store_true", help="it takes long after a large rebuild")
    parser.add_argument("--files", type=int, default=40, help="files to publish: the last ones")
    parser.add_argument("--step", type=int, default=2, help="files of a step")
    options = parser.parse_args()
    files = world_pages.files(options.world)
    filled, streamed = files[: options.rebuilt], files[-options.files :]
    if set(filled) & set(streamed):
        parser.error("--rebuilt and --files: a file would be published twice")
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack, settings = kept_servers(Path(directory) / "home")
        try:
            settings = fill(stack, settings, filled) if filled else settings
            with_refresh = not options.without_refresh
            workers = [worker for worker in WORKERS if with_refresh or worker.name != "refresh"]
            stack.start([of_version(worker, settings) for worker in workers], on_progress=print)
            stack.await_workers(on_progress=print)
            asyncio.run(measure(stack, settings, streamed, options.step, with_refresh=with_refresh))
        finally:
            stack.discard()


if __name__ == "__main__":
    main()
