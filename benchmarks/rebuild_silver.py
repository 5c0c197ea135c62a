"""`songnodes rebuild silver` with servers: `python -m benchmarks.rebuild_silver [--pages 500]`.

    python -m benchmarks.world_pages --out WORLD
    python -m benchmarks.rebuild_silver --world WORLD --home DIR    # 40,000 sets; the servers stay
    python -m benchmarks.rebuild_silver --world WORLD --home DIR --again tracklists   # with other code

Processor time of our processes and of each server by step, memory of each process, from tracklists and from
pages. A first rebuild fills the tables and is swapped, so that those measured are compared with full tables
that have the same rows. Parse of the same pages is the yardstick of the machine. Servers of its own, in a
temporary directory. `benchmarks.bulk_silver` measures our code alone, by step.
"""

import argparse
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil
import psycopg

from benchmarks import pipeline_pages, world_pages
from benchmarks.own_servers import cpu_seconds, family, kept_servers, own_servers, publish
from benchmarks.summary import table
from infra.embedded.stack import Stack
from operations.rebuild import silver
from operations.rebuild.drop import drop_replaced, drop_unfinished
from operations.rebuild.part_files import PartRecord
from operations.rebuild.plan import target_settings
from operations.rebuild.run import Rebuild, RebuildResult
from operations.rebuild.scopes import SILVER
from producers import sources
from songnodes.errors import Poison
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import STAGES, Settings

OWN = "own"
SAMPLE_INTERVAL_S = 0.5
#: Kafka, PostgreSQL: their processes in the stack.
SERVERS = ("kafka", "postgres")


def publish_pages(settings: Settings, codec: Codec, pages: int) -> float:
    """Publish pages and their tracklists; return the processor seconds of parse."""
    samples = pipeline_pages.samples(codec, pages, "rebuild")
    name = topics.physical(silver.PAGES, settings)
    parse_s = 0.0

    def records() -> Iterator[PartRecord]:
        nonlocal parse_s
        for sample in samples:
            yield PartRecord(name, 0, 0, 0, sample.key.encode(), sample.value)
            page = codec.decode(silver.PAGES, sample.value)
            started = time.process_time()
            try:
                outputs = sources.parse(page)  # type: ignore[arg-type]
            except Poison:  # one invented page of 7,000 resembles a decoy
                outputs = []
            parse_s += time.process_time() - started
            for topic, key, value in outputs:
                raw = codec.encode(topic, value)
                yield PartRecord(topics.physical(topic, settings), 0, 0, 0, key.encode(), raw)

    publish(settings, records())
    return parse_s


class Step(NamedTuple):
    """A step of a rebuild: seconds, and processor seconds by process."""

    name: str
    seconds: float
    cpu_s: Mapping[str, float]


class StepMeter:
    """Measures the steps of one rebuild in this process, and the peak of each process's memory."""

    def __init__(self, stack: Stack) -> None:
        self._pids = {
            process.name: process.pid
            for process in stack.processes()
            if process.name in SERVERS and process.pid
        }
        self._servers = stack
        self.steps: list[Step] = []
        self.peak_mb: Counter[str] = Counter()
        self._name = ""
        self._ended = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        self._restart()

    def _restart(self) -> None:
        self._began, self._before = time.perf_counter(), self._cpu()

    def _cpu(self) -> dict[str, float]:
        servers = set(self._pids.values())
        usage = {name: cpu_seconds(family(pid)) for name, pid in self._pids.items()}
        usage["postgres"] = cpu_seconds(family(self._pids["postgres"]), with_ended=True)
        usage[OWN] = cpu_seconds([p for p in family(os.getpid()) if p.pid not in servers], with_ended=True)
        return usage

    def begin(self, name: str) -> None:
        """End the step before, and begin one."""
        if self._name:
            seconds = time.perf_counter() - self._began
            cpu_s = {name: cpu - self._before[name] for name, cpu in self._cpu().items()}
            self.steps.append(Step(self._name, seconds, cpu_s))
            used = ", ".join(f"{process} {used:.1f}" for process, used in cpu_s.items())
            memory = ", ".join(f"{process} {mb} MB" for process, mb in self.peak_mb.items())
            print(f"{self._name}: {seconds:.0f} s, CPU s: {used}; peak {memory}", flush=True)
        self._name = name
        self._restart()

    def end(self) -> None:
        """End the last step."""
        self.begin("")
        self._ended.set()
        self._sampler.join()

    def _sample(self) -> None:
        while not self._ended.wait(SAMPLE_INTERVAL_S):
            for name, pid in [*self._pids.items(), (OWN, os.getpid())]:
                for process in family(pid):
                    try:
                        memory = process.memory_info()
                    except psutil.NoSuchProcess:
                        continue
                    private_mb = (memory.rss - memory.shared) / 1e6
                    self.peak_mb[name] = max(self.peak_mb[name], round(private_mb))


