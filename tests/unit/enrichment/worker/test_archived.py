"""Archive of a track as a worker reads it: from rows of PostgreSQL, and from records not stored yet."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import asyncpg

from enrichment.answers import call_of
from enrichment.providers import ALL
from enrichment.worker.archived import ArchivedAnswers
from songnodes.domain.records import Attempt
from tests.support.provider_answers import archived


class PreparedConnection:
    """Returns the columns that a statement selects, of prepared records."""

    def __init__(self, *records: Attempt) -> None:
        self._records = records

    async def fetch(self, statement: str, *_: object, timeout: float) -> Sequence[Mapping[str, Any]]:
        """Return the rows."""
        selected = re.search(r"SELECT (.*?)\sFROM", statement, re.DOTALL)
        assert selected is not None
        columns = [column.split()[-1] for column in selected[1].split(",")]
        return [{column: row_of(record)[column] for column in columns} for record in self._records]


def row_of(record: Attempt) -> Mapping[str, Any]:
    """Return the row of a record."""
    return {**record, **{name: json.dumps(record[name]) for name in ("parameters", "claim")}}


def failed(number: int) -> Attempt:
    """Return a failed attempt at one call, with its number."""
    return archived(
        "t", "deezer", "search", None, status="error", request_id="r", attempt=number, seconds=number
    )


async def test_the_highest_number_of_an_attempt_counts_after_a_withdrawal() -> None:
    first, second, third = failed(1), failed(2), failed(3)
    key = "r", call_of(first).key
    stored = ArchivedAnswers(cast(asyncpg.Connection, PreparedConnection(second)), ALL)
    assert (await stored.of_track("t")).attempts == {key: 2}
    stored.note(cast(Mapping[str, Any], third))
    assert (await stored.of_track("t")).attempts == {key: 3}
    stored.forget("t", third["attempt_id"])
    assert (await stored.of_track("t")).attempts == {key: 2}
