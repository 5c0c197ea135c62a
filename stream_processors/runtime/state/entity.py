"""State of entities with many contributions: one total and one entry per contribution, in one table.

    t|entity        {"applied": {topic: last applied offset}, "accumulators": ...}
    e|entity|part   newest entry of the part

The changelog has the keys of a commit in the order of their first writes, and the total is written before the
entries, so a crash in the middle of a commit never leaves the total behind an entry. An event at or below the
total's offset of its topic is a redelivery: the accumulators stay, lost entries are written again, and the
caller emits its output again. A redelivery that writes an entry writes the unchanged total first. Otherwise
the entry would be the first key of that commit, and a new event in the same commit would put an entry before
the total that it changed (58 of 5,000 entities wrong after one crash).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from songnodes import metrics
from stream_processors.runtime.errors import InvalidEntityName
from stream_processors.runtime.records import Record
from stream_processors.runtime.state.table import Table

SEPARATOR = b"|"
TOTAL = b"t"
ENTRY = b"e"

Acc = TypeVar("Acc")
Entry = Any  # a value of the table, whose type depends on the part
#: From the previous entry (None: the part never existed) to the new entry.
Change = Callable[[Entry | None], Entry | None]


class Entries:
    """Entries of one entity after the event being applied, read on demand.

    For aggregates without differences: smallest, first. Valid only over parts that are fed by the topic
    of the event: redelivery keeps the order within a topic, so when a new event of it arrives, every entry of
    it that a crash lost has been written again. An entry of another topic may still be missing then.
    """

    def __init__(self, table: Table[Any], entity: bytes, changed: Mapping[bytes, Entry | None]) -> None:
        self._table = table
        self._entity = entity
        self._changed = changed

    def items(self, prefix: bytes = b"") -> Iterator[tuple[bytes, Entry]]:
        """Yield (part, entry) of the parts that begin with `prefix`, in the order of parts."""
        start = entry_key(self._entity, b"")
        entries = {key[len(start) :]: entry for key, entry in self._table.scan(start + prefix)}
        entries.update((part, entry) for part, entry in self._changed.items() if part.startswith(prefix))
        for part in sorted(entries):
            if entries[part] is not None:
                yield part, entries[part]


Fold = Callable[[Acc, bytes, Entry, Entry, Entries], Acc]


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied(Generic[Acc]):
    """Result of an event. `is_new` is False for a redelivery, whose output is emitted all the same.

    `version` is the sum, over topics, of the last applied offset plus one: it depends on the events of the
    entity only, not on how topics interleave, and never decreases.
    """

    version: int
    accumulators: Acc
    is_new: bool


class EntityState(Generic[Acc]):
    """Accumulators over the parts of an entity, exact under redelivery after a crash at any moment.

    `fold` returns the accumulators after one part changed from an old to a new entry. Accumulators and
    entries are values of the table: it creates new ones and does not change those it reads. **A part is fed
    by one topic only** (put the name of the topic into the part where two have parts of one name): with two,
    a new event of one can arrive before the redelivery of the other that restores a lost entry, and would be
    folded against nothing.
    """

    def __init__(self, table: Table[Any], empty: Callable[[], Acc], fold: Fold[Acc]) -> None:
        self._table = table
        self._empty = empty
        self._fold = fold
        self._redeliveries = metrics.REPEATS.labels(table=table.name)

    def apply(self, record: Record, entity: str, changes: Mapping[bytes, Change]) -> Applied[Acc]:
        """Apply an event that changes any number of parts of one entity, zero included.

        A change compares versions: applied to an entry that is newer, or to its own result, it returns that
        entry. Raises InvalidEntityName.
        """
        name = _encode_name(entity)
        total = self._table.get(total_key(name))
        applied: dict[str, int] = dict(total["applied"]) if total else {}
        accumulators: Acc = total["accumulators"] if total else self._empty()
        old = {part: self._table.get(entry_key(name, part)) for part in changes}
        new = {part: change(old[part]) for part, change in changes.items()}
        changed_parts = [part for part in changes if new[part] != old[part]]

        is_new = record.offset > applied.get(record.source, -1)
        if is_new:
            entries = Entries(self._table, name, new)
            for part in changed_parts:
                accumulators = self._fold(accumulators, part, old[part], new[part], entries)
            applied[record.source] = record.offset
        else:
            self._redeliveries.inc()
        if changed_parts or is_new:
            self._table[total_key(name)] = {"applied": applied, "accumulators": accumulators}
        for part in changed_parts:
            self._write(entry_key(name, part), new[part])
        version = sum(applied.values()) + len(applied)
        return Applied(version=version, accumulators=accumulators, is_new=is_new)

    def entries(self, entity: str, prefix: bytes = b"") -> list[tuple[bytes, Entry]]:
        """Return (part, entry) of an entity, in the order of parts."""
        return list(Entries(self._table, _encode_name(entity), {}).items(prefix))

    def _write(self, key: bytes, entry: Entry | None) -> None:
        if entry is None:
            del self._table[key]
        else:
            self._table[key] = entry


def total_schema(name: str, accumulators: dict[str, Any] | str | list[Any]) -> dict[str, Any]:
    """Return the Avro schema of a total with accumulators of the given schema, for `SchemaValues`."""
    return {
        "type": "record",
        "name": name,
        "fields": [
            {"name": "applied", "type": {"type": "map", "values": "long"}},
            {"name": "accumulators", "type": accumulators},
        ],
    }


def total_key(entity: bytes) -> bytes:
    """Return the key of an entity's total."""
    return TOTAL + SEPARATOR + entity


def entry_key(entity: bytes, part: bytes) -> bytes:
    """Return the key of the entry of one part."""
    return ENTRY + SEPARATOR + entity + SEPARATOR + part


def _encode_name(entity: str) -> bytes:
    name = entity.encode()
    if not name or SEPARATOR in name:
        raise InvalidEntityName(entity=entity)
    return name
