"""Dead letters as tables for people and as JSON for programs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.dead_letters.letter import Case, DeadLetter, Mark
from songnodes.cli import terminal
from songnodes.cli.terminal import cut, readable

LONGEST_KEY = 1000  # characters; keys are ids and are shown whole, a foreign key may be of any size
MESSAGE = 120  # characters of an error's text in a table
HEADER = 200  # characters of a header


def counted(by_stage: Mapping[str, Sequence[Case]]) -> list[dict[str, Any]]:
    """Records per stage and reason: open, dealt with, and when the last one failed."""
    rows = []
    for stage, cases in by_stage.items():
        opened = Counter(case.letter.code for case in cases if case.open)
        closed = Counter(case.letter.code for case in cases if not case.open)
        for code in sorted(opened.keys() | closed.keys()):
            last = max(case.letter.failed_at for case in cases if case.letter.code == code)
            rows.append(
                {
                    "stage": stage,
                    "reason": code,
                    "open": opened[code],
                    "dealt_with": closed[code],
                    "last_failed_at": last.isoformat(timespec="seconds"),
                }
            )
    return rows


def counts_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    """`counted`, for people."""
    table = terminal.table("stage", "reason", "open", "dealt with", "last failed")
    for row in rows:
        terminal.add(table, *(str(value) for value in row.values()))
    return table


def plain(case: Case) -> dict[str, Any]:
    """A case for programs. Keys and headers are text where they are UTF-8, else hex."""
    letter, reason = case.letter, case.letter.reason
    return {
        "id": str(letter.address),
        "letters": [str(address) for address in case.letters],
        "failed_at": letter.failed_at.isoformat(),
        "reason": letter.code,
        "error": reason.error if reason else None,
        "message": reason.message if reason else None,
        "attempt": reason.attempt if reason else None,
        "origin": _origin(letter),
        "key": _whole(letter.key),
        "size": letter.size,
        "mark": _mark(case.mark),
    }


def cases_table(cases: Sequence[Case]) -> Table:
    """One line per record that failed."""
    table = terminal.table(
        *("id", "failed at", "reason", "try", "key", "origin", "bytes", "what", "dealt with"),
        ids=("id", "reason", "key", "origin"),
    )
    for case in cases:
        letter, reason = case.letter, case.letter.reason
        terminal.add(
            table,
            str(letter.address),
            letter.failed_at.isoformat(sep=" ", timespec="seconds"),
            letter.code,
            str(reason.attempt) if reason else "",
            readable(letter.key, LONGEST_KEY),
            _origin(letter) or "",
            "null" if letter.size is None else str(letter.size),
            cut(reason.message, MESSAGE) if reason else "",
            case.mark.action if case.mark else "",
        )
    return table


def show(console: Console, letter: DeadLetter, mark: Mark | None, kind: str, content: str) -> None:
    """Everything about one letter."""
    reason = letter.reason
    lines = {
        "letter": str(letter.address),
        "failed at": letter.failed_at.isoformat(),
        "reason": letter.code,
        "error": f"{reason.error}: {reason.message}" if reason else "the headers do not say",
        "attempt": str(reason.attempt) if reason else "",
        "stage": reason.stage if reason else "",
        "origin": _origin(letter) or "",
        "key": readable(letter.key, HEADER),
        "dealt with": f"{mark.action} by {mark.who} at {mark.at.isoformat()}. {mark.note}" if mark else "no",
        **{f"header {name}": readable(value, HEADER) for name, value in letter.headers},
        "value": f"{letter.size} bytes, {kind}" if letter.size is not None else kind,
    }
    table = Table.grid(padding=(0, 2))
    for name, text in lines.items():
        terminal.add(table, name, text)
    console.print(table)
    console.print(Text(content))


def _origin(letter: DeadLetter) -> str | None:
    reason = letter.reason
    return f"{reason.topic}[{reason.partition}]@{reason.offset}" if reason else None


def _whole(raw: bytes | None) -> str | None:
    if raw is None:
        return None
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.hex()


def _mark(mark: Mark | None) -> dict[str, str] | None:
    if mark is None:
        return None
    return {"action": mark.action, "at": mark.at.isoformat(), "who": mark.who, "note": mark.note}
