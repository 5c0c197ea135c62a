"""Warnings about a written list, each "code: explanation".

Migration 0022 (`list_warning_codes`) counts these codes per source; a test holds both lists to be equal.
"""

from enum import StrEnum


class ListWarning(StrEnum):
    """Code of a warning."""

    UNREAD = "list_unread"  # announced, not one row read
    UNCERTAIN = "list_uncertain"
    ROWS_MISSING = "rows_missing"
    COUNTER_STANDS_STILL = "counter_stands_still"
    CUES_PAST_THE_END = "cues_past_the_end"
    TIMES_OF_DAY = "times_of_day"

    def because(self, explanation: str) -> str:
        """Return the warning with its explanation."""
        return f"{self}: {explanation}"
