"""One collection of the pipeline's state for all clients.

A client that wants a state gets the last one if it is young enough. Otherwise it collects a new one, and all
who ask meanwhile wait for it. So any number of clients cost as much as one. A page takes the last state at
once, whatever its age, which it shows; the next one is then collected without it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Generic, TypeVar

from songnodes import logs

State = TypeVar("State")

INTERVAL_S = 3.0
#: Between two collections while nobody looks: a page that is opened shows a state that is no older.
IDLE_INTERVAL_S = 60.0

log = logs.get(__name__)


class Collector(Generic[State]):
    """The latest state. `collect` is called by one client at a time."""

    def __init__(self, collect: Callable[[], Awaitable[State]], interval_s: float = INTERVAL_S) -> None:
        self._collect = collect
        self._interval_s = interval_s
        self._lock = asyncio.Lock()
        self._latest: tuple[float, State] | None = None
        self._task: asyncio.Task[None] | None = None

    async def current(self) -> State:
        """Return a state that is younger than the interval."""
        async with self._lock:
            if self._latest is None or self._is_old():
                state = await self._collect()
                self._latest = time.monotonic(), state
            return self._latest[1]

    async def latest(self) -> State:
        """Return the last state at once; wait for one only before the first is collected."""
        if self._latest is None:
            return await self.current()
        if self._is_old() and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._collect_anyway())
        return self._latest[1]

    async def keep_recent(self, interval_s: float = IDLE_INTERVAL_S) -> None:
        """Collect now, and then again and again, until this is cancelled."""
        while True:
            await self._collect_anyway()
            await asyncio.sleep(interval_s)

    async def _collect_anyway(self) -> None:
        try:
            await self.current()
        except Exception as error:  # who waits for a state gets the error; this is for nobody yet
            log.warning("state_not_collected", error=str(error))

    def _is_old(self) -> bool:
        return self._latest is None or time.monotonic() - self._latest[0] >= self._interval_s

    async def updates(self) -> AsyncIterator[State]:
        """Yield each new state until the client stops."""
        last: State | None = None
        while True:
            state = await self.current()
            if state is not last:
                last = state
                yield state
            await asyncio.sleep(self._interval_s)
