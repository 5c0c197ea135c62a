"""Quiet hours: a part of each day, in UTC, in which nothing is asked of anybody."""

import re
from dataclasses import dataclass
from typing import Self

DAY = 86_400
FORM = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """From `start` to `stop`, in seconds after midnight UTC; over midnight when the end is the smaller."""

    start: int
    stop: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From "23:00-06:30"; None for an empty text. Raises ValueError."""
        if not text:
            return None
        match = FORM.match(text)
        if match is None or match[0][:5] == match[0][6:]:
            raise ValueError(f"{text!r} is no span like 23:00-06:30")
        first, second, third, fourth = map(int, match.groups())
        return cls(start=first * 3600 + second * 60, stop=third * 3600 + fourth * 60)

    def covers(self, now: float) -> bool:
        """Whether this is a quiet time, `now` in seconds since 1970."""
        return self._since_start(now) < self._length

    def end(self, now: float) -> float:
        """When the quiet time that covers `now` is over."""
        return now + self._length - self._since_start(now)

    def _since_start(self, now: float) -> float:
        return (now - self.start) % DAY

    @property
    def _length(self) -> int:
        return (self.stop - self.start) % DAY
