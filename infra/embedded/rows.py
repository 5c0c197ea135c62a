"""Number of rows of each table."""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

HERE = Path(__file__).parent
#: Rows from which on the planner's estimate must do: counting a million takes 0.1 s.
MAX_COUNTED_ROWS = 3_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRows:
    """Rows of one table; `exact` is False for an estimate of the last ANALYZE."""

    table: str
    rows: int
    exact: bool


def tables(database_url: str) -> list[TableRows]:
    """Every table and materialised view of the pipeline, by name. Raises psycopg.Error."""
    with psycopg.connect(
        database_url, connect_timeout=3, autocommit=True, application_name="songnodes-status"
    ) as connection:
        listed = connection.execute((HERE / "tables.sql").read_bytes()).fetchall()
        return [_count(connection, str(name), int(estimate)) for name, estimate in listed]


def _count(connection: psycopg.Connection, name: str, estimate: int) -> TableRows:
    if estimate > MAX_COUNTED_ROWS:
        return TableRows(table=name, rows=estimate, exact=False)
    row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
    return TableRows(table=name, rows=int(row[0]) if row else 0, exact=True)
