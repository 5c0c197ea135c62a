"""Tables of the resolver in memory, as far as its reading, its intake and its loop use them.

Facts and consequences are functions of SQL that have tests on a server; here a fact is the name of a record,
and its consequence is an output with that name.
"""

import copy
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from songnodes.messaging.log_offsets import Partition

Row = dict[str, Any]


@dataclass
class Rows:
    """Contents of all tables, committed or of one transaction."""

    offsets: dict[Partition, tuple[int, str]] = field(default_factory=dict)  # next offset and topic id
    attempts: dict[Partition, Row] = field(default_factory=dict)
    set_aside: dict[tuple[str, str], Row] = field(default_factory=dict)
    facts: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)


class InMemoryStore:
    """A `stream_processors.resolver.store.Store` over the tables of a test; one connection."""

    def __init__(self, rows: Rows | None = None) -> None:
        self.tables = rows or Rows()
        self.locks: Iterator[bool] = iter(())  # outcomes of the next attempts to lock; then True
        self.is_closed = False
        self.before: dict[tuple[str, str], Callable[[], None]] = {}  # runs once before a statement
        self._depth = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = copy.deepcopy(self.tables.__dict__)
        try:
            yield
        except BaseException:
            self.tables.__dict__.update(before)
            raise

    def rows(self, file: str, name: str, **parameters: Any) -> list[Row]:
        """Run a statement; return its rows."""
        return self._run(file, name, parameters)

    def execute(self, file: str, name: str, **parameters: Any) -> int:
        """Run a statement."""
        self._run(file, name, parameters)
        return 1

    def put(self, file: str, name: str, rows: Iterable[Row]) -> list[Row]:
        """Run a statement over rows."""
        values = list(rows)
        return self._run(file, name, {"rows": values}) if values else []

    def try_lock(self) -> bool:
        """Return the next outcome."""
        return bool(next(self.locks, True))

    def another(self) -> "InMemoryStore":
        """Return a store with another connection."""
        return InMemoryStore(self.tables)

    def close(self) -> None:
        """Close the connection."""
        self.is_closed = True

    def _run(self, file: str, name: str, parameters: Row) -> list[Row]:
        if (action := self.before.pop((file, name), None)) is not None:
            action()
        return STATEMENTS[file, name](self.tables, **parameters) or []


def _known_offsets(tables: Rows) -> list[Row]:
    return [
        {"topic": topic, "part": part, "next_offset": offset, "topic_id": topic_id}
        for (topic, part), (offset, topic_id) in tables.offsets.items()
    ]


def _begin_offsets(tables: Rows, rows: list[Row]) -> None:
    for row in rows:
        tables.offsets.setdefault(Partition(row["topic"], row["part"]), (row["next_offset"], row["topic_id"]))


def _advance_offsets(tables: Rows, rows: list[Row]) -> list[Row]:
    moved = []
    for row in rows:
        key = Partition(row["topic"], row["part"])
        offset, topic_id = tables.offsets.get(key, (-1, ""))
        if offset == row["expected"]:
            tables.offsets[key] = row["next_offset"], topic_id
            moved.append({"part": row["part"]})
    return moved


def _forget_offsets(tables: Rows) -> None:
    tables.offsets.clear()
    tables.facts.clear()
    tables.marks.clear()


def _known_attempts(tables: Rows) -> list[Row]:
    return [{"topic": key.topic, "part": key.number, **row} for key, row in tables.attempts.items()]


def _record_attempts(tables: Rows, rows: list[Row]) -> None:
    for row in rows:
        names = ("record_offset", "single", "attempts", "error")
        tables.attempts[Partition(row["topic"], row["part"])] = {name: row[name] for name in names}


def _forget_attempts(tables: Rows, topic: str) -> None:
    tables.attempts = {key: row for key, row in tables.attempts.items() if key.topic != topic}


def _set_aside(tables: Rows, kind: str, id: str, is_set_aside: bool, error: str) -> None:
    count = tables.set_aside.get((kind, id), {"attempts": 0})["attempts"] + 1
    tables.set_aside[kind, id] = {"attempts": count, "is_set_aside": is_set_aside, "error": error}


def _failed_marks(tables: Rows) -> list[Row]:
    return [
        {"kind": kind, "id": name, **row}
        for (kind, name), row in tables.set_aside.items()
        if kind != "record"
    ]


def _marked_again(tables: Rows) -> list[Row]:
    return [{"kind": kind, "id": name} for kind, name in tables.set_aside if name in tables.marks]


def _recovered(tables: Rows, kind: str, id: str) -> None:
    tables.set_aside.pop((kind, id), None)


def _first_mark(tables: Rows) -> list[Row]:
    return [{"kind": "playlist", "name": name} for name in tables.marks[:1]]


def _drop_mark(tables: Rows, kind: str, id: str) -> None:
    tables.marks.remove(id)


STATEMENTS: dict[tuple[str, str], Callable[..., list[Row] | None]] = {
    ("offsets", "known"): _known_offsets,
    ("offsets", "begin"): _begin_offsets,
    ("offsets", "advance"): _advance_offsets,
    ("offsets", "forget"): _forget_offsets,
    ("attempts", "known"): _known_attempts,
    ("attempts", "record"): _record_attempts,
    ("attempts", "forget"): _forget_attempts,
    ("attempts", "set_aside"): _set_aside,
    ("attempts", "failed_marks"): _failed_marks,
    ("attempts", "marked_again"): _marked_again,
    ("attempts", "recovered"): _recovered,
    ("attempts", "first_mark"): _first_mark,
    ("attempts", "drop_mark"): _drop_mark,
}
