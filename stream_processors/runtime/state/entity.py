"""State of entities with many contributions: totals, subtotals and one entry per contribution, in one table.

    t|entity         {"applied": {topic: last applied offset}, "accumulators": ...}
    s|entity|group   {"applied": {topic: last applied offset}, "counts": ...}: subtotal over entries
    e|entity|part    newest entry of the part

The changelog has the keys of a commit in the order of their first writes, except for entries: those have the
order of their last writes. The total is written before the entries, so a crash in the middle of a commit
never leaves the total behind an entry. An event at or below the total's offset of its topic is a redelivery:
the accumulators stay, lost entries are written again, and the caller emits its output again. A redelivery
that writes an entry writes the unchanged total first. Otherwise the entry would be the first key of that
commit, and a new event in the same commit would put an entry before the total that it changed (58 of 5,000
entities wrong after one crash).

Subtotals keep values bounded where a total needs more of its entries than their sum, such as the smallest of
a group: the fold of a subtotal has the counts of the group before and after an event. A subtotal follows the
rules of a total: it has the offset of the last event that changed it, and it is written before the entries
that it counts. An entry may come to count in another group within a commit, which is why it moves behind the
subtotals of all its groups with each write.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from songnodes import metrics
from stream_processors.runtime.errors import InvalidEntityName
from stream_processors.runtime.records import Record
from stream_processors.runtime.state.table import Table

SEPARATOR = b"|"
TOTAL = b"t"
SUBTOTAL = b"s"
ENTRY = b"e"

Acc = TypeVar("Acc")
Entry = Any  # a value of the table, whose type depends on the part
#: From the previous entry (None: the part never existed) to the new entry.
Change = Callable[[Entry | None], Entry | None]
#: The entry of a part before and after an event.
Changed = tuple[Entry | None, Entry | None]
Counts = Mapping[str, int]
#: Groups, and what is added to their counts.
Differences = list[tuple[bytes, Counts]]
#: From a part and its entry to the counts that it adds to groups.
GroupCounts = Callable[[bytes, Entry], Mapping[bytes, Counts]]


class Entries:
    """Entries of one entity after the event being applied, read on demand.

    For aggregates without differences: smallest, first. Valid only over parts that are fed by the topic
    of the event: redelivery keeps the order within a topic, so when a new event of it arrives, every entry of
    it that a crash lost has been written again. An entry of another topic may still be missing then.
    """

    def __init__(self, table: Table[Any], entity: bytes, changed: Mapping[bytes, Changed]) -> None:
        self._table = table
        self._entity = entity
        self._changed = changed

    def items(self, prefix: bytes = b"") -> Iterator[tuple[bytes, Entry]]:
        """Yield (part, entry) of the parts that begin with `prefix`, in the order of parts."""
        start = entry_key(self._entity, b"")
        entries = {key[len(start) :]: entry for key, entry in self._table.scan(start + prefix)}
        entries.update((part, new) for part, (_, new) in self._changed.items() if part.startswith(prefix))
        for part in sorted(entries):
            if entries[part] is not None:
                yield part, entries[part]


Fold = Callable[[Acc, bytes, Entry, Entry, Entries], Acc]


class Applied(msgspec.Struct, Generic[Acc], frozen=True, kw_only=True):
    """Result of an event. `is_new` is False for a redelivery, whose output is emitted all the same.

    `version` is the sum, over topics, of the last applied offset plus one, above the table's first version:
    it depends on the events of the entity only, not on how topics interleave, and never decreases.
    """

    version: int
    accumulators: Acc
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Subtotals(Generic[Acc]):
    """Rules for groups of entries.

    `counts` returns what an entry (never None) adds to the counts of groups; a group is fed by one topic
    only, as a part is. It is called for parts with `mark` in their name only: others are in no group.
    `fold` returns the accumulators after the counts of one group changed.
    """

    mark: bytes
    counts: GroupCounts
    fold: Callable[[Acc, bytes, Counts, Counts], Acc]


#: From a function that returns the entry of a part to the new entries of an event, by part, in the order in
#: which the changelog must have them.
Plan = Callable[[Callable[[bytes], Entry | None]], Mapping[bytes, Entry | None]]


class _Pending(msgspec.Struct):
    """Changes of an event, before any of them is written."""

    prefix: bytes  # of the keys of entries
    parts: Iterable[bytes]  # in the order of the plan
    changed: dict[bytes, Changed] = {}
    #: By group: counts before the event, counts after it, last applied offset by topic.
    groups: dict[bytes, tuple[Counts, Counts, dict[str, int]]] = {}


class EntityState(Generic[Acc]):
    """Accumulators over the parts of an entity, exact under redelivery after a crash at any moment.

    `fold` returns the accumulators after one part changed from an old to a new entry. Accumulators and
    entries are values of the table: it creates new ones and does not change those it reads. **A part is fed
    by one topic only** (put the name of the topic into the part where two have parts of one name): with two,
    a new event of one can arrive before the redelivery of the other that restores a lost entry, and would be
    folded against nothing.
    """

    def __init__(
        self,
        table: Table[Any],
        empty: Callable[[], Acc],
        fold: Fold[Acc],
        subtotals: Subtotals[Acc] | None = None,
    ) -> None:
        self._table = table
        self._empty = empty
        self._fold = fold
        self._subtotals = subtotals
        self._redeliveries = metrics.REPEATS.labels(table=table.name)

    def apply(self, record: Record, entity: str, changes: Mapping[bytes, Change]) -> Applied[Acc]:
        """Apply an event that changes any number of parts of one entity, zero included.

        A change compares versions: applied to an entry that is newer, or to its own result, it returns that
        entry. Raises InvalidEntityName.
        """
        return self.update(
            record,
            entity,
            lambda read: {part: change(read(part)) for part, change in changes.items()},
        )

    def update(self, record: Record, entity: str, plan: Plan) -> Applied[Acc]:
        """Apply an event whose changed parts depend on stored entries: `plan` reads them and decides.

        A plan that moves the content of one part to others returns that part after them, as must all later
        plans with one of these parts: as long as a crash leaves it as it was, the event is applied to it
        again. Entries that the crash left in the other parts may be newer than the content moved, and must
        stay then, as with a change. Raises InvalidEntityName.
        """
        name = _encode_name(entity)
        key = total_key(name)
        total = self._table.get(key)
        applied: dict[str, int] = dict(total["applied"]) if total else {}
        accumulators: Acc = total["accumulators"] if total else self._empty()
        pending = self._plan(name, record, plan)

        is_new = record.offset > applied.get(record.source, -1)
        if is_new:
            accumulators = self._folded(accumulators, name, pending)
            applied[record.source] = record.offset
        else:
            self._redeliveries.inc()
        if pending.changed or is_new:
            self._table.put(key, {"applied": applied, "accumulators": accumulators})
        self._write(name, pending, record)
        version = self._table.first_version + sum(applied.values()) + len(applied)
        return Applied(version=version, accumulators=accumulators, is_new=is_new)

    def _plan(self, name: bytes, record: Record, plan: Plan) -> _Pending:
        """Return what the plan changes: entries that differ, and the subtotals of their groups."""
        stored: dict[bytes, Entry | None] = {}
        get, prefix = self._table.get, entry_key(name, b"")

        def read(part: bytes) -> Entry | None:
            if part not in stored:
                stored[part] = get(prefix + part)
            return stored[part]

        planned = plan(read)
        pending = _Pending(prefix, planned)
        subtotals = self._subtotals
        for part, new in planned.items():
            old = read(part)
            if new == old:
                continue
            pending.changed[part] = old, new
            if subtotals is not None and subtotals.mark in part:
                self._count(name, record, pending, _differences(subtotals.counts, part, old, new))
        return pending

    def _count(self, name: bytes, record: Record, pending: _Pending, differences: Differences) -> None:
        """Add the change of one entry to the subtotals of its groups, unless they contain the event."""
        for group, delta in differences:
            if group not in pending.groups:
                stored = self._table.get(subtotal_key(name, group))
                counts = stored["counts"] if stored else {}
                pending.groups[group] = counts, counts, stored["applied"] if stored else {}
            before, after, applied = pending.groups[group]
            if record.offset > applied.get(record.source, -1):
                pending.groups[group] = before, add_counts(after, delta), applied

    def _folded(self, accumulators: Acc, name: bytes, pending: _Pending) -> Acc:
        entries = Entries(self._table, name, pending.changed)
        for part, (old, new) in pending.changed.items():
            accumulators = self._fold(accumulators, part, old, new, entries)
        if self._subtotals is not None:
            for group, (before, after, _) in pending.groups.items():
                accumulators = self._subtotals.fold(accumulators, group, before, after)
        return accumulators

    def _write(self, name: bytes, pending: _Pending, record: Record) -> None:
        """Write subtotals, changed by the event or not, before the entries that count in them."""
        for group, (_, counts, applied) in pending.groups.items():
            offset = max(applied.get(record.source, -1), record.offset)
            self._table[subtotal_key(name, group)] = {
                "applied": {**applied, record.source: offset},
                "counts": counts,
            }
        changed = pending.changed
        for part in pending.parts:
            key = pending.prefix + part
            self._table.move_to_end(key)
            if part in changed:
                self._table.put(key, changed[part][1])

    def entries(self, entity: str, prefix: bytes = b"") -> list[tuple[bytes, Entry]]:
        """Return (part, entry) of an entity, in the order of parts."""
        return list(Entries(self._table, _encode_name(entity), {}).items(prefix))


def add_counts(counts: Counts, delta: Counts) -> Counts:
    """Return the counts plus a difference, without zeros."""
    sums = dict(counts)
    for key, difference in delta.items():
        value = sums.get(key, 0) + difference
        if value:
            sums[key] = value
        else:
            sums.pop(key, None)
    return sums


def _differences(counts: GroupCounts, part: bytes, old: Entry | None, new: Entry | None) -> Differences:
    """Return the groups whose counts a change of an entry changes, and the differences."""
    before = {} if old is None else counts(part, old)
    after = {} if new is None else counts(part, new)
    differences = []
    for group in sorted(before.keys() | after.keys()):
        negative = {key: -value for key, value in before.get(group, {}).items()}
        if delta := add_counts(after.get(group, {}), negative):
            differences.append((group, delta))
    return differences


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


def subtotal_key(entity: bytes, group: bytes) -> bytes:
    """Return the key of the subtotal of one group."""
    return SUBTOTAL + SEPARATOR + entity + SEPARATOR + group


def entry_key(entity: bytes, part: bytes) -> bytes:
    """Return the key of the entry of one part."""
    return ENTRY + SEPARATOR + entity + SEPARATOR + part


def _encode_name(entity: str) -> bytes:
    name = entity.encode()
    if not name or SEPARATOR in name:
        raise InvalidEntityName(entity=entity)
    return name