def rebuild(
    stack: Stack, settings: Settings, *, from_pages: bool, processes: int | None, swaps: bool = True
) -> tuple[StepMeter, RebuildResult, Settings]:
    """Rebuild and swap; return the measurements, the result, and the settings of the new version.

    Without `swaps` the new version is dropped.
    """
    admin = clients.admin(settings)
    with psycopg.connect(settings.owner_url, autocommit=True) as connection:
        meter = StepMeter(stack)
        run = Rebuild(settings, admin, connection, SILVER, lambda *progress: None, meter.begin)
        meter.begin("plan")
        plan = run.plan(from_pages=from_pages)
        result = run.build(plan, processes)
        if not swaps:
            meter.end()
            drop_unfinished(settings, admin, connection, SILVER)
            return meter, result, settings
        meter.begin("swap")
        run.swap(plan)
        meter.end()
        target = target_settings(settings, plan.versions)
        drop_replaced(target, admin, connection, SILVER)
    return meter, result, target


def report(title: str, meter: StepMeter, result: RebuildResult, pages: int) -> str:
    """Format one rebuild: milliseconds per page by step and process."""
    total = {name: sum(step.cpu_s[name] for step in meter.steps) for name in (OWN, *SERVERS)}
    seconds = sum(step.seconds for step in meter.steps)
    rows = [_row(step.name, step.seconds, step.cpu_s, pages) for step in meter.steps]
    rows.append(_row("all", seconds, total, pages))
    memory = ", ".join(f"{name} {mb} MB" for name, mb in meter.peak_mb.items())
    differing = sum(sum(comparison.kinds.values()) for comparison in result.tables)
    new_rows = sum(comparison.new_rows for comparison in result.tables)
    head = (title, "elapsed s", *(f"{name}, CPU ms" for name in (OWN, *SERVERS)), "all, CPU ms per page")
    return (
        f"{table(head, rows)}\n\n{new_rows:,} rows, {differing:,} rows differ, "
        f"{len(result.silver.differences)} differences to silver. "
        f"CPU s of all: {sum(total.values()):.0f}. Largest process: {memory}.\n"
    )


def _row(name: str, seconds: float, cpu_s: Mapping[str, float], pages: int) -> Sequence[str]:
    ms = [f"{cpu_s[process] / pages * 1000:.2f}" for process in (OWN, *SERVERS)]
    return (name, f"{seconds:.1f}", *ms, f"{sum(cpu_s.values()) / pages * 1000:.2f}")


def measure(
    stack: Stack, settings: Settings, sources: Sequence[str], options: argparse.Namespace
) -> Settings:
    """Rebuild from each source in turn and print the reports; return the settings of the last version."""
    for number, source in enumerate(sources):
        meter, result, settings = rebuild(
            stack,
            settings,
            from_pages=source == "pages",
            processes=options.processes,
            swaps=not options.again,
        )
        title = f"from {source}" if number or options.again else "first, into empty tables"
        text = report(title, meter, result, options.pages)
        print(text, f"load {os.getloadavg()[0]:.1f}, parse {_parse_ms(options)}\n", flush=True)
    return settings


def _parse_ms(options: argparse.Namespace) -> str:
    return f"{world_pages.parse_ms(options.world):.2f} ms per page" if options.world else "as above"


def kept(options: argparse.Namespace) -> None:
    """Measure with servers that stay, and the pages of a world."""
    stack, settings = kept_servers(options.home)
    versions = options.home / "benchmark-versions.json"
    if not versions.exists():
        began = time.perf_counter()
        counts = world_pages.publish_world(settings, options.world)
        print(f"{counts} published in {time.perf_counter() - began:.0f} s", flush=True)
        versions.write_text(json.dumps({"pages": counts[silver.PAGES], "versions": {}}))
    stored = json.loads(versions.read_text())
    options.pages = stored["pages"]
    settings = target_settings(settings, stored["versions"])
    settings = measure(stack, settings, options.again or ["tracklists", *options.sources], options)
    stored["versions"] = {stage: settings.version_of(stage) for stage in STAGES}
    versions.write_text(json.dumps(stored))


def main() -> None:
    """Measure with servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--processes", type=int)
    parser.add_argument("--sources", nargs="*", default=["tracklists", "pages"])
    parser.add_argument("--world", type=Path, help="files of `benchmarks.world_pages`")
    parser.add_argument("--home", type=Path, help="data directory of servers that stay")
    parser.add_argument("--again", nargs="*", default=[], help="rebuild from these without a swap")
    options = parser.parse_args()
    if options.home:
        kept(options)
        return
    with own_servers() as (stack, settings):
        parse_s = publish_pages(settings, Codec.connect(settings), options.pages)
        parse_ms = parse_s / options.pages * 1000
        print(f"{options.pages} pages published. Parse: {parse_ms:.2f} ms per page.", flush=True)
        measure(stack, settings, ["tracklists", *options.sources], options)


if __name__ == "__main__":
    main()
