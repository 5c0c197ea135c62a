"""Safe output of foreign text: a record must not be able to control the user's terminal."""

import sys
import unicodedata
from collections.abc import Collection

import typer
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

#: Control, format (bidi overrides, zero widths), surrogate, unassigned; line and paragraph separators.
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
ELLIPSIS = "…"
FILE_WIDTH = 100_000  # columns when the output is not a terminal: one line per row, nothing folded


def console(*, stderr: bool = False) -> Console:
    """Return a console for tables and text of data, on standard output or error.

    Markup is not interpreted.
    """
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else FILE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width, stderr=stderr)


def say(text: str, *, error: bool = False) -> None:
    """Print one line on standard output or error; control and hidden characters are escaped."""
    typer.echo(escaped(text), err=error)


def table(*columns: str, ids: Collection[str] = (), title: str | None = None) -> Table:
    """Return a table for `show`. The columns in `ids` are never cut or folded, the others are folded."""
    new_table = Table(box=None, header_style="bold", pad_edge=False, title=title, title_justify="left")
    for column in columns:
        is_id = column in ids
        new_table.add_column(column, no_wrap=is_id, overflow="ignore" if is_id else "fold")
    return new_table


def add(to: Table, *cells: object, style: str | None = None) -> None:
    """Add a row of escaped plain text to a table; None is an empty cell."""
    to.add_row(*(Text("" if cell is None else escaped(str(cell))) for cell in cells), style=style)


def show(renderable: RenderableType, out: Console | None = None) -> None:
    """Print tables without cutting ids: on a narrow terminal lines may exceed its width."""
    out = out or console()
    needed = Measurement.get(out, out.options.update(max_width=FILE_WIDTH), renderable).minimum
    width = out.width
    out.width = max(width, needed)
    try:
        out.print(renderable)
    finally:
        out.width = width


def escaped(text: str) -> str:
    r"""Return the text with control and hidden characters written as \x1b, \u202e or \U000e0001."""
    return "".join(_escape(char) if unicodedata.category(char) in UNSAFE else char for char in text)


def cut(text: str, length: int) -> str:
    """Return at most `length` characters of the escaped text, ending with an ellipsis if cut."""
    safe = escaped(text[: length + 1])  # escape only the part that may be shown
    return safe if len(safe) <= length else safe[: length - 1] + ELLIPSIS


def readable(raw: bytes | None, length: int) -> str:
    """Return bytes as escaped text if they are UTF-8, as hex otherwise; at most `length` characters."""
    if raw is None:
        return "null"
    try:
        return cut(raw.decode(), length)
    except UnicodeDecodeError:
        return cut(raw[:length].hex(" "), length)


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
