"""Counts in gold against counts made from silver's pairs, each its own way: the proof that users can see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from sinks.database import query

ABSENT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One column of one track. None: it has no row, or the column no value."""

    track_id: str
    column: str
    silver: str | None
    gold: str | None

    def cells(self) -> tuple[str, str, str, str, str]:
        """As a row of a table."""
        return ("track", self.track_id, self.column, self.silver or ABSENT, self.gold or ABSENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All differences, in the order of ids, among `compared` tracks."""

    compared: int
    differences: tuple[Difference, ...]

    def document(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "compared": self.compared,
            "differences": [
                {"track_id": d.track_id, "column": d.column, "silver": d.silver, "gold": d.gold}
                for d in self.differences
            ],
        }


def compare(connection: psycopg.Connection) -> Result:
    """Compare in one snapshot, so that a commit between two statements makes no difference."""
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    (compared,) = connection.execute(query("reconcile", "compared")).fetchone() or (0,)
    rows = connection.execute(query("reconcile", "tracks")).fetchall()
    differences = tuple(
        difference
        for track_id, expected, actual in rows
        for difference in _columns(track_id, expected, actual)
    )
    return Result(compared=compared, differences=differences)


def _columns(
    track_id: str, expected: Mapping[str, Any] | None, found: Mapping[str, Any] | None
) -> list[Difference]:
    columns = expected or found or {}
    silver, gold = expected or {}, found or {}
    return [
        Difference(track_id=track_id, column=name, silver=_text(silver.get(name)), gold=_text(gold.get(name)))
        for name in columns
        if silver.get(name) != gold.get(name)
    ]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
