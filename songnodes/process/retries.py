"""Retries of work that failed because a server did: which errors, and after which pauses."""

import asyncio
import random
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from confluent_kafka import KafkaException

from songnodes import logs, postgres_errors
from songnodes.clock import SystemTimer, Timer
from songnodes.errors import Transient

FIRST_PAUSE_S = 0.2  # before the second attempt; doubles with each further one
MAX_PAUSE_S = 10.0  # unless the first is longer
MIN_JITTER = 0.5  # share of a pause that is always waited for

Parameters = ParamSpec("Parameters")
Response = TypeVar("Response")

log = logs.get(__name__)


def is_transient(error: BaseException) -> bool:
    """Return True for an error of a server that ends when the server is available again."""
    return isinstance(error, Transient | KafkaException) or postgres_errors.is_server_error(error)


def pause_s(attempt: int, *, first_s: float = FIRST_PAUSE_S) -> float:
    """Return the seconds to wait after this failed attempt (from 1), jittered."""
    longest = min(max(MAX_PAUSE_S, first_s), first_s * float(2 ** min(attempt - 1, 30)))
    return longest * random.uniform(MIN_JITTER, 1)  # noqa: S311


class Attempts:
    """Failed attempts in succession; an attempt that lasted `MAX_PAUSE_S` had succeeded for a while."""

    def __init__(self, timer: Timer) -> None:
        self._timer = timer
        self._count = 0
        self._began = timer.monotonic()

    def begin(self) -> None:
        """Begin an attempt."""
        self._began = self._timer.monotonic()

    def fail(self) -> int:
        """Return the number of the attempt that failed, from 1."""
        if self._timer.monotonic() - self._began >= MAX_PAUSE_S:
            self._count = 0
        self._count += 1
        return self._count


async def retry_until_available(
    server: str,
    request: Callable[Parameters, Response],
    *args: Parameters.args,
    **kwargs: Parameters.kwargs,
) -> Response:
    """Return the response of a server, however long it takes. The request runs in a thread."""
    return await _retry(server, lambda: request(*args, **kwargs), SystemTimer())


async def _retry(server: str, request: Callable[[], Response], timer: Timer) -> Response:
    attempt = 0
    while True:
        try:
            return await asyncio.to_thread(request)
        except (Transient, KafkaException) as error:
            log.warning("server_unavailable", server=server, error=str(error))
            attempt += 1
            await timer.sleep(pause_s(attempt))
