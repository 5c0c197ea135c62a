"""Limit of dead letters beyond which a stage stops."""

from collections import deque
from dataclasses import dataclass

from songnodes.errors import TooManyDeadLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterLimits:
    """Limits beyond which the stage stops instead of moving its whole input to the dead letters.

    At most `max_consecutive` dead letters in a row, and at most `max_share` of the last `window_records`
    (checked once that many records were processed).
    """

    max_consecutive: int = 100
    max_share: float = 0.25
    window_records: int = 1000


class DeadLetterBudget:
    """Counts the records and dead letters of one process against the limits."""

    def __init__(self, limits: DeadLetterLimits) -> None:
        self._limits = limits
        self._records = 0
        self._consecutive = 0
        self._recent: deque[int] = deque()  # numbers of the window's records that became dead letters

    def count_processed(self) -> None:
        """Count a record that was processed."""
        self._records += 1
        self._consecutive = 0

    def count_dead_letter(self, reason: str) -> None:
        """Count a record that became a dead letter. Raises TooManyDeadLetters."""
        limits, recent = self._limits, self._recent
        self._records += 1
        self._consecutive += 1
        recent.append(self._records)
        while recent[0] <= self._records - limits.window_records:
            recent.popleft()
        if self._consecutive > limits.max_consecutive:
            raise TooManyDeadLetters(in_a_row=self._consecutive, last_reason=reason)
        if self._records >= limits.window_records and len(recent) > limits.max_share * limits.window_records:
            raise TooManyDeadLetters(of_last=limits.window_records, poison=len(recent), last_reason=reason)
