"""A rebuild of gold by the command against one by the streams: `python -m benchmarks.rebuild [--pages 1500]`.

Both read the same topics and write the topics of a new version and its tables, on servers of their own in a
temporary directory. CPU time of all processes and servers, per 1,000 pages, in turn; parse of the same pages,
whose code does not change, is the yardstick of the machine. The streams are gold and its two sinks from the
start of the topics; the resolver, silver and refresh do not run. `benchmarks.bulk` measures our code alone.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psutil

from benchmarks.bulk import Input, make_input
from benchmarks.own_servers import own_servers, publish, worker_processes
from benchmarks.pipeline import processes
from benchmarks.summary import table
from benchmarks.waiting import Deadline, unread
from infra.embedded.stack import Stack
from operations.rebuild import gold
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

#: Runs a command and waits for its orphans, too: the server that forks its processes ends after it.
REAPER = """
import ctypes, os, subprocess, sys
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
subprocess.run(sys.argv[1:])
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
"""


class Meter:
    """Processor seconds of the servers and of the processes started with `run`."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._before = self._servers()
        self._started_at = time.perf_counter()

    def _servers(self) -> float:
        return sum(cpu for _, cpu in processes(self._stack).values())

    def row(self, name: str, own_s: float, pages: int) -> tuple[str, ...]:
        """Return a row: own, servers' and all CPU seconds per 1,000 pages, and elapsed seconds."""
        servers_s = self._servers() - self._before
        elapsed = time.perf_counter() - self._started_at
        per = 1000 / pages
        return (
            name,
            f"{own_s * per:.1f}",
            f"{servers_s * per:.1f}",
            f"{(own_s + servers_s) * per:.1f}",
            f"{elapsed:.0f}",
        )


@contextmanager
def workers(settings: Settings, *commands: tuple[str, ...]) -> Iterator[list[psutil.Process]]:
    """Run processes of the pipeline."""
    environment = worker_processes.environment(settings)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "songnodes", "run", *command],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for command in commands
    ]
    try:
        yield [psutil.Process(process.pid) for process in started]
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()


def run_streams(settings: Settings, expected: int) -> float:
    """Run gold and its sinks from the start of their topics to the end; return their processor seconds."""
    groups = {topics.app_id("gold", settings)} | {
        topics.group(f"sink-{topic}", settings) for topic in gold.OUTPUTS
    }
    declared = {group: read for group, read in topics.readers(settings).items() if group in groups}
    deadline = Deadline(f"{expected} facts read")
    with workers(settings, ("gold",), ("sink", *gold.OUTPUTS)) as started:
        while True:
            time.sleep(1)
            records = unread(settings, declared)
            if records is not None and not any(records.values()) and len(records) == len(groups):
                return sum(sum(process.cpu_times()[:2]) for process in started)
            deadline.check(records)
            if ended := [process.pid for process in started if process.status() == psutil.STATUS_ZOMBIE]:
                raise RuntimeError(f"processes {ended} ended")


def run_command(settings: Settings) -> float:
    """Run `songnodes rebuild gold --beside`; return the processor seconds of all its processes."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-c", REAPER, sys.executable, "-m", "songnodes", "rebuild", "gold", "--beside"],
        env=worker_processes.environment(settings),
        stdout=subprocess.DEVNULL,
        check=False,  # 1: there are no silver tables to compare with
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def measure(stack: Stack, settings: Settings, data: Input, pages: int) -> list[tuple[str, ...]]:
    """Run both, the streams as version 1 and the command as version 2."""
    publish(settings, [*data.playlists, *data.facts, *data.entities])
    time.sleep(5)
    streams = Meter(stack)
    rows = [streams.row("streams", run_streams(settings, len(data.facts)), pages)]
    bulk = Meter(stack)
    rows.append(bulk.row("`songnodes rebuild gold`", run_command(settings), pages))
    return rows


def main() -> None:
    """Measure with servers of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1500)
    options = parser.parse_args()
    with own_servers() as (stack, settings):
        data, parse_s, _ = make_input(Codec.connect(settings), options.pages)
        rows = measure(stack, settings, data, options.pages)
        head = ("rebuild of gold", "own CPU s", "servers' CPU s", "CPU s per 1,000 pages", "elapsed s")
        print(table(head, rows))
        print(
            f"\n{options.pages} pages, {len(data.facts)} facts. "
            f"Parse: {parse_s / options.pages * 1000:.1f} ms per page."
        )


if __name__ == "__main__":
    main()
