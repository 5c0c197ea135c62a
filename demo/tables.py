"""Query results on a terminal."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import Any

import psycopg
from rich import box
from rich.console import Console
from rich.table import Table

from songnodes.cli.terminal import escaped

MAX_VALUE_WIDTH = 44  # characters of a value
MIN_CUT_WIDTH = 12  # characters up to which a column is never cut
COLUMN_GAP = 1  # blanks between columns
RECORD_ROWS = 3  # rows shown where one line per row does not fit
COMMENT_PREFIX = "-- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A file of SQL: its first line is a comment that describes it."""

    name: str
    title: str
    sql: bytes


def queries(folder: str) -> Iterator[Query]:
    """Return the queries of a folder of this package, by name."""
    for file in sorted(files("demo").joinpath(folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            text = file.read_text(encoding="utf-8")
            title = text.splitlines()[0].removeprefix(COMMENT_PREFIX)
            yield Query(name=file.name, title=title, sql=text.encode())


def show(connection: psycopg.Connection, query: Query, console: Console, max_rows: int) -> int:
    """Run a query, print at most `max_rows` rows, and return the number of all.

    A query without ORDER BY may return any order: the rows with the fewest NULLs are then printed first.
    """
    with connection.cursor() as cursor:
        cursor.execute(query.sql)
        columns = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    if b"ORDER BY" not in query.sql:
        rows.sort(key=lambda row: row.count(None))
    table = _table(query.title, columns, rows[:max_rows])
    if _least_width(table) > console.width:
        max_rows = RECORD_ROWS
        table = _records(query.title, columns, rows[:max_rows])
    console.print(table)
    if len(rows) > max_rows:
        console.print(f"  and {len(rows) - max_rows} more rows", style="dim", highlight=False)
    return len(rows)


def _table(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> Table:
    """One line per row: where the terminal is narrow, long texts give way and numbers stay whole."""
    table = Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE, padding=(0, COLUMN_GAP, 0, 0)
    )
    cells = [[_cell(name, value) for name, value in zip(columns, row, strict=True)] for row in rows]
    for place, name in enumerate(columns):
        width = max([len(name), *(len(row[place]) for row in cells)])
        numeric = _numeric(rows, place)
        table.add_column(
            name,
            justify="right" if numeric else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=width if numeric or width <= MIN_CUT_WIDTH or _is_id(name) else MIN_CUT_WIDTH,
        )
    for row in cells:
        table.add_row(*row)
    return table


def _least_width(table: Table) -> int:
    return sum((column.min_width or 0) + COLUMN_GAP for column in table.columns) + COLUMN_GAP


def _records(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> Table:
    """One line per value, for what is too wide for one line per row."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, show_header=False)
    for row in rows:
        for name, value in zip(columns, row, strict=True):
            table.add_row(name, _cell(name, value))
        table.add_section()
    return table


def _numeric(rows: list[tuple[Any, ...]], place: int) -> bool:
    values = [row[place] for row in rows if row[place] is not None]
    return bool(values) and all(isinstance(value, int | float | Decimal) for value in values)


def _is_id(column: str) -> bool:
    return column == "id" or column.endswith("_id")


def _cell(column: str, value: Any) -> str:
    """Format a value: an id in full, everything else shortened."""
    return escaped(str(value)) if value is not None and _is_id(column) else _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if abs(value) >= 1 else f"{value:.3f}"
    text = escaped(str(value))
    return text if len(text) <= MAX_VALUE_WIDTH else text[: MAX_VALUE_WIDTH - 1] + "…"
