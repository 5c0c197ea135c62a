"""PostgreSQL, codec and dead letters of a sink in memory, for tests of its loop without servers.

The tables model what the loop relies on: transactions that take effect together or not at all, the
compare-and-set of offsets, rows that are refused, broken connections, commits whose response is lost.
"""

import asyncio
import copy
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from sinks.database import query
from sinks.letters import Dead
from sinks.tables.writer import Entry
from songnodes.errors import Poison, Transient

TOPIC = "gold.tracks"


class NotJson(Poison):
    """The record is no JSON"""

    reason = "not_json"


@dataclass
class Rows:
    """Contents of all tables, committed or of one transaction."""

    offsets: dict[int, tuple[int, str]] = field(default_factory=dict)  # next offset and topic id
    attempts: dict[int, dict[str, Any]] = field(default_factory=dict)
    set_aside: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


class Tables:
    """A database with the tables of one sink on one topic."""

    def __init__(self) -> None:
        self.rows = Rows()
        self.refused: set[str] = set()  # names that a constraint refuses
        self.connections = 0
        self.is_down = False
        self.write_errors: deque[BaseException] = deque()  # raised by the next writes
        self.broken_writes: dict[str, BaseException] = {}  # raised by each write of this name
        self.lost_responses = 0  # of the next commits
        self.savepoints = 0
        self.on_write: Callable[[Sequence[str]], None] = lambda _: None
        self.lock = asyncio.Lock()  # row locks: one transaction at a time

    @property
    def positions(self) -> dict[int, int]:
        """Stored positions."""
        return {part: offset for part, (offset, _) in self.rows.offsets.items()}

    async def connect(self, _settings: object) -> Any:
        """Open a connection."""
        if self.is_down:
            raise ConnectionRefusedError("the database is down")
        self.connections += 1
        return Connection(self)


class Connection:
    """A connection of asyncpg, as far as a sink uses it."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._rows: Rows | None = None  # of the open transaction
        self._is_closed = False

    def is_closed(self) -> bool:
        return self._is_closed

    def terminate(self) -> None:
        self._is_closed = True

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        if self._rows is not None:
            before = copy.deepcopy(self._rows)
            self._tables.savepoints += 1
            try:
                yield
            except BaseException:
                self._rows = before
                raise
            return
        async with self._tables.lock:
            self._rows = copy.deepcopy(self._tables.rows)
            try:
                yield
                self._tables.rows = self._rows
            finally:
                self._rows = None
        if self._tables.lost_responses:
            self._tables.lost_responses -= 1
            self._is_closed = True
            raise ConnectionResetError("the response to the commit is lost")

    async def execute(self, statement: str, *arguments: Any) -> None:
        await self._run(statement, arguments)

    async def fetch(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        return await self._run(statement, arguments)

    async def write(self, names: Sequence[str]) -> None:
        """Insert names. Raises what the tables are set to raise."""
        await asyncio.sleep(0)
        self._check()
        self._tables.on_write(names)
        if self._tables.write_errors:
            raise self._tables.write_errors.popleft()
        for name in names:
            if name in self._tables.broken_writes:
                raise self._tables.broken_writes[name]
            if name in self._tables.refused:
                raise asyncpg.CheckViolationError(f"{name} is refused")
        (self._rows or self._tables.rows).names += names

    def _check(self) -> None:
        if self._tables.is_down or self._is_closed:
            self._is_closed = True
            raise ConnectionResetError("the connection is closed")

    async def _run(self, statement: str, arguments: Sequence[Any]) -> list[dict[str, Any]]:
        await asyncio.sleep(0)
        self._check()
        return STATEMENTS[statement](self._rows or self._tables.rows, *arguments) or []


def _known_offsets(rows: Rows, *_: str) -> list[dict[str, Any]]:
    return [
        {"part": part, "next_offset": offset, "topic_id": topic_id}
        for part, (offset, topic_id) in rows.offsets.items()
    ]


def _begin_offsets(
    rows: Rows, _sink: str, _topic: str, parts: list[int], starts: list[int], topic_id: str
) -> None:
    for part, start in zip(parts, starts, strict=True):
        rows.offsets.setdefault(part, (start, topic_id))


def _advance_offsets(
    rows: Rows, _sink: str, _topic: str, parts: list[int], expected: list[int], ends: list[int]
) -> list[dict[str, Any]]:
    moved = []
    for part, before, end in zip(parts, expected, ends, strict=True):
        offset, topic_id = rows.offsets.get(part, (-1, ""))
        if offset == before:
            rows.offsets[part] = end, topic_id
            moved.append({"part": part})
    return moved


def _known_attempts(rows: Rows, *_: str) -> list[dict[str, Any]]:
    return [{"part": part, **row} for part, row in rows.attempts.items()]


def _record_attempts(
    rows: Rows,
    _process: str,
    _topic: str,
    parts: list[int],
    offsets: list[int],
    single: bool,
    counts: list[int],
    error: str | None,
) -> None:
    for part, offset, count in zip(parts, offsets, counts, strict=True):
        rows.attempts[part] = {"record_offset": offset, "single": single, "attempts": count, "error": error}


def _set_aside(rows: Rows, _process: str, _kind: str, names: list[str], *_: object) -> None:
    rows.set_aside += names


STATEMENTS: Mapping[str, Any] = {
    query("offsets", "known"): _known_offsets,
    query("offsets", "begin"): _begin_offsets,
    query("offsets", "advance"): _advance_offsets,
    query("attempts", "known"): _known_attempts,
    query("attempts", "record"): _record_attempts,
    query("attempts", "set_aside"): _set_aside,
}


class NameWriter:
    """Writer of records {"name": ...}."""

    topic = TOPIC
    batch = 4
    small_batch_pause_s = 0.1

    def entry(self, value: Mapping[str, Any]) -> Entry:
        return Entry(rows={"names": [{"name": value["name"]}]})

    def withdrawal(self, key: str) -> Entry | None:
        return None

    async def prepare(self, connection: Any) -> dict[str, Any]:
        return {}

    async def write(self, connection: Any, session: Mapping[str, Any], entries: Sequence[Entry]) -> None:
        await connection.write([row["name"] for entry in entries for row in entry.rows["names"]])


@dataclass
class JsonCodec:
    """Codec of JSON values; with `down` calls left, the schema registry does not respond."""

    down: int = 0

    def decode(self, topic: str, value: bytes | None) -> dict[str, Any]:
        if self.down:
            self.down -= 1
            raise Transient("the registry is down")
        try:
            decoded: dict[str, Any] = json.loads(value or b"")
        except ValueError:
            raise NotJson from None
        return decoded


@dataclass
class KeptLetters:
    """Dead letters that Kafka has acknowledged; the next `errors` are raised."""

    dead: list[Dead] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    async def send(self, sink: str, dead: Sequence[Dead]) -> None:
        if dead and self.errors:
            raise self.errors.pop(0)
        self.dead += dead

    @property
    def offsets(self) -> list[tuple[int | None, str]]:
        """Offset and reason of each letter."""
        return [(letter.message.offset(), letter.poison.reason) for letter in self.dead]
