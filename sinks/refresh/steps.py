"""Steps of refresh: each runs for itself, and what it does is stored in `refresh_steps`.

A step that fails or takes too long is logged and tried again later; the others go on. An error of the server
or of Kafka is raised: nothing works until they answer.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import asyncpg
from confluent_kafka import KafkaException

from sinks.database import query
from songnodes import logs, metrics, postgres_errors
from songnodes.attempts import describe
from songnodes.errors import Fatal, Transient

#: Seconds until a failed step is tried again: doubles with each failure in a row.
FIRST_PAUSE_S, LONGEST_PAUSE_S = 10.0, 600.0

log = logs.get(__name__)


def is_isolated(error: Exception, connection: asyncpg.Connection) -> bool:
    """Return True if the error is of this work alone: the connection is usable and other work may succeed."""
    if connection.is_closed() or isinstance(error, Transient | Fatal | KafkaException):
        return False
    if isinstance(error, TimeoutError | asyncpg.QueryCanceledError):
        return True
    return not (postgres_errors.is_server_error(error) or postgres_errors.is_code_error(error))


class Steps:
    """Runs steps on one connection and stores their state."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._pauses: dict[str, tuple[int, float]] = {}  # failures in a row, monotonic time of the next try

    async def run(self, step: str, work: Callable[[], Awaitable[object]]) -> bool:
        """Run a step; return False if it failed or waits for its next try."""
        failures, next_try = self._pauses.get(step, (0, 0.0))
        if time.monotonic() < next_try:
            return False
        await self.begin(step)
        began = time.monotonic()
        try:
            await work()
        except Exception as error:
            if not is_isolated(error, self._connection):
                raise
            failures += 1
            pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (failures - 1))
            self._pauses[step] = failures, time.monotonic() + pause
            metrics.REFRESH_FAILURES.labels(step).inc()
            log.error("refresh_step_failed", step=step, failures=failures, exc_info=error)
            await self._connection.execute(query("refresh_steps", "failed"), step, describe(error))
            return False
        self._pauses.pop(step, None)
        seconds = time.monotonic() - began
        await self._connection.execute(query("refresh_steps", "succeeded"), step, seconds)
        metrics.REFRESH_SECONDS.labels(step).set(seconds)
        metrics.REFRESH_SUCCEEDED.labels(step).set(time.time())
        return True

    async def begin(self, step: str) -> None:
        """Store that a step runs."""
        await self._connection.execute(query("refresh_steps", "began"), step)

    async def end(self, step: str) -> None:
        """Store that a step begun with `begin` succeeded."""
        await self._connection.execute(query("refresh_steps", "ended"), step)

    async def progress(self, step: str, *, done: int, waiting: int) -> None:
        """Store how far a step came."""
        metrics.REFRESH_WAITING.labels(step).set(waiting)
        await self._connection.execute(query("refresh_steps", "progress"), step, done, waiting)

    async def unfinished(self, step: str) -> datetime | None:
        """Return when a step began that an earlier process did not finish; None if there is none."""
        started_at: datetime | None = await self._connection.fetchval(
            query("refresh_steps", "unfinished"), step
        )
        return started_at
