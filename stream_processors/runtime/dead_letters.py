"""How much poison a stage takes before it stops."""

from collections import deque
from dataclasses import dataclass

from stream_processors.runtime.errors import TooManyDeadLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterLimits:
    """Past them the stage stops instead of moving its whole input to the dead letters.

    At most `run` poison records in a row, and at most `share` of the last `window` records (looked at once
    so many were seen).
    """

    run: int = 100
    share: float = 0.25
    window: int = 1000


class PoisonCount:
    """Counts records and poison of one process against the limits."""

    def __init__(self, limits: DeadLetterLimits) -> None:
        self._limits = limits
        self._seen = 0
        self._run = 0
        self._recent: deque[int] = deque()  # which records of the window were poison, by number

    def good(self) -> None:
        """A record was processed."""
        self._seen += 1
        self._run = 0

    def bad(self, reason: str) -> None:
        """A record was poison. Raises TooManyDeadLetters."""
        limits, recent = self._limits, self._recent
        self._seen += 1
        self._run += 1
        recent.append(self._seen)
        while recent[0] <= self._seen - limits.window:
            recent.popleft()
        if self._run > limits.run:
            raise TooManyDeadLetters(in_a_row=self._run, last_reason=reason)
        if self._seen >= limits.window and len(recent) > limits.share * limits.window:
            raise TooManyDeadLetters(of_last=limits.window, poison=len(recent), last_reason=reason)
