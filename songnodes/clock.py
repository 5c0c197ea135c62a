"""Time as an argument: the only place that reads the wall clock for data."""

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
