"""Locks by track: requests of one track are enriched one after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class TrackLocks:
    """A lock for each track with requests under way."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def hold(self, track_id: str) -> AsyncIterator[None]:
        """Hold the lock of a track; it exists while a task holds it or waits for it."""
        lock, tasks = self._locks.get(track_id, (asyncio.Lock(), 0))
        self._locks[track_id] = lock, tasks + 1
        try:
            async with lock:
                yield
        finally:
            _, tasks = self._locks.pop(track_id)
            if tasks > 1:
                self._locks[track_id] = lock, tasks - 1

    def __len__(self) -> int:
        return len(self._locks)
