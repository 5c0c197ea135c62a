"""Quiet hours: a span of each day, in UTC, during which no request is sent."""

import re
from dataclasses import dataclass
from typing import Self

DAY_S = 86_400
SPAN_PATTERN = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Span from `start` to `stop`, in seconds after midnight UTC; crosses midnight when `stop` is smaller."""

    start: int
    stop: int

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Parse a span such as "23:00-06:30"; return None for an empty text. Raises ValueError."""
        if not text:
            return None
        match = SPAN_PATTERN.match(text)
        if match is None or match[0][:5] == match[0][6:]:
            raise ValueError(f"{text!r} is no span like 23:00-06:30")
        start_hour, start_minute, stop_hour, stop_minute = map(int, match.groups())
        return cls(start=start_hour * 3600 + start_minute * 60, stop=stop_hour * 3600 + stop_minute * 60)

    def covers(self, now: float) -> bool:
        """Return True during quiet hours; `now` is in seconds since 1970."""
        return self._since_start(now) < self._length

    def end(self, now: float) -> float:
        """Return the end of the quiet hours that cover `now`."""
        return now + self._length - self._since_start(now)

    def _since_start(self, now: float) -> float:
        return (now - self.start) % DAY_S

    @property
    def _length(self) -> int:
        return (self.stop - self.start) % DAY_S
