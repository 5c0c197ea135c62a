"""Time as an argument: the only place that reads the wall clock for data."""

import asyncio
import threading
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Source of the current time, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """Clock that advances only by `move`; for tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def move(self, to: datetime) -> None:
        """Set the time; `to` has a time zone."""
        self._now = to


class Timer(Protocol):
    """Monotonic time and pauses, in seconds."""

    def monotonic(self) -> float:
        """Return the seconds since an arbitrary moment; never decreases."""

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Block this thread until the event is set; return False if the time passed before."""

    async def sleep(self, seconds: float) -> None:
        """Suspend this task."""


class SystemTimer:
    """The machine's time."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        return event.wait(seconds)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
