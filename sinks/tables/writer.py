"""Conversion of records to rows: the protocol of a table writer, and its two kinds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Protocol

import asyncpg
import msgspec

from sinks.database import query
from sinks.staging import Prepared, Row, Statement, fill
from sinks.values import scrubbed, text

Value = Mapping[str, Any]
Session = Mapping[str, Prepared]

#: Records in one transaction. Larger ones save nothing (see staging.COPY_FROM) and cost memory.
BATCH = 5000
#: From a small batch to the next. Plays are what readers wait for; the other tables may be a little behind
#: them, which saves transactions under a trickle.
PAUSE_S = 1.0
PLAYS_PAUSE_S = 0.1


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One record as rows, by the name of the statement that stores them.

    A struct, which is made in a fifth of the time of a frozen dataclass: there is one per record.

    An upserted one has a key and a version; with `gone` the rows of the key are deleted.
    """

    rows: Mapping[str, Sequence[Row]]
    key: str = ""
    version: int = 0
    gone: bool = False
    pipeline_version: str = ""

    def sanitized(self) -> "Entry":
        """Return the entry with storable text, and without dates that would become infinities.

        Made for entries that were refused only: few have need, and to look at every text of every row takes
        half as long as decoding it.
        """
        rows = {name: [scrubbed(row) for row in table_rows] for name, table_rows in self.rows.items()}
        return msgspec.structs.replace(self, rows=rows, key=text(self.key))


