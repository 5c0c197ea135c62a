"""Limit of dead letters beyond which a process stops: stages, sinks and the resolver."""

from collections import deque
from dataclasses import dataclass

from songnodes.errors import TooManyDeadLetters


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetterLimits:
    """Limits beyond which a process stops instead of moving its whole input to the dead letters.

    At most `max_consecutive` dead letters in a row (None: any number), and at most `max_share` of the last
    `window_records` (checked once that many records were processed). The defaults are those of a stage.
    """

    max_consecutive: int | None = 100
    max_share: float = 0.25
    window_records: int = 1000


#: Of writers to PostgreSQL: a dump of records that PostgreSQL refuses may come in one piece.
WRITER_LIMITS = DeadLetterLimits(max_consecutive=None, max_share=0.5)

#: Of a run over stored records that an operator started with the knowledge that many are bad.
NO_LIMITS = DeadLetterLimits(max_consecutive=None, max_share=1.0)


class DeadLetterBudget:
    """Counts the records and dead letters of one process, or of one sink, against the limits.

    Without it a stage at fault, or a table without an expected column, would move a whole topic to the dead
    letters.
    """

    def __init__(self, limits: DeadLetterLimits) -> None:
        self._limits = limits
        self._records = 0
        self._consecutive = 0
        self._recent: deque[int] = deque()  # numbers of the window's records that became dead letters

    def count_processed(self, records: int = 1) -> None:
        """Count records that were processed."""
        self._records += records
        if records:
            self._consecutive = 0

    def count_dead_letter(self, reason: str) -> None:
        """Count a record that became a dead letter. Raises TooManyDeadLetters."""
        limits, recent = self._limits, self._recent
        self._records += 1
        self._consecutive += 1
        recent.append(self._records)
        while recent[0] <= self._records - limits.window_records:
            recent.popleft()
        if limits.max_consecutive is not None and self._consecutive > limits.max_consecutive:
            raise TooManyDeadLetters(in_a_row=self._consecutive, last_reason=reason)
        if self._records >= limits.window_records and len(recent) > limits.max_share * limits.window_records:
            raise TooManyDeadLetters(of_last=limits.window_records, dead=len(recent), last_reason=reason)
