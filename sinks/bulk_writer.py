"""Writer of the newest records of a topic into empty tables, by COPY, for a rebuild."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncpg

from sinks.database import query
from sinks.staging import Column, Row, columns_to_fill, copy_rows, written_columns
from sinks.tables.writer import Entry, Session, Upsert, Value


@dataclass(slots=True, kw_only=True)
class BulkWriter:
    """Writes each entity once, into the tables of `upsert` in the first schema of the search path.

    They have no rows of these entities and need no index. The rows are those that the sink would write.
    """

    upsert: Upsert
    _columns: dict[str, list[Column]] = field(default_factory=dict)

    @property
    def topic(self) -> str:
        """See `Writer`."""
        return self.upsert.topic

    @property
    def batch(self) -> int:
        """See `Writer`."""
        return self.upsert.batch

    @property
    def small_batch_pause_s(self) -> float:
        """See `Writer`."""
        return self.upsert.small_batch_pause_s

    def entry(self, value: Value) -> Entry:
        """See `Writer`."""
        return self.upsert.entry(value)

    def withdrawal(self, key: str) -> Entry | None:
        """See `Writer`."""
        return self.upsert.withdrawal(key)

    async def prepare(self, connection: asyncpg.Connection) -> Session:
        """Read the columns of the tables. Raises TablesMissing."""
        self._columns[self.upsert.table] = await columns_to_fill(
            connection, self.upsert.table, self.upsert.computed
        )
        for child in self.upsert.children.values():
            self._columns[child.table] = await columns_to_fill(connection, child.table, child.computed)
        return {}

    async def write(self, connection: asyncpg.Connection, session: Session, entries: Sequence[Entry]) -> None:
        """Append entries of different keys, in the open transaction."""
        living = [entry for entry in entries if not entry.gone]
        tables = {self.upsert.parent: self.upsert.table} | {
            name: child.table for name, child in self.upsert.children.items()
        }
        for name, table in tables.items():
            await self._copy(connection, table, [row for entry in living for row in entry.rows[name]])
        gone = [entry for entry in entries if entry.gone]
        await connection.execute(
            query("bulk", "gone"),
            self.upsert.table,
            [entry.key for entry in gone],
            [entry.version for entry in gone],
            [entry.pipeline_version for entry in gone],
        )

    async def _copy(self, connection: asyncpg.Connection, table: str, rows: Sequence[Row]) -> None:
        if rows:
            written = written_columns(self._columns[table], rows[0])
            await copy_rows(connection, table, [column.name for column in written], rows)
