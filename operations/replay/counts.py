"""What the tables hold, as numbers that a replay must leave alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import psycopg

from operations.database import statement

#: Table -> measure -> value.
Counts = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure that is not what it was."""

    table: str
    measure: str
    before: object
    after: object


def counts(connection: psycopg.Connection) -> Counts:
    """All measures at one moment."""
    return dict(connection.execute(statement("counts")).fetchall())


def differences(before: Counts, after: Counts) -> list[Difference]:
    """The measures that differ, in the order of the tables."""
    return [
        Difference(table=table, measure=measure, before=value, after=after[table].get(measure))
        for table, measures in before.items()
        for measure, value in measures.items()
        if after[table].get(measure) != value
    ]
