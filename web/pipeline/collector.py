"""One collection of the pipeline's state for all clients, made only while somebody looks.

A client that wants a state gets the last one if it is young enough. Otherwise it collects a new one, and all
who ask meanwhile wait for it. So any number of clients cost as much as one.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

State = TypeVar("State")

INTERVAL_S = 3.0


class Collector(Generic[State]):
    """The latest state. `collect` is called by one client at a time."""

    def __init__(self, collect: Callable[[], Awaitable[State]], interval_s: float = INTERVAL_S) -> None:
        self._collect = collect
        self._interval_s = interval_s
        self._lock = asyncio.Lock()
        self._latest: tuple[float, State] | None = None

    async def current(self) -> State:
        """Return a state that is younger than the interval."""
        async with self._lock:
            if self._latest is None or time.monotonic() - self._latest[0] >= self._interval_s:
                state = await self._collect()
                self._latest = time.monotonic(), state
            return self._latest[1]

    async def updates(self) -> AsyncIterator[State]:
        """Yield each new state until the client stops."""
        last: State | None = None
        while True:
            state = await self.current()
            if state is not last:
                last = state
                yield state
            await asyncio.sleep(self._interval_s)
