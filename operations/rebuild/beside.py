"""Tables of a rebuild: created beside the current ones, indexed, compared with them, and swapped with them.

The new tables are in a schema of their own, under the same names; so are the replaced ones after the swap.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import psycopg

from operations.rebuild.beside_tables import MAY_DIFFER, BesideTable, tables_of
from operations.rebuild.scopes import Scope
from sinks import migrations, reconciliation
from songnodes import sql
from songnodes.errors import UserError
from songnodes.messaging.positions.stored import SUPERSEDED

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


class ReplacedVersion(NamedTuple):
    """A version of a stage that a swap replaced, and the version that the stage has then."""

    stage: str
    replaced: int
    version: int


def schema_beside(stage: str, version: int) -> str:
    """Return the schema of the tables that are being rebuilt."""
    return f"rebuild_{stage}_v{version}"


def schema_kept(stage: str, version: int) -> str:
    """Return the schema of the tables that were replaced."""
    return f"replaced_{stage}_v{version}"


class TablesBeside:
    """The tables of one rebuild, which replaces version `replaces` of its stage.

    The connection is the owner's, in autocommit.
    """

    def __init__(self, connection: psycopg.Connection, scope: Scope, replaces: int) -> None:
        self._connection = connection
        self._beside = schema_beside(scope.stage, replaces + 1)
        self._kept = schema_kept(scope.stage, replaces)
        self._outputs = scope.outputs

    @cached_property
    def tables(self) -> list[BesideTable]:
        """The tables, that of an entity before those of what belongs to it."""
        return list(tables_of(self._connection, self._outputs))

    def create(self) -> None:
        """Create the tables without indexes; those that exist stay."""
        with self._connection.transaction():
            self._execute("create_schema")
            self._execute("create_bookkeeping")
            for table in self.tables:
                self._execute("create_table", table)
                self._execute_each("describe_table", table)

    def complete(self, table: BesideTable) -> None:
        """Take over the columns of refresh and the times of creation, and create the indexes."""
        with self._connection.transaction():
            if self._value("is_indexed", table):
                return
            if table.computed:
                self._execute("carry", table)
            if table.has_created:
                self._execute("carry_created", table)
            self._execute_each("create_indexes", table)
            self._execute("analyze", table)

    def compare(self, table: BesideTable) -> TableComparison:
        """Compare the rows of a table, without the columns that may differ and those of refresh."""
        with self._connection.transaction():
            self._execute("clear_differences", table)
            self._execute("compare", table, {"ignored": [*MAY_DIFFER, *table.computed]})
        current, new = self._execute("row_counts", table).fetchone() or (0, 0)
        sample = self._execute("difference_sample", table, (SAMPLE_ROWS,)).fetchall()
        return TableComparison(
            table=table.name,
            current_rows=current,
            new_rows=new,
            kinds=dict(self._execute("difference_counts", table).fetchall()),
            sample=[RowDifference(*row) for row in sample],
        )

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
        return bool(self._value("is_kept"))

    def replaced_versions(self) -> list[ReplacedVersion]:
        """Return what the swap replaced, the stage itself first."""
        return [ReplacedVersion(*row) for row in self._execute("kept_versions").fetchall()]

    def swap(self, replaced_topics: Sequence[str], versions: Sequence[ReplacedVersion]) -> None:
        """Replace the tables, with the positions of their sinks, in one transaction.

        Readers wait for it and then see the new rows. The positions of `replaced_topics` are closed. Raises
        TablesInUse.
        """
        with _translate_lock_timeout(), self._connection.transaction():
            self._connection.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
            self._connection.execute(self._search_path("public").replace("SET", "SET LOCAL", 1))
            self._execute("lock_refresh")
            self._execute("create_kept")
            for version in versions:
                self._execute("keep_version", None, version)
            for table in self.tables:
                self._execute("lock_table", table)
            for table in self.tables:
                self._swap_table(table)
            self._execute("align_tracks")
            self._execute("keep_positions", None, (list(replaced_topics),))
            self._execute("publish_positions")
            self._execute("close_positions", None, (SUPERSEDED, list(replaced_topics)))
            self._execute("drop_beside")
            migrations.grant_privileges(self._connection)

    def _swap_table(self, table: BesideTable) -> None:
        if table.kind is not None:
            self._execute("queue_differences", table)
            if table.computed:
                self._execute("queue_computed", table)
        moved = [statement for (statement,) in self._execute("dependent_objects", table).fetchall()]
        self._execute("keep_table", table)
        self._execute("publish_table", table)
        for statement in moved:
            self._connection.execute(statement)
        self._execute("swap_gone_versions", table)

    def drop_unfinished(self) -> None:
        """Drop the tables of a rebuild without a swap."""
        self._execute("drop_schema")

    def drop_replaced(self) -> None:
        """Drop the tables that the swap replaced. Raises psycopg's error if a view still reads one."""
        with self._connection.transaction():
            for table in self.tables:
                self._execute("drop_kept_table", table)
            self._execute("drop_kept")

    def _execute_each(self, name: str, table: BesideTable) -> None:
        """Execute the statements that a query returns."""
        for (statement,) in self._execute(name, table).fetchall():
            self._connection.execute(statement)

    def _value(self, name: str, table: BesideTable | None = None) -> Any:
        (value,) = self._execute(name, table).fetchone() or (None,)
        return value

    def _execute(
        self,
        name: str,
        table: BesideTable | None = None,
        parameters: Parameters = None,
    ) -> psycopg.Cursor[Any]:
        text = sql.query("operations", "rebuild", name)
        names = {"beside": self._beside, "kept": self._kept, **(table.names() if table else {})}
        return self._connection.execute(text.format_map(names).encode(), parameters)

    @staticmethod
    def _search_path(*schemas: str) -> str:
        return f"SET search_path = {', '.join(schemas)}"


@contextmanager
def _translate_lock_timeout() -> Iterator[None]:
    try:
        yield
    except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected) as error:
        raise TablesInUse(waited=LOCK_TIMEOUT) from error
