"""Dead letters as tables and as JSON."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from operations.dead_letters.letters import Action, DeadLetter, LetterGroup
from songnodes.cli import terminal
from songnodes.cli.terminal import cut, readable

MAX_KEY_CHARS = 1000  # keys are ids and shown in full; a foreign key may have any size
MAX_MESSAGE_CHARS = 120  # of an error message in a table
MAX_HEADER_CHARS = 200


def count_by_reason(by_stage: Mapping[str, Sequence[LetterGroup]]) -> list[dict[str, Any]]:
    """Count records per stage and reason: open, handled, and the time of the last failure."""
    rows = []
    for stage, groups in by_stage.items():
        opened = Counter(group.letter.code for group in groups if group.open)
        closed = Counter(group.letter.code for group in groups if not group.open)
        for code in sorted(opened.keys() | closed.keys()):
            last = max(group.letter.failed_at for group in groups if group.letter.code == code)
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
    """Return the counts of `count_by_reason` as a table."""
    table = terminal.table("stage", "reason", "open", "handled", "last failed")
    for row in rows:
        terminal.add(table, *(str(value) for value in row.values()))
    return table


def as_dict(group: LetterGroup) -> dict[str, Any]:
    """Return a group for JSON output. Keys are text if they are UTF-8, hexadecimal otherwise."""
    letter, reason = group.letter, group.letter.reason
    return {
        "id": str(letter.address),
        "letters": [str(address) for address in group.letters],
        "failed_at": letter.failed_at.isoformat(),
        "reason": letter.code,
        "error": reason.error if reason else None,
        "message": reason.message if reason else None,
        "attempt": reason.attempt if reason else None,
        "origin": _origin(letter),
        "key": _whole(letter.key),
        "size": letter.size,
        "mark": _action_dict(group.action),
    }


def groups_table(groups: Sequence[LetterGroup]) -> Table:
    """Return a table with one line per record that failed."""
    table = terminal.table(
        *("id", "failed at", "reason", "try", "key", "origin", "bytes", "message", "handled"),
        ids=("id", "reason", "key", "origin"),
    )
    for group in groups:
        letter, reason = group.letter, group.letter.reason
        terminal.add(
            table,
            str(letter.address),
            letter.failed_at.isoformat(sep=" ", timespec="seconds"),
            letter.code,
            str(reason.attempt) if reason else "",
            readable(letter.key, MAX_KEY_CHARS),
            _origin(letter) or "",
            "null" if letter.size is None else str(letter.size),
            cut(reason.message, MAX_MESSAGE_CHARS) if reason else "",
            group.action.kind if group.action else "",
        )
    return table


def show(console: Console, letter: DeadLetter, action: Action | None, kind: str, content: str) -> None:
    """Print one letter with its headers and content."""
    table = Table.grid(padding=(0, 2))
    for name, text in described(letter, action, kind).items():
        terminal.add(table, name, text)
    console.print(table)
    console.print(Text(content))


def described(letter: DeadLetter, action: Action | None, kind: str) -> dict[str, str]:
    """Return one letter with its headers, as texts by name. `kind` is how its value was decoded."""
    reason = letter.reason
    return {
        "letter": str(letter.address),
        "failed at": letter.failed_at.isoformat(),
        "reason": letter.code,
        "error": f"{reason.error}: {reason.message}" if reason else "not in the headers",
        "attempt": str(reason.attempt) if reason else "",
        "stage": reason.stage if reason else "",
        "origin": _origin(letter) or "",
        "key": readable(letter.key, MAX_HEADER_CHARS),
        "handled": f"{action.kind} by {action.who} at {action.at.isoformat()}. {action.note}"
        if action
        else "no",
        **{f"header {name}": readable(value, MAX_HEADER_CHARS) for name, value in letter.headers},
        "value": f"{letter.size} bytes, {kind}" if letter.size is not None else kind,
    }


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


def _action_dict(action: Action | None) -> dict[str, str] | None:
    if action is None:
        return None
    return {"action": action.kind, "at": action.at.isoformat(), "who": action.who, "note": action.note}
