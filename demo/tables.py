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

WIDEST = 44  # characters of a value
SHORT = 12  # characters up to which a column is never cut
COMMENT = "-- "


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A file of SQL: its first line is a comment that says what it answers."""

    name: str
    title: str
    sql: bytes


def queries(folder: str) -> Iterator[Query]:
    """The queries of a folder of this package, by name."""
    for file in sorted(files("demo").joinpath(folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".sql"):
            text = file.read_text(encoding="utf-8")
            title = text.splitlines()[0].removeprefix(COMMENT)
            yield Query(name=file.name, title=title, sql=text.encode())


def show(connection: psycopg.Connection, query: Query, console: Console, most: int) -> int:
    """Run a query and print at most so many rows; returns how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(query.sql)
        columns = [column.name for column in cursor.description or ()]
        rows = cursor.fetchall()
    console.print(_table(query.title, columns, rows[:most]))
    if len(rows) > most:
        console.print(f"  and {len(rows) - most} more rows", style="dim", highlight=False)
    return len(rows)


def _table(title: str, columns: list[str], rows: list[tuple[Any, ...]]) -> Table:
    """One line per row: where the terminal is narrow, long texts give way and numbers stay whole."""
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE, padding=(0, 1, 0, 0))
    cells = [[_text(value) for value in row] for row in rows]
    for place, name in enumerate(columns):
        width = max([len(name), *(len(row[place]) for row in cells)])
        table.add_column(
            name,
            justify="right" if _numeric(rows, place) else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=width if width <= SHORT else None,
        )
    for row in cells:
        table.add_row(*row)
    return table


def _numeric(rows: list[tuple[Any, ...]], place: int) -> bool:
    values = [row[place] for row in rows if row[place] is not None]
    return bool(values) and all(isinstance(value, int | float | Decimal) for value in values)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}" if abs(value) >= 1 else f"{value:.3f}"
    text = str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
