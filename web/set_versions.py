"""Differences between two versions of a tracklist: rows that were revealed, changed, added or removed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, Literal

from songnodes.domain.lines import read_line

Kind = Literal["revealed", "changed", "added", "removed"]

#: Lines per version that are aligned; the time of an alignment grows with their product.
MAX_LINES = 500
MAX_LENGTH = 1000  # characters of a line
#: Letters beside the colours.
MARKS: Mapping[str, str] = {"revealed": "!", "changed": "~", "added": "+", "removed": "−"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row: `before` and `after` are lines as written, None where the version has no such row."""

    kind: Kind
    before: str | None
    after: str | None

    @property
    def mark(self) -> str:
        """Return the sign of the kind."""
        return MARKS[self.kind]


def lines(raw_data: Mapping[str, Any]) -> list[str]:
    """Return the lines of a version as bronze has it; rows without a text are empty lines."""
    rows = raw_data.get("rows") or []
    return [str(row.get("text") or "")[:MAX_LENGTH] for row in rows[:MAX_LINES]]


def changes(before: Sequence[str], after: Sequence[str]) -> list[Change]:
    """Return the differences in the order of the rows; a revealed row had no track and names one now."""
    return list(_changes(before, after))


def _changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, first, last, new_first, new_last in matcher.get_opcodes():
        if tag == "equal":
            continue
        for old, new in zip_longest(before[first:last], after[new_first:new_last]):
            if old is None:
                yield Change(kind="added", before=None, after=new)
            elif new is None:
                yield Change(kind="removed", before=old, after=None)
            else:
                yield Change(kind=_kind(old, new), before=old, after=new)


def _kind(before: str, after: str) -> Kind:
    return "revealed" if not is_identified(before) and is_identified(after) else "changed"


def is_identified(line: str) -> bool:
    """Return True if a line names an artist and a title."""
    return read_line(line).status == "identified"
