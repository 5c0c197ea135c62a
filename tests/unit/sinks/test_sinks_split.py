"""Bad rows are found by halving, and nothing else is lost: against a table in memory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sinks.contents import Record
from sinks.splitting import write_or_split
from sinks.tables.writer import Entry
from songnodes.errors import RowRefused


@dataclass
class Transaction:
    """A savepoint: what was written in it is taken back when it fails."""

    table: list[str]
    before: list[str] = field(default_factory=list)

    async def __aenter__(self) -> None:
        self.before = list(self.table)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.table[:] = self.before


@dataclass
class Connection:
    table: list[str] = field(default_factory=list)

    def transaction(self) -> Transaction:
        return Transaction(self.table)


@dataclass
class Table:
    """Takes every key but those in `bad`; writes row by row, so a failure leaves rows to take back."""

    bad: set[str]
    error: Exception = field(default_factory=lambda: asyncpg.DataError("refused"))
    statements: int = 0

    async def write(self, connection: Connection, session: object, entries: Sequence[Entry]) -> None:
        self.statements += 1
        for entry in entries:
            if entry.key in self.bad:
                raise self.error
            connection.table.append(entry.key)


def records(keys: Sequence[str]) -> list[Record]:
    message: Any = None
    return [Record(message=message, entry=Entry(rows={}, key=key)) for key in keys]


def split(table: Table, keys: Sequence[str]) -> tuple[list[str], list[Any]]:
    connection: Any = Connection()
    writer: Any = table
    dead = asyncio.run(write_or_split(connection, writer, {}, records(keys)))
    return connection.table, dead


@given(st.lists(st.booleans(), max_size=40))
def test_the_good_rows_are_written_in_their_order_and_the_bad_are_named(good: list[bool]) -> None:
    keys = [str(place) for place in range(len(good))]
    bad = {key for key, fine in zip(keys, good, strict=True) if not fine}
    written, dead = split(Table(bad=bad), keys)
    assert written == [key for key in keys if key not in bad]
    assert len(dead) == len(bad)
    assert all(isinstance(letter.poison, RowRefused) for letter in dead)


def test_one_bad_row_in_a_thousand_costs_few_statements() -> None:
    table = Table(bad={"617"})
    written, dead = split(table, [str(place) for place in range(1000)])
    assert (len(written), len(dead)) == (999, 1)
    assert table.statements <= 2 * 10 + 1


@pytest.mark.parametrize(
    "error",
    [
        ConnectionResetError(),
        asyncpg.DeadlockDetectedError(""),
        asyncpg.UndefinedTableError(""),
        KeyError("x"),
    ],
)
def test_what_is_no_fault_of_a_row_blames_none(error: Exception) -> None:
    with pytest.raises(type(error)):
        split(Table(bad={"1"}, error=error), ["0", "1", "2"])
