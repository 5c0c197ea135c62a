"""Archive of a track as a worker reads it: from rows of PostgreSQL, and from records not stored yet."""

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

import asyncpg
import pytest

from enrichment.answers import call_of
from enrichment.gateway.archive import Place
from enrichment.providers import ALL
from enrichment.worker.archived import ArchivedAnswers
from songnodes.domain.records import Attempt
from tests.support.provider_answers import archived


class PreparedConnection:
    """Returns the columns that a statement selects, of prepared rows and positions of the sink."""

    def __init__(self, *rows: Mapping[str, Any], positions: Mapping[int, int] | None = None) -> None:
        self.rows = list(rows)
        self.positions = dict(positions or {})
        self.error: Exception | None = None

    async def fetch(self, statement: str, *_: object, timeout: float) -> Sequence[Mapping[str, Any]]:
        """Return the rows. Raises the prepared error."""
        if self.error is not None:
            raise self.error
        selected = re.search(r"SELECT (.*?)\sFROM", statement, re.DOTALL)
        assert selected is not None
        columns = [column.split()[-1] for column in selected[1].split(",")]
        rows = self.rows
        if "sink_offsets" in statement:
            rows = [{"part": part, "next_offset": offset} for part, offset in self.positions.items()]
        return [{column: row[column] for column in columns} for row in rows]


def row_of(record: Attempt) -> Mapping[str, Any]:
    """Return the row of a record."""
    return {**record, **{name: json.dumps(record[name]) for name in ("parameters", "claim")}}


def failed(number: int) -> Attempt:
    """Return a failed attempt at one call, with its number."""
    return archived(
        "t", "deezer", "search", None, status="error", request_id="r", attempt=number, seconds=number
    )


def note(stored: ArchivedAnswers, record: Attempt, *, offset: int) -> None:
    """Keep a record of partition 3."""
    stored.note(Place(3, offset), cast(Mapping[str, Any], record))


def answers_of(connection: PreparedConnection) -> ArchivedAnswers:
    """Return the archive over a prepared connection."""
    return ArchivedAnswers(cast(asyncpg.Connection, connection), ALL, "topic")


async def test_the_highest_number_of_an_attempt_counts_after_a_withdrawal() -> None:
    first, second, third = failed(1), failed(2), failed(3)
    key = "r", call_of(first).key
    stored = answers_of(PreparedConnection(row_of(second)))
    assert (await stored.of_subject("t")).attempts == {key: 2}
    note(stored, third, offset=7)
    assert (await stored.of_subject("t")).attempts == {key: 3}
    stored.forget("t", third["attempt_id"])
    assert (await stored.of_subject("t")).attempts == {key: 2}


async def test_an_answer_that_another_process_withdrew_is_not_kept() -> None:
    answer = failed(1)
    connection = PreparedConnection(positions={3: 7, 4: 100})
    stored = answers_of(connection)
    note(stored, answer, offset=7)
    assert len((await stored.of_subject("t")).entries) == 1
    connection.rows, connection.positions = [row_of(answer)], {3: 8}
    assert len((await stored.of_subject("t")).entries) == 1
    connection.rows, connection.positions = [], {3: 9}  # the sink passed its tombstone
    assert (await stored.of_subject("t")).entries == []
    assert not stored._recent


@pytest.mark.parametrize(
    "damage", [{"parameters": '{"artist": '}, {"claim": "{"}, {"body": b"not compressed"}], ids=str
)
async def test_a_damaged_row_is_left_out(damage: Mapping[str, Any]) -> None:
    second = failed(2)
    stored = answers_of(PreparedConnection({**row_of(failed(1)), **damage}, row_of(second)))
    async with asyncio.timeout(30):
        archives = await asyncio.gather(stored.of_subject("t"), stored.of_subject("t"))
    assert [archive.attempts for archive in archives] == [{("r", call_of(second).key): 2}] * 2


async def test_a_failed_query_fails_its_lookups_and_no_later_one() -> None:
    connection = PreparedConnection(row_of(failed(1)))
    stored = answers_of(connection)
    connection.error = ConnectionError("closed")
    async with asyncio.timeout(30):
        results = await asyncio.gather(stored.of_subject("t"), stored.of_subject("t"), return_exceptions=True)
        assert [type(result) for result in results] == [ConnectionError] * 2
        connection.error = None
        assert len((await stored.of_subject("t")).entries) == 1
