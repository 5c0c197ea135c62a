"""Records per second and ages of commits, from two states of the pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A counter that grows. `per_second` is None at the first look; `changed_at` is the last growth seen."""

    total: int
    at: datetime
    per_second: float | None = None
    changed_at: datetime | None = None

    def next(self, total: int, at: datetime) -> "Rate":
        """Return the rate after another look. A smaller total is a counter that began again."""
        seconds = (at - self.at).total_seconds()
        grown = max(0, total - self.total)
        return Rate(
            total=total,
            at=at,
            per_second=grown / seconds if seconds > 0 else self.per_second,
            changed_at=at if grown else self.changed_at,
        )


@dataclass(slots=True)
class Rates:
    """The rates of several counters by name; a counter that is gone is left out."""

    by_name: dict[str, Rate] = field(default_factory=dict)

    def look(self, totals: Mapping[str, int], at: datetime) -> dict[str, Rate]:
        """Return the rates with new totals."""
        self.by_name = {
            name: self.by_name[name].next(total, at) if name in self.by_name else Rate(total=total, at=at)
            for name, total in totals.items()
        }
        return dict(self.by_name)
