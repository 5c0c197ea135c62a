"""EntityState in random histories with crashes that keep any prefix of a changelog, then redelivery.

Events change several parts of an entity at once; sums change by differences, the smallest by a rescan.
Two variants that break the rules of `entity.py` show that the model detects such errors.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from stream_processors.runtime.errors import InvalidEntityName
from stream_processors.runtime.records import Record
from stream_processors.runtime.state.codecs import SchemaValues
from stream_processors.runtime.state.entity import Applied, EntityState, Entries, entry_key, total_key
from stream_processors.runtime.state.record_cache import Entry, Identity, RecordCache
from stream_processors.runtime.state.table import Table
from stream_processors.runtime.state.transaction import Output, RecordTransaction
from stream_processors.runtime.testing import MemoryDatabase

TIME = datetime(2024, 1, 1, tzinfo=UTC)
TOPICS = ("a", "b")
ENTITIES = ("x0", "x1")
HISTORIES = 1500
Event = tuple[str, dict[str, tuple[int, int | None]]]


class Plain:
    """Stores values as text: fast, and a returned value is never the stored object."""

    def encode(self, key: bytes, value: Any) -> bytes:
        return repr(value).encode()

    def decode(self, key: bytes, raw: bytes) -> Any:
        return eval(raw)  # noqa: S307 - our own repr


def empty() -> dict[str, Any]:
    return {"sum": 0, "count": 0, "smallest": {}}


def fold_with(scope: Callable[[bytes], bytes]) -> Any:
    """Return a fold that takes the smallest from the parts that `scope` returns for the changed part."""

    def fold(acc: dict[str, Any], part: bytes, old: Any, new: Any, entries: Entries) -> dict[str, Any]:
        before, after = old[1] if old else None, new[1]
        where = scope(part)
        live = [amount for _, (_, amount) in entries.items(where) if amount is not None]
        return {
            "sum": acc["sum"] - (before or 0) + (after or 0),
            "count": acc["count"] - (before is not None) + (after is not None),
            "smallest": {**acc["smallest"], where: min(live, default=None)},
        }

    return fold


def replacing(version: int, amount: int | None) -> Any:
    return lambda old: old if old and old[0] > version else (version, amount)


def record(topic: str, offset: int) -> Record:
    return Record(
        topic=topic, source=topic, partition=0, offset=offset, timestamp=TIME, key="k", value={}, headers=()
    )


RECORDS = {(topic, offset): record(topic, offset) for topic in TOPICS for offset in range(16)}


class History:
    """One random history, run to completion."""

    def __init__(self, seed: int, *, shared: bool, scope: Callable[[bytes], bytes]) -> None:
        self.random = random.Random(seed)
        self.logs = {topic: self.events("" if shared else f"{topic}/") for topic in TOPICS}
        self.fold = fold_with(scope)
        self.database = MemoryDatabase()
        self.position = dict.fromkeys(TOPICS, 0)
        self.committed = dict(self.position)
        self.start()
        crashes = self.random.randrange(6)
        while waiting := [topic for topic in TOPICS if self.position[topic] < len(self.logs[topic])]:
            self.handle(self.random.choice(waiting))
            if self.random.random() < 0.3:
                if crashes and self.random.random() < 0.5:
                    crashes -= 1
                    self.commit(self.random.random())  # dies in the middle of it
                    self.start()
                else:
                    self.commit(1)
                    self.committed = dict(self.position)
        self.commit(1)

    def events(self, prefix: str) -> list[Event]:
        rnd = self.random

        def parts() -> dict[str, tuple[int, int | None]]:
            names = rnd.sample(range(3), rnd.choice([1, 1, 2]))
            return {f"{prefix}{name}": (rnd.randrange(4), rnd.choice([None, 1, 2, 3])) for name in names}

        return [(rnd.choice(ENTITIES), parts()) for _ in range(rnd.randrange(12))]

    def start(self) -> None:
        self.transaction = RecordTransaction()
        self.table: Table[Any] = Table("model", Plain(), self.transaction)
        self.table.assign({0}, lambda partition: self.database)
        self.state = EntityState(self.table, empty, self.fold)
        self.position = dict(self.committed)

    def handle(self, topic: str) -> None:
        offset = self.position[topic]
        entity, parts = self.logs[topic][offset]
        self.transaction.begin(0)
        changes = {part.encode(): replacing(*fact) for part, fact in parts.items()}
        self.applied(entity, self.state.apply(RECORDS[topic, offset], entity, changes))
        self.transaction.end()
        self.position[topic] += 1

    def applied(self, entity: str, applied: Applied[Any]) -> None:
        """Return the output that a stage would emit now."""

    def commit(self, share: float) -> None:
        store = self.table.stores[0]
        store.begin_commit()
        kept_keys = store.commit_keys()[: round(len(store.commit_keys()) * share)]
        if share < 1:
            self.database.write([(key, store.encoded(key)) for key in kept_keys], 0)
        else:
            store.persist(0)

    def wrong(self, scope: Callable[[bytes], bytes]) -> bool:
        """Return True if any total or entry differs from the result of all events together."""
        return any(self._wrong(entity, scope) for entity in ENTITIES)

    def _wrong(self, entity: str, scope: Callable[[bytes], bytes]) -> bool:
        events = [(topic, *event) for topic in TOPICS for event in self.logs[topic] if event[0] == entity]
        raw = self.database.get(total_key(entity.encode()))
        if not events:
            return raw is not None
        total = Plain().decode(b"", raw or b"None")
        start = entry_key(entity.encode(), b"")
        entries = {key[len(start) :]: Plain().decode(key, value) for key, value in self.database.scan(start)}
        newest: dict[bytes, tuple[int, int | None]] = {}
        for _, _, parts in events:
            for part, fact in parts.items():
                newest[part.encode()] = replacing(*fact)(newest.get(part.encode()))
        live = [amount for _, amount in newest.values() if amount is not None]
        smallest = {}
        for key in newest:
            near = [fact[1] for part_name, fact in newest.items() if part_name.startswith(scope(key))]
            smallest[scope(key)] = min((amount for amount in near if amount is not None), default=None)
        applied = {
            topic: max(n for n, event in enumerate(self.logs[topic]) if event[0] == entity)
            for topic, _, _ in events
        }
        accumulators = {"sum": sum(live), "count": len(live), "smallest": smallest}
        return total != {"applied": applied, "accumulators": accumulators} or entries != newest


def own_topic(part: bytes) -> bytes:
    return part[:2]


def all_parts(part: bytes) -> bytes:
    return b""


def a_history_is_wrong(*, shared: bool, scope: Callable[[bytes], bytes], count: int = HISTORIES) -> bool:
    return any(History(seed, shared=shared, scope=scope).wrong(scope) for seed in range(count))


def test_totals_are_exact_if_each_part_has_one_topic_and_rescans_stay_within_it() -> None:
    assert not a_history_is_wrong(shared=False, scope=own_topic)


@pytest.mark.soak
def test_totals_are_exact_in_very_many_histories() -> None:
    assert not a_history_is_wrong(shared=False, scope=own_topic, count=40_000)


def test_a_part_with_two_topics_has_wrong_totals() -> None:
    # Versions of one part from two topics: two events of one version make the result depend on their order,
    # so only the sum of what is there is compared.
    wrong = 0
    for seed in range(HISTORIES):
        history = History(seed, shared=True, scope=all_parts)
        for entity in ENTITIES:
            raw = history.database.get(total_key(entity.encode()))
            start = entry_key(entity.encode(), b"")
            live = [Plain().decode(key, value)[1] or 0 for key, value in history.database.scan(start)]
            wrong += raw is not None and Plain().decode(b"", raw)["accumulators"]["sum"] != sum(live)
    assert wrong > HISTORIES / 100


def test_a_rescan_over_parts_of_another_topic_has_wrong_totals() -> None:
    assert a_history_is_wrong(shared=False, scope=all_parts)


class LastAgainstLast(RecordCache):
    """Compares an output with the one it replaced, which may never have been produced: wrong on purpose."""

    def put(self, identity: Identity, entry: Entry) -> Entry | None:
        previous = super().put(identity, entry)
        if previous is not None and previous.shown is not None:
            self._shown.put(identity, previous.shown())
        return previous


class ChangesOnly(History):
    """Emits only changed outputs through a record cache; flushed outputs arrive, whatever is killed later.

    Topic b is compacted: of an entity each of its events contains all, and before a worker starts again
    events that a later one replaces may be gone. `hasty`: the state counts as produced.
    """

    def __init__(
        self, seed: int, *, hasty: bool = False, cache: Callable[[], RecordCache] = RecordCache
    ) -> None:
        self.hasty = hasty
        self.new_cache = cache
        self.produced: dict[str, str] = {}
        self.applications = self.outputs = 0
        self.gone: set[int] = set()
        self.running = False
        super().__init__(seed, shared=False, scope=own_topic)

    def events(self, prefix: str) -> list[Event]:
        if prefix == "a/":
            return super().events(prefix)
        rnd = self.random
        return [(rnd.choice(ENTITIES), {"b/": (n, rnd.choice([1, 2]))}) for n in range(rnd.randrange(12))]

    def start(self) -> None:
        super().start()
        self.cache = self.new_cache()
        replaced = {
            offset
            for offset, (entity, _) in enumerate(self.logs["b"])
            if any(entity == later for later, _ in self.logs["b"][offset + 1 :])
        }
        if self.running:  # after a crash
            self.gone |= {offset for offset in replaced if self.random.random() < 0.5}
        self.running = True

    def handle(self, topic: str) -> None:
        if topic == "b" and self.position[topic] in self.gone:
            self.position[topic] += 1
            return
        entity, _ = self.logs[topic][self.position[topic]]
        raw = self.table.stores[0].get(total_key(entity.encode()))
        self.state_before = raw["accumulators"] if raw else empty()
        super().handle(topic)
        if self.random.random() < 0.3:
            self.flush(self.random.choice((1, 2)))

    def applied(self, entity: str, applied: Applied[Any]) -> None:
        identity = ("t", entity, "")
        value = repr(applied.accumulators)
        if self.hasty and applied.is_new and identity not in self.cache._shown._values:
            self.cache._shown.put(identity, repr(self.state_before))
        output = Output("t", entity.encode(), value.encode(), None)
        entry = Entry(lambda: output, lambda: value, only_changes=applied.is_new, size=1)
        self.cache.put(identity, entry)
        self.applications += 1

    def commit(self, share: float) -> None:
        self.flush()
        super().commit(share)

    def flush(self, limit: int | None = None) -> None:
        for output in islice(self.cache.take(lambda: True), limit):
            self.produced[(output.key or b"").decode()] = (output.value or b"").decode()
            self.outputs += 1

    @property
    def is_wrong(self) -> bool:
        """True if the newest output of an entity is not that of its state."""
        values = {key: Plain().decode(key, raw) for key, raw in self.database.content.items()}
        totals = {entity: values.get(total_key(entity.encode())) for entity in ENTITIES}
        expected = {name: repr(total["accumulators"]) for name, total in totals.items() if total}
        return expected != self.produced


def test_suppressing_unchanged_outputs_loses_none() -> None:
    histories = [ChangesOnly(seed) for seed in range(HISTORIES)]
    assert not any(history.is_wrong for history in histories)
    applications = sum(history.applications for history in histories)
    assert sum(history.outputs for history in histories) < 0.7 * applications


def test_suppression_by_state_of_a_crash_loses_outputs() -> None:
    assert any(ChangesOnly(seed, hasty=True).is_wrong for seed in range(HISTORIES))


def test_suppression_by_an_unproduced_version_loses_outputs() -> None:
    assert any(ChangesOnly(seed, cache=LastAgainstLast).is_wrong for seed in range(HISTORIES))


# single cases


@pytest.fixture
def transaction() -> RecordTransaction:
    return RecordTransaction()


@pytest.fixture
def table(transaction: RecordTransaction) -> Table[Any]:
    table: Table[Any] = Table("single", Plain(), transaction)
    table.assign({0}, lambda partition: MemoryDatabase())
    transaction.begin(0)
    return table


def test_the_version_includes_events_without_a_change(table: Table[Any]) -> None:
    state = EntityState(table, empty, fold_with(own_topic))
    first = state.apply(record("a", 4), "x", {b"a/1": replacing(2, 5)})
    assert (first.version, first.is_new, first.accumulators["sum"]) == (5, True, 5)
    stale = state.apply(record("a", 6), "x", {b"a/1": replacing(1, 9)})
    assert (stale.version, stale.is_new, stale.accumulators["sum"]) == (7, True, 5)
    nothing = state.apply(record("b", 0), "x", {})
    assert (nothing.version, nothing.is_new) == (8, True)
    repeat = state.apply(record("a", 4), "x", {b"a/1": replacing(2, 5)})
    assert (repeat.version, repeat.is_new, repeat.accumulators["sum"]) == (8, False, 5)


def test_a_redelivery_restores_the_total_before_a_lost_entry(table: Table[Any]) -> None:
    state = EntityState(table, empty, fold_with(own_topic))
    state.apply(record("a", 0), "x", {b"a/1": replacing(1, 5)})
    store = table.stores[0]
    store.begin_commit()
    store.database.write([(total_key(b"x"), store.encoded(total_key(b"x")))], 0)  # the entry is lost
    store.discard_uncommitted()
    state.apply(record("a", 0), "x", {b"a/1": replacing(1, 5)})
    store.begin_commit()
    assert store.commit_keys() == [total_key(b"x"), entry_key(b"x", b"a/1")]


def test_a_redelivery_with_complete_state_writes_nothing(table: Table[Any]) -> None:
    state = EntityState(table, empty, fold_with(own_topic))
    state.apply(record("a", 0), "x", {b"a/1": replacing(1, 5)})
    store = table.stores[0]
    store.begin_commit()
    store.persist(0)
    state.apply(record("a", 0), "x", {b"a/1": replacing(1, 5)})
    store.begin_commit()
    assert store.commit_keys() == []


def test_a_fold_reads_entries_as_after_the_event(table: Table[Any]) -> None:
    entries_seen: list[Any] = []

    def fold(acc: int, part: bytes, old: Any, new: Any, entries: Entries) -> int:
        entries_seen.append(list(entries.items()))
        return acc + 1

    state = EntityState(table, lambda: 0, fold)
    state.apply(record("a", 0), "x", {b"1": lambda old: "one", b"2": lambda old: "two"})
    assert entries_seen == [[(b"1", "one"), (b"2", "two")]] * 2
    state.apply(record("a", 1), "x", {b"1": lambda old: None})
    assert entries_seen[-1] == [(b"2", "two")]
    assert state.entries("x") == [(b"2", "two")]
    state.apply(record("a", 2), "xy", {b"1": lambda old: "other entity"})
    assert state.entries("x") == [(b"2", "two")]


@pytest.mark.parametrize("entity", ["", "a|b"])
def test_ambiguous_names_are_poison(table: Table[Any], entity: str) -> None:
    with pytest.raises(InvalidEntityName):
        EntityState(table, empty, fold_with(own_topic)).apply(record("a", 0), entity, {})


def test_totals_are_encoded_with_avro(transaction: RecordTransaction) -> None:
    from stream_processors.runtime import total_schema

    values = SchemaValues({b"t": [total_schema("Total", "long")], b"e": ["long"]})  # type: ignore[list-item]
    table: Table[Any] = Table("avro", values, transaction)
    table.assign({0}, lambda partition: MemoryDatabase())
    transaction.begin(0)
    state = EntityState(table, lambda: 0, lambda acc, part, old, new, entries: acc + new - (old or 0))
    state.apply(record("a", 0), "x", {b"1": lambda old: 5})
    table.stores[0].begin_commit()
    table.stores[0].persist(0)
    applied = state.apply(record("a", 1), "x", {b"1": lambda old: 7})
    assert (applied.version, applied.accumulators) == (2, 7)