class Writer(Protocol):
    """Writes the records of one topic."""

    @property
    def topic(self) -> str: ...
    @property
    def batch(self) -> int: ...
    @property
    def small_batch_pause_s(self) -> float: ...

    def entry(self, value: Value) -> Entry:
        """Return the rows of a record. Raises KeyError, TypeError, ValueError on what cannot be a row."""

    def withdrawal(self, key: str) -> Entry | None:
        """Return the deletion that a tombstone requests; None where no record of the topic is withdrawn.
        Raises ValueError for a key of another form."""

    async def prepare(self, connection: asyncpg.Connection) -> Session:
        """Make what writing needs on a new connection."""

    async def write(self, connection: asyncpg.Connection, session: Session, entries: Sequence[Entry]) -> None:
        """Write entries, in their order, in the open transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertOnly:
    """Tables that only grow, by the name of their rows. Ids are made of content: repeats are no-ops.

    With `withdrawn_id` a tombstone deletes the rows of an id, which it returns from the key; `row_id` returns
    that of a record. The last record or tombstone of an id in a batch applies.
    """

    topic: str
    tables: Mapping[str, str]
    rows: Callable[[Value], Mapping[str, Sequence[Row]]]
    withdrawn_id: Callable[[str], str] | None = None
    row_id: Callable[[Value], str] | None = None
    batch: int = BATCH
    small_batch_pause_s: float = PAUSE_S

    def entry(self, value: Value) -> Entry:
        """See `Writer`."""
        return Entry(rows=self.rows(value), key="" if self.row_id is None else self.row_id(value))

    def withdrawal(self, key: str) -> Entry | None:
        """See `Writer`."""
        return None if self.withdrawn_id is None else Entry(rows={}, key=self.withdrawn_id(key), gone=True)

    async def prepare(self, connection: asyncpg.Connection) -> Session:
        """See `Writer`."""
        return {
            name: await Statement(table=table, merge="insert").prepare(connection)
            for name, table in self.tables.items()
        }

    async def write(self, connection: asyncpg.Connection, session: Session, entries: Sequence[Entry]) -> None:
        """See `Writer`."""
        if withdrawn := sorted({entry.key for entry in entries if entry.gone}):
            for table in self.tables.values():
                await connection.execute(fill("withdraw", table), withdrawn)
            last = {entry.key: entry for entry in entries}
            entries = [entry for entry in entries if entry is last[entry.key] and not entry.gone]
        for name in self.tables:
            await session[name].run([row for entry in entries for row in entry.rows.get(name, ())])


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A table with the rows that belong to an entity. `computed` names the columns that refresh fills."""

    table: str
    rows: Callable[[Value], Iterable[Row]]
    computed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Upsert:
    """Tables that hold the newest version of each entity, and of what belongs to it.

    The rows named `parent` replace those of `table` by versions that are as high or higher; only the children
    of the keys written are replaced. Rows that are gone are deleted and their versions kept. Ids written are
    queued for refresh as `refresh`, which fills the columns `computed`. `restores_created`: a deleted row
    that returns keeps `created_at`.
    """

    topic: str
    table: str
    key: str
    parent: str
    row: Callable[[Value], Row]
    children: Mapping[str, Child] = field(default_factory=dict)
    computed: frozenset[str] = frozenset()
    refresh: str | None = None
    can_go: bool = True
    is_gone: Callable[[Value], bool] = itemgetter("gone")
    restores_created: bool = False
    batch: int = BATCH
    small_batch_pause_s: float = PAUSE_S

    def entry(self, value: Value) -> Entry:
        """See `Writer`."""
        gone = self.can_go and bool(self.is_gone(value))
        rows: dict[str, Sequence[Row]] = {}
        if not gone:
            rows[self.parent] = [self.row(value)]
            for name, child in self.children.items():
                rows[name] = [*child.rows(value)]
        return Entry(
            rows=rows,
            key=value[self.key],
            version=value["version"],
            gone=gone,
            pipeline_version=value["pipeline_version"],
        )

    def withdrawal(self, key: str) -> Entry | None:
        """See `Writer`: such records have `gone`."""
        return None

    async def prepare(self, connection: asyncpg.Connection) -> Session:
        """See `Writer`."""
        merge = "upsert_unless_gone" if self.can_go else "upsert"
        parent = Statement(
            table=self.table,
            merge=merge,
            key=self.key,
            # 5,000 keys that nobody reads took a tenth of the time of the statement, and of the write here
            returns_keys=bool(self.children or self.refresh or self.restores_created),
            computed=self.computed,
        )
        statements = {self.parent: parent} | {
            name: Statement(table=child.table, merge="replace", computed=child.computed)
            for name, child in self.children.items()
        }
        return {name: await statement.prepare(connection) for name, statement in statements.items()}

    async def write(self, connection: asyncpg.Connection, session: Session, entries: Sequence[Entry]) -> None:
        """See `Writer`."""
        newest = newest_per_key(entries)
        living = [entry for entry in newest if not entry.gone]
        written = await session[self.parent].run([row for entry in living for row in entry.rows[self.parent]])
        keys = {row["key"] for row in written}
        if keys and self.restores_created:
            await connection.execute(fill("restore_created", self.table, self.key), sorted(keys))
        removed = await self._remove(connection, [entry for entry in newest if entry.gone])
        changed = sorted(keys | removed)
        for name, child in self.children.items():
            await connection.execute(fill("clear", child.table, self.key), changed)
            await session[name].run([row for e in living if e.key in keys for row in e.rows[name]])
        if self.refresh and changed:
            await connection.execute(query("queue", "append"), self.refresh, changed)

    async def _remove(self, connection: asyncpg.Connection, gone: Sequence[Entry]) -> set[str]:
        if not gone:
            return set()
        rows = await connection.fetch(
            fill("gone_with_created" if self.restores_created else "gone", self.table, self.key),
            *([e.key for e in gone], [e.version for e in gone], [e.pipeline_version for e in gone]),
        )
        return {row["key"] for row in rows}


def newest_per_key(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entry of the highest version per key, the later of equals; sorted by key.

    One statement may touch a row once only. The order keeps two transactions from locking crosswise.
    """
    newest: dict[str, Entry] = {}
    for entry in entries:
        previous = newest.get(entry.key)
        if previous is None or entry.version >= previous.version:
            newest[entry.key] = entry
    return [newest[key] for key in sorted(newest)]
