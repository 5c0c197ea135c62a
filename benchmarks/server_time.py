"""Milliseconds of statements: elapsed, and of the processor, which load from outside lengthens less."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import asyncpg

Question = Callable[[asyncpg.Connection], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Elapsed milliseconds of some rounds, and the mean processor time of the server's process."""

    median_ms: float
    p95_ms: float
    longest_ms: float
    cpu_ms: float

    def cells(self) -> tuple[str, ...]:
        """Return the values as cells of a table."""
        return tuple(f"{ms:.1f}" for ms in (self.median_ms, self.p95_ms, self.longest_ms, self.cpu_ms))


HEAD = ("ms, median", "95th percentile", "most", "CPU of the server")


async def timed(connection: asyncpg.Connection, make: Callable[[], Question], rounds: int) -> Times:
    """Ask a question per round, after one that loads the caches."""
    await make()(connection)
    process = await connection.fetchval("SELECT pg_backend_pid()")
    milliseconds = []
    began_on_cpu = cpu_ms(process)
    for _ in range(rounds):
        question = make()
        began = time.perf_counter()
        await question(connection)
        milliseconds.append((time.perf_counter() - began) * 1000)
    cpu = (cpu_ms(process) - began_on_cpu) / rounds
    ordered = sorted(milliseconds)
    return Times(
        median_ms=ordered[rounds // 2],
        p95_ms=ordered[min(rounds - 1, int(rounds * 0.95))],
        longest_ms=ordered[-1],
        cpu_ms=cpu,
    )


def cpu_ms(process: int) -> float:
    """Return the processor time of a process of this machine so far."""
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e6
