"""Time that passes only when a test advances it."""

import asyncio
import threading

#: Pauses are checked this often, in real time.
CHECK_INTERVAL_S = 0.001


class ManualTimer:
    """A `songnodes.clock.Timer`. With `skips`, a pause advances the time by itself and ends at once."""

    def __init__(self, *, skips: bool = False) -> None:
        self._now = 1000.0
        self._skips = skips
        self.pauses: list[float] = []

    def advance(self, seconds: float) -> None:
        """Let the time pass."""
        self._now += seconds

    def monotonic(self) -> float:
        return self._now

    def wait(self, event: threading.Event, seconds: float) -> bool:
        until = self._begin(seconds)
        while self._now < until and not event.is_set():
            event.wait(CHECK_INTERVAL_S)
        return event.is_set()

    async def sleep(self, seconds: float) -> None:
        until = self._begin(seconds)
        await asyncio.sleep(0)
        while self._now < until:
            await asyncio.sleep(CHECK_INTERVAL_S)

    def _begin(self, seconds: float) -> float:
        self.pauses.append(seconds)
        until = self._now + seconds
        if self._skips:
            self._now = until
        return until
