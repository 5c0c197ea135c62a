"""Refresh over a generated world: a full rebuild, and what follows when 1,000 tracks or some sets changed.

Records for Kafka are dropped. Memory is the peak of the process and of its server process.
"""

import asyncio
import os
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import cast

import asyncpg

from benchmarks.server_time import cpu_ms
from sinks import database
from sinks.refresh.publisher import Publisher
from sinks.refresh.refresher import Refresher
from songnodes import sql
from songnodes.settings import Settings
from tests.support.unpublished import Unpublished

CHANGED_TRACKS, CHANGED_SETS = 1000, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds elapsed, and on the processor: of the server's process and of this one."""

    name: str
    seconds: float
    server_cpu_s: float
    own_cpu_s: float

    def cells(self) -> tuple[str, ...]:
        """Return the values as cells of a table."""
        return (self.name, f"{self.seconds:.1f}", f"{self.server_cpu_s:.2f}", f"{self.own_cpu_s:.2f}")


HEAD = ("step", "s", "CPU of the server, s", "CPU of refresh, s")


class Meter:
    """Measures steps of a refresher, each under its name."""

    def __init__(self, server_process: int) -> None:
        self._process = server_process
        self.costs: list[Cost] = []

    @contextmanager
    def measured(self, name: str) -> Iterator[None]:
        """Measure what is done within."""
        began, server, own = time.perf_counter(), cpu_ms(self._process), time.process_time()
        yield
        cost = Cost(
            name=name,
            seconds=time.perf_counter() - began,
            server_cpu_s=(cpu_ms(self._process) - server) / 1000,
            own_cpu_s=time.process_time() - own,
        )
        self.costs.append(cost)
        print(*cost.cells(), flush=True)


def peak_mb(process: int) -> float:
    """Return the peak of the resident memory of a process of this machine in MB, shared pages included."""
    status = Path(f"/proc/{process}/status").read_text()
    match = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(match.group(1)) / 1000 if match else 0.0


async def drain(refresher: Refresher, day: date) -> None:
    """Take from the queue and the artist network until both are empty."""
    while await refresher.some(day):
        pass


async def change(connection: asyncpg.Connection, name: str, count: int) -> int:
    """Change some rows as the sink does, queue them, and return how many there were."""
    status = await connection.execute(sql.query("benchmarks", "gold", name), count)
    return int(status.rpartition(" ")[2])


async def measure(settings: Settings, day: date) -> tuple[list[Cost], tuple[float, float]]:
    """Rebuild everything, then refresh after changes; return the costs, and the peaks of memory in MB."""
    connection = await database.connect(settings)
    await connection.execute("SET plan_cache_mode = force_custom_plan")  # as `songnodes run refresh` sets it
    process = await connection.fetchval("SELECT pg_backend_pid()")
    meter = Meter(process)
    refresher = Refresher(connection, cast(Publisher, Unpublished()))
    await refresher.tick(day, pinned=True)
    with meter.measured("everything"):
        await refresher.everything(day)
    steps = await connection.fetch("SELECT step, seconds FROM refresh_steps ORDER BY seconds DESC NULLS LAST")
    print("seconds by step:", ", ".join(f"{row['step']} {row['seconds'] or 0:.1f}" for row in steps))
    await connection.execute("VACUUM ANALYZE")
    actions: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("queue and network", lambda: drain(refresher, day)),
        ("all rows (scores, ranks, labels, cuts, artists)", lambda: refresher.whole(day)),
    ]
    for statement, count in (("change_tracks", CHANGED_TRACKS), ("change_sets", CHANGED_SETS)):
        changed = await change(connection, statement, count)
        for name, work in actions:
            with meter.measured(f"{changed} {statement.removeprefix('change_')} changed: {name}"):
                await work()
    peaks = peak_mb(os.getpid()), peak_mb(process)
    await connection.close()
    return meter.costs, peaks


def run(settings: Settings, day: date) -> tuple[list[Cost], tuple[float, float]]:
    """Return what `measure` returns."""
    return asyncio.run(measure(settings, day))
