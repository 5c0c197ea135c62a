"""Rows on their way into a statement: as one array of rows, or by COPY where there are many.

A statement of a table writer reads its rows from a relation `staged_...`: a temporary table with the columns
that the sink owns, made once per connection. For few rows a common table expression of the same name, made
from an array of the table's row type, stands before the statement and hides the table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import asyncpg

from sinks.errors import NotEncodable
from sinks.queries import query

#: From here on COPY is faster: 36 columns at 5,000 rows 30 k rows/s against 25 k, at 1,000 about equal, at 1
#: row 1.5 ms against 0.9 ms (PostgreSQL 18 on loopback).
COPY_FROM = 2000

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement over staged rows: `NAME_stage`, `_empty`, `_inline` and `_merge` of an SQL file."""

    file: str
    name: str

    @property
    def table(self) -> str:
        """The temporary table."""
        return f"staged_{self.file}_{self.name}"

    async def prepare(self, connection: asyncpg.Connection) -> "Prepared":
        """Make the temporary table on this connection."""
        await connection.execute(query(self.file, f"{self.name}_stage"))
        columns = await connection.fetch(query("staging", "columns"), self.table)
        return Prepared(
            connection=connection, statement=self, columns=tuple(column["name"] for column in columns)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A statement on one connection."""

    connection: asyncpg.Connection
    statement: Statement
    columns: tuple[str, ...]

    async def run(self, rows: Sequence[Row]) -> list[asyncpg.Record]:
        """Run it over these rows, in the open transaction; returns what it returns."""
        if not rows:
            return []
        pick = itemgetter(*self.columns)
        tuples = [pick(row) for row in rows]
        merge = query(self.statement.file, f"{self.statement.name}_merge")
        records: list[asyncpg.Record]
        if len(rows) < COPY_FROM:
            inline = query(self.statement.file, f"{self.statement.name}_inline")
            records = await self.connection.fetch(f"{inline}\n{merge}", tuples)
            return records
        # A batch that is split comes here twice in one transaction; a commit empties the table by itself.
        await self.connection.execute(query(self.statement.file, f"{self.statement.name}_empty"))
        try:
            await self.connection.copy_records_to_table(
                self.statement.table, records=tuples, columns=self.columns
            )
        except (TypeError, ValueError, ArithmeticError) as error:  # asyncpg's own, while it encodes
            raise NotEncodable(str(error)) from error
        records = await self.connection.fetch(merge)
        return records
