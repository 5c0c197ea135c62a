"""Rows as a table, JSON or CSV; small curves of block characters."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from songnodes.cli import terminal

BLOCKS = "▁▂▃▄▅▆▇█"
NO_VALUE = "·"
#: First characters that a spreadsheet takes as the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
WEEKS = 12  # of the curve of support


class Format(StrEnum):
    """Form of the output."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def write(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    form: Format,
    *,
    title: str | None = None,
    ids: Sequence[str] = (),
    empty: str = "nothing found",
) -> None:
    """Print rows. The table has `columns`; JSON (an array) and CSV have all columns of the rows."""
    if form is Format.JSON:
        terminal.say(json.dumps(list(rows), default=plain, ensure_ascii=False))
    elif form is Format.CSV:
        print(csv_text(rows), end="")
    elif not rows:
        terminal.say(f"{title}: {empty}" if title else empty)
    else:
        output_table = terminal.table(*(column.replace("_", " ") for column in columns), ids=ids, title=title)
        for row in rows:
            terminal.add(output_table, *(shown(row[column]) for column in columns))
        terminal.show(output_table)


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV (RFC 4180) with a header; texts that a spreadsheet would compute are defused."""
    if not rows:
        return ""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(rows[0])
    for row in rows:
        writer.writerow([cell(value) for value in row.values()])
    return buffer.getvalue()


def cell(value: Any) -> Any:
    """Return a value as a cell of CSV: a list is joined by "; ", a text never begins a formula."""
    if isinstance(value, list | tuple):
        value = "; ".join(str(cell(item)) for item in value)
    elif isinstance(value, dict):
        value = json.dumps(value, default=plain, ensure_ascii=False)
    if isinstance(value, str):
        value = terminal.escaped(value)
        return f"'{value}" if value.startswith(FORMULA) else value
    return value


def plain(value: Any) -> Any:
    """Return a value that JSON has: numbers for decimals, ISO 8601 for dates, text for the rest."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def shown(value: Any) -> str | None:
    """Return a value as a cell of a table."""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, Decimal):
        return f"{value:.1f}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return None if value is None else str(value)


def say_value(name: str, value: Any) -> None:
    """Print a value with its name; nothing for a value that is missing."""
    if value not in (None, [], ""):
        terminal.say(f"{name.replace('_', ' '):<22}{shown(value)}")


def sparkline(values: Sequence[float | None]) -> str:
    """Return one block character per value, from the lowest to the highest; a dot where there is none."""
    present = [value for value in values if value is not None]
    if not present:
        return NO_VALUE * len(values)
    low, high = min(present), max(present)
    scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
    return "".join(NO_VALUE if value is None else BLOCKS[round((value - low) * scale)] for value in values)


def weekly_support(days: Sequence[date], weights: Sequence[float], as_of: date) -> list[float]:
    """Return the support of each of the last 12 weeks before a day, oldest first."""
    start = as_of - timedelta(weeks=WEEKS)
    sums = [0.0] * WEEKS
    for day, weight in zip(days, weights, strict=True):
        if start <= day < as_of:
            sums[(day - start).days // 7] += weight
    return sums
