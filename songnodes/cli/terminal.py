"""Text from outside, made safe to look at: a record must not be able to drive the operator's terminal."""

import sys
import unicodedata

from rich.console import Console

#: Control, format (bidi overrides, zero widths), surrogate, unassigned; line and paragraph separators.
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
ELLIPSIS = "…"
FILE_WIDTH = 240  # columns where the output is no terminal


def console() -> Console:
    """Standard output for tables. No markup of the data is obeyed."""
    width = None if sys.stdout.isatty() else FILE_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width)


def escaped(text: str) -> str:
    r"""The text with characters that a terminal could obey or hide written as \x1b, \u202e or \U000e0001."""
    return "".join(_escape(char) if unicodedata.category(char) in UNSAFE else char for char in text)


def cut(text: str, length: int) -> str:
    """The text in at most `length` characters, escaped; an ellipsis stands for what is left out."""
    safe = escaped(text[: length + 1])  # of a long text only what may be shown
    return safe if len(safe) <= length else safe[: length - 1] + ELLIPSIS


def readable(raw: bytes | None, length: int) -> str:
    """Bytes as escaped text when they are UTF-8, else in hex; at most `length` characters."""
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
