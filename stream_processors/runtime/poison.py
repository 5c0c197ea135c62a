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
        self._allowed = limits.share * limits.window
        self._recent: deque[bool] = deque(maxlen=limits.window)
        self._poison = 0  # in the window
        self._run = 0

    def good(self) -> None:
        """A record was processed."""
        self._run = 0
        self._note(False)

    def bad(self, reason: str) -> None:
        """A record was poison. Raises TooManyDeadLetters."""
        self._run += 1
        self._note(True)
        if self._run > self._limits.run:
            raise TooManyDeadLetters(in_a_row=self._run, last_reason=reason)
        if self._poison > self._allowed and len(self._recent) == self._limits.window:
            raise TooManyDeadLetters(of_last=self._limits.window, poison=self._poison, last_reason=reason)

    def _note(self, poison: bool) -> None:
        recent = self._recent
        if len(recent) == self._limits.window:
            self._poison -= recent[0]
        recent.append(poison)
        self._poison += poison
