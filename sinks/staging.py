"""Rows on their way into a table: as one array of rows, or by COPY where there are many.

A statement of a table writer reads its rows from a relation `staged_TABLE`: a temporary table with the
columns of the table that a writer may fill, created once per connection. For few rows a common table
expression of the same name, made from an array of the temporary table's row type, precedes the statement and
hides the table.

A row's values go to the columns of the same names. So a new column needs its migration and a field of the
record, and a column that records do not have (of a newer version, or of refresh) keeps its default.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from typing import Any

import asyncpg

from sinks.database import query
from sinks.errors import NotEncodable
from songnodes.errors import Fatal, TablesMissing

#: From here on COPY is faster: 36 columns at 5,000 rows 30 k rows/s against 25 k, at 1,000 about equal, at 1
#: row 1.5 ms against 0.9 ms (PostgreSQL 18 on loopback).
COPY_FROM = 2000
FILE = "tables"
ROW_ID = "id"  # made of the key, so it is never replaced

Row = Mapping[str, Any]


class ColumnNotWritten(Fatal):
    """The database requires a column that this version of the code does not write"""

    remedy = "Deploy the version of the newest migration"


@cache
def fill(name: str, table: str, key: str = "", columns: tuple[str, ...] = ()) -> str:
    """Return a statement of `sql/tables.sql` for a table; columns are quoted."""
    updates = [f"{column} = excluded.{column}" for column in columns if column not in (key, ROW_ID)]
    return query(FILE, name).format_map(
        {
            "table": table,
            "staged": f"staged_{table}",
            "key": key,
            "columns": ", ".join(columns),
            "updates": ", ".join(updates),
        }
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement of `sql/tables.sql` that writes staged rows: `insert`, `replace`, `upsert` and its variant.

    `computed` names the columns that refresh fills: rows never have them. `returns_keys`: its result is the
    keys that were written.
    """

    table: str
    merge: str
    key: str = ""
    returns_keys: bool = False
    computed: frozenset[str] = frozenset()

    async def prepare(self, connection: asyncpg.Connection) -> "Prepared":
        """Create the temporary table on this connection. Raises TablesMissing."""
        columns = await columns_to_fill(connection, self.table, self.computed)
        await connection.execute(fill("stage", self.table, columns=tuple(c.quoted for c in columns)))
        return Prepared(connection=connection, statement=self, columns=columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table. `quoted` is its name in SQL; a required one has no default and takes no NULL."""

    name: str
    quoted: str
    required: bool


async def columns_to_fill(
    connection: asyncpg.Connection, table: str, computed: Collection[str] = ()
) -> list[Column]:
    """Return the columns that a writer may fill, without the computed ones. Raises TablesMissing."""
    rows = await connection.fetch(query(FILE, "columns"), table)
    columns = [Column(**row) for row in rows if row["name"] not in computed]
    if not columns:
        raise TablesMissing(table)
    return columns


async def copy_rows(
    connection: asyncpg.Connection, table: str, names: Sequence[str], rows: Iterable[Row]
) -> None:
    """Append rows to a table by binary COPY: their values of the columns `names`, at least one column.

    Raises NotEncodable for a value that does not fit its column; the rows of this call are not stored then.
    """
    pick = _picker(names)
    try:
        await connection.copy_records_to_table(table, records=map(pick, rows), columns=names)
    except (TypeError, ValueError, ArithmeticError) as error:  # asyncpg's own, while it encodes
        raise NotEncodable(str(error)) from error


@dataclass(slots=True, kw_only=True)
class Prepared:
    """A statement on one connection. The first row decides which columns are written."""

    connection: asyncpg.Connection
    statement: Statement
    columns: Sequence[Column]
    _written: Sequence[Column] = field(default=(), init=False)

    async def run(self, rows: Sequence[Row]) -> list[asyncpg.Record]:
        """Run it over these rows in the open transaction; return its result. Raises ColumnNotWritten."""
        if not rows:
            return []
        written = self._written = self._written or written_columns(self.columns, rows[0])
        table, key = self.statement.table, self.statement.key
        merge = fill(self.statement.merge, table, key, tuple(column.quoted for column in written))
        if self.statement.returns_keys:
            merge = f"{merge}\n{fill('returning', table, key)}"
        records: list[asyncpg.Record]
        if len(rows) < COPY_FROM:
            pick = picker(self.columns, written)
            tuples = [pick(row) for row in rows]
            records = await self.connection.fetch(f"{fill('inline', table)}\n{merge}", tuples)
            return records
        # A batch that is split comes here twice in one transaction; a commit empties the table by itself.
        await self.connection.execute(fill("empty", table))
        await copy_rows(self.connection, f"staged_{table}", [column.name for column in written], rows)
        records = await self.connection.fetch(merge)
        return records


def written_columns(columns: Sequence[Column], row: Row) -> list[Column]:
    """Return the columns that a row has a value for. Raises ColumnNotWritten for a required one without."""
    unwritten = [column.name for column in columns if column.required and column.name not in row]
    if unwritten:
        raise ColumnNotWritten(", ".join(unwritten))
    return [column for column in columns if column.name in row]


def picker(columns: Sequence[Column], written: Sequence[Column]) -> Callable[[Row], tuple[Any, ...]]:
    """Return a function of a row to a tuple with a value per column, None for those that are not written."""
    names = tuple(column.name for column in columns)
    pick = _picker(names)
    if len(written) == len(columns):
        return pick
    blank = dict.fromkeys(names)
    return lambda row: pick({**blank, **row})


def _picker(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """Return a function of a row to the tuple of its values of these columns."""
    if len(names) == 1:  # itemgetter returns the value itself then
        name = names[0]
        return lambda row: (row[name],)
    return itemgetter(*names)
