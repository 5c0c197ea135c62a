"""Medians with their extremes, ratios within one round, and tables to be pasted."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Several values of one measure. Formats as "median (min-max)", each by the format given."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Return the summary of at least one value."""
        ordered = sorted(values)
        return cls(median=statistics.median(ordered), low=ordered[0], high=ordered[-1])

    def __format__(self, spec: str) -> str:
        return f"{self.median:{spec}} ({self.low:{spec}}-{self.high:{spec}})"


def compare(theirs: Iterable[float], ours: Iterable[float]) -> Summary:
    """Divide the values of a peer by ours, round by round: load from outside hits both alike."""
    return Summary.of(
        theirs_value / ours_value for theirs_value, ours_value in zip(theirs, ours, strict=True)
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Format a table in Markdown; all columns but the first are aligned to the right."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
