"""Tables of a rebuild: created beside the current ones, indexed, compared with them, and swapped with them.

The new tables are in a schema of their own, under the same names; so are the replaced ones after the swap.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psycopg

from operations.rebuild import gold
from sinks import migrations, reconciliation, tables
from sinks.tables.writer import Upsert
from songnodes import sql
from songnodes.errors import UserError
from songnodes.messaging.positions.stored import SUPERSEDED

#: Columns in which a rebuilt row may differ: sums of offsets, ids made of them, times, the code's version.
MAY_DIFFER = ("version", "event_id", "pipeline_version", "last_observed_at", "updated_at", "created_at")
SAMPLE_ROWS = 5
Parameters = Sequence[Any] | Mapping[str, Any] | None
LOCK_TIMEOUT = "20s"  # for queries of readers to end, at the swap


class TablesInUse(UserError):
    """Queries read the tables that a rebuild replaces"""

    remedy = "Nothing is changed. Run the command again when they have ended"


@dataclass(frozen=True, slots=True)
class RowDifference:
    """A row that is not equal in the current and the new table."""

    id: str
    kind: str  # added, missing or changed
    columns: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableComparison:
    """Current and new rows of a table, the counts of the differences by kind, and a sample of them."""

    table: str
    current_rows: int
    new_rows: int
    kinds: Mapping[str, int]
    sample: Sequence[RowDifference]


def schema_beside(version: int) -> str:
    """Return the schema of the tables that are being rebuilt."""
    return f"rebuild_{gold.STAGE}_v{version}"


def schema_kept(version: int) -> str:
    """Return the schema of the tables that were replaced."""
    return f"replaced_{gold.STAGE}_v{version}"


class TablesBeside:
    """The tables of one rebuild. The connection is the owner's, in autocommit."""

    def __init__(self, connection: psycopg.Connection, version: int, replaces: int) -> None:
        self._connection = connection
        self._beside, self._kept = schema_beside(version), schema_kept(replaces)
        self._writers = [cast(Upsert, tables.WRITERS[topic]) for topic in gold.OUTPUTS]

    def create(self) -> None:
        """Create the tables without indexes; those that exist stay."""
        with self._connection.transaction():
            self._execute("create_schema")
            self._execute("create_bookkeeping")
            for writer in self._writers:
                self._execute("create_table", writer)
                self._execute_each("describe_table", writer)

    def complete(self) -> None:
        """Take over the columns of refresh, and create the indexes."""
        for writer in self._writers:
            with self._connection.transaction():
                if not self._value("is_indexed", writer):
                    self._execute("carry", writer)
                    self._execute_each("create_indexes", writer)

    def compare(self) -> list[TableComparison]:
        """Compare the rows of all tables, without the columns that may differ and those of refresh."""
        comparisons = []
        for writer in self._writers:
            with self._connection.transaction():
                self._execute("clear_differences", writer)
                ignored = [*MAY_DIFFER, *writer.computed]
                self._execute("compare", writer, {"ignored": ignored})
            current, new = self._execute("row_counts", writer).fetchone() or (0, 0)
            sample = self._execute("difference_sample", writer, (SAMPLE_ROWS,)).fetchall()
            comparisons.append(
                TableComparison(
                    table=writer.table,
                    current_rows=current,
                    new_rows=new,
                    kinds=dict(self._execute("difference_counts", writer).fetchall()),
                    sample=[RowDifference(*row) for row in sample],
                )
            )
        return comparisons

    def reconcile(self) -> reconciliation.Result:
        """Compare the counts of the new tables with silver, as `songnodes reconcile` does."""
        self._connection.execute(self._search_path(self._beside, "public"))
        try:
            with self._connection.transaction():
                return reconciliation.compare(self._connection)
        finally:
            self._connection.execute(self._search_path("public"))

    @property
    def is_swapped(self) -> bool:
        """True after the swap, until the replaced tables are dropped."""
        return bool(self._value("is_kept", self._writers[0]))

    def swap(self, replaced_topics: Sequence[str]) -> None:
        """Replace the tables, with the positions of their sinks, in one transaction.

        Readers wait for it and then see the new rows. The positions of `replaced_topics` are closed. Raises
        TablesInUse.
        """
        with _translate_lock_timeout(), self._connection.transaction():
            self._connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            self._connection.execute(self._search_path("public").replace("SET", "SET LOCAL", 1))
            self._execute("lock_refresh")
            self._execute("create_kept")
            for writer in self._writers:
                self._swap_table(writer)
            self._execute("keep_positions", None, (list(replaced_topics),))
            self._execute("publish_positions")
            self._execute("close_positions", None, (SUPERSEDED, list(replaced_topics)))
            self._execute("drop_beside")
            migrations.grant_privileges(self._connection)

    def _swap_table(self, writer: Upsert) -> None:
        self._execute("lock_table", writer)
        self._execute("queue_refresh", writer)
        views = self._execute("dependent_views", writer).fetchall()
        self._execute("keep_table", writer)
        self._execute("publish_table", writer)
        for (view,) in views:
            self._connection.execute(view)
        self._execute("swap_gone_versions", writer)

    def drop_unfinished(self) -> None:
        """Drop the tables of a rebuild without a swap."""
        self._execute("drop_schema")

    def drop_replaced(self) -> None:
        """Drop the tables that the swap replaced. Raises psycopg's error if a view still reads one."""
        with self._connection.transaction():
            for writer in self._writers:
                self._execute("drop_kept_table", writer)
            self._execute("drop_kept")

    def _execute_each(self, name: str, writer: Upsert) -> None:
        """Execute the statements that a query returns."""
        for (statement,) in self._execute(name, writer).fetchall():
            self._connection.execute(statement)

    def _value(self, name: str, writer: Upsert) -> Any:
        (value,) = self._execute(name, writer).fetchone() or (None,)
        return value

    def _execute(
        self,
        name: str,
        writer: Upsert | None = None,
        parameters: Parameters = None,
    ) -> psycopg.Cursor[Any]:
        text = sql.query("operations", "rebuild", name)
        names = {"beside": self._beside, "kept": self._kept}
        if writer is not None:
            names |= dict(_names(writer))
        return self._connection.execute(text.format_map(names).encode(), parameters)

    @staticmethod
    def _search_path(*schemas: str) -> str:
        return f"SET search_path = {', '.join(schemas)}"


@contextmanager
def _translate_lock_timeout() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise TablesInUse(waited=LOCK_TIMEOUT) from error


def _names(writer: Upsert) -> Iterator[tuple[str, str]]:
    """Yield what the statements name of a table. All of it is ours, and needs no quotes."""
    computed = sorted(writer.computed)
    yield "table", writer.table
    yield "key", writer.key
    yield "kind", str(writer.refresh)
    yield "computed", ", ".join(f"{column} = old.{column}" for column in computed)
    yield "old_computed", ", ".join(f"old.{column}" for column in computed)
    yield "new_computed", ", ".join(f"new.{column}" for column in computed)
