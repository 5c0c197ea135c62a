"""Counts of the tables that a replay must not change."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from operations.database import statement

#: Value by table and measure.
Counts = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure that changed."""

    table: str
    measure: str
    before: object
    after: object


def count_tables(connection: psycopg.Connection) -> Counts:
    """Return all measures of one snapshot."""
    return dict(connection.execute(statement("table_counts")).fetchall())


def differences(before: Counts, after: Counts) -> list[Difference]:
    """Return the measures that differ, in the order of the tables."""
    return [
        Difference(table=table, measure=measure, before=value, after=after[table].get(measure))
        for table, measures in before.items()
        for measure, value in measures.items()
        if after[table].get(measure) != value
    ]
