"""Stores against a plain dict, over random writes, deletions, undone writes and partial commits."""

import gc
import time
from pathlib import Path
from typing import Any

import faust
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stream_processors.runtime.faust.table import FaustTable
from stream_processors.runtime.state.codecs import BytesValues
from stream_processors.runtime.state.rocksdb import (
    MAX_AGE_S,
    MAX_BUFFERED_BYTES,
    MIB,
    OFFSET_KEY,
    WRITE_BUFFER_BYTES,
    RocksDatabase,
)
from stream_processors.runtime.state.store import Store
from stream_processors.runtime.state.table import Table
from stream_processors.runtime.state.transaction import RecordTransaction
from stream_processors.runtime.testing import MemoryDatabase

KEYS = st.builds(
    lambda kind, entity, part: b"%s|%d|%d" % (kind, entity, part),
    st.sampled_from([b"e", b"t", b"\0offset"]),
    st.integers(0, 2),
    st.integers(0, 3),
)
PREFIXES = (b"", b"e", b"e|1|", b"e|1|3", b"t|", b"\0", b"x")


class AgainstDict(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.database = MemoryDatabase()
        self.store: Store[bytes] = Store(BytesValues(), self.database)
        self.model: dict[bytes, bytes] = {}
        self.taken: dict[bytes, bytes] | None = None
        self.commits = 0

    @rule(key=KEYS, value=st.binary(max_size=3))
    def put(self, key: bytes, value: bytes) -> None:
        self.store.put(key, value)
        self.model[key] = value

    @rule(key=KEYS)
    def delete(self, key: bytes) -> None:
        self.store.put(key, None)
        self.model.pop(key, None)

    @rule(key=KEYS, value=st.none() | st.binary(max_size=3))
    def put_and_put_back(self, key: bytes, value: bytes | None) -> None:
        self.store.undo_put(key, self.store.put(key, value))

    @precondition(lambda self: self.taken is None)
    @rule()
    def take(self) -> None:
        self.store.begin_commit()
        self.taken = dict(self.model)

    @precondition(lambda self: self.taken is not None)
    @rule()
    def persist(self) -> None:
        self.store.persist(self.commits)
        assert self.database.content == self.taken, "the commit wrote changes made after its snapshot"
        assert self.database.offset == self.commits
        self.commits += 1
        self.taken = None

    @precondition(lambda self: self.taken is None)
    @rule()
    def forget(self) -> None:
        self.store.discard_uncommitted()
        self.model = dict(self.database.content)

    @invariant()
    def reads_as_the_model(self) -> None:
        for kind in (b"e", b"t"):
            for entity in range(3):
                key = b"%s|%d|1" % (kind, entity)
                assert self.store.get(key) == self.model.get(key)
        for prefix in PREFIXES:
            expected = sorted(item for item in self.model.items() if item[0].startswith(prefix))
            assert self.store.scan(prefix) == expected


AgainstDict.TestCase.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestAgainstDict = AgainstDict.TestCase


def test_keys_are_flushed_in_the_order_of_their_first_write() -> None:
    store: Store[bytes] = Store(BytesValues(), MemoryDatabase())
    for key in (b"t", b"e2", b"e1", b"t"):
        store.put(key, key)
    store.begin_commit()
    assert store.commit_keys() == [b"t", b"e2", b"e1"]


def test_an_undone_write_does_not_affect_the_order() -> None:
    store: Store[bytes] = Store(BytesValues(), MemoryDatabase())
    store.undo_put(b"e", store.put(b"e", b"1"))
    store.put(b"t", b"1")
    store.put(b"e", b"2")
    store.begin_commit()
    assert store.commit_keys() == [b"t", b"e"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table" / "0"


def test_rocksdb_writes_changes_and_their_offset_atomically(path: Path) -> None:
    database = RocksDatabase(path)
    assert database.offset is None
    database.write([(b"e|a|1", b"1"), (b"e|a|2", b"2"), (b"f", b"3")], 7)
    database.write([(b"e|a|1", None)], 8)
    assert database.offset == 8
    assert list(database.scan(b"")) == [(b"e|a|2", b"2"), (b"f", b"3")]
    assert list(database.scan(b"e|a|")) == [(b"e|a|2", b"2")]
    assert OFFSET_KEY not in dict(database.scan(b"\0"))
    database.close()
    reopened = RocksDatabase(path)
    assert (reopened.offset, reopened.get(b"f"), reopened.get(b"e|a|1")) == (8, b"3", None)
    reopened.destroy()
    assert not path.exists()


def test_a_drained_commit_has_the_changes_in_their_order_and_no_value_behind_it() -> None:
    dropped: list[bytes] = []

    class Value:
        def __init__(self, raw: bytes) -> None:
            self.raw = raw

        def __del__(self) -> None:
            dropped.append(self.raw)

    class Values:
        def encode(self, key: bytes, value: Value) -> bytes:
            return value.raw

        def decode(self, key: bytes, raw: bytes) -> Value:
            return Value(raw)

    store: Store[Value] = Store(Values(), MemoryDatabase())
    for key in (b"t", b"e1", b"e2"):
        store.put(key, Value(key))
    store.put(b"gone", None)
    store.begin_commit()
    changes = store.drain()
    assert next(changes) == (b"t", b"t")
    assert next(changes) == (b"e1", b"e1")
    assert dropped == [b"t"], "kept with the collector off, which a task of a rebuild runs without"
    assert list(changes) == [(b"e2", b"e2"), (b"gone", None)]
    assert dropped == [b"t", b"e1", b"e2"]
    assert store.get(b"t") is None


def test_rocksdb_stores_its_age(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = RocksDatabase(path)
    assert database.age_s == 0
    database.write([], 1)
    assert database.age_s < 5
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 100)
    assert 99 <= database.age_s < 106
    database.close()


def test_state_older_than_the_tombstones_is_rebuilt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table: Table[bytes] = Table("old", BytesValues(), RecordTransaction())
    app = faust.App("state-age")
    collection = FaustTable(app, table=table, directory=tmp_path, partitions=1)
    collection._open(0).write([(b"e", b"1")], 1)
    gc.collect()
    database = collection._open(0)
    assert database.offset == 1
    database.close()
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + MAX_AGE_S + 10)
    assert collection._open(0).offset is None


def test_rocksdb_is_opened_once(path: Path) -> None:
    database: Any = RocksDatabase(path)
    with pytest.raises(Exception, match=r"(?i)lock"):
        RocksDatabase(path)
    database.close()


def test_the_write_buffers_of_all_databases_have_one_bound(tmp_path: Path) -> None:
    databases: list[Any] = [RocksDatabase(tmp_path / str(number)) for number in range(18)]
    for number in range(WRITE_BUFFER_BYTES // MIB - 1):  # none is full by itself
        for database in databases:
            database.write([(b"%d" % number, bytes(MIB))])
    deadline = time.monotonic() + 30  # flushes run in threads of RocksDB
    while (used := _buffered(databases)) > MAX_BUFFERED_BYTES and time.monotonic() < deadline:
        time.sleep(0.05)
    for database in databases:
        assert database.get(b"0") == bytes(MIB)
        database.close()
    assert 0 < used <= MAX_BUFFERED_BYTES


def _buffered(databases: list[Any]) -> int:
    sizes = [database._db.property_int_value("rocksdb.size-all-mem-tables") for database in databases]
    return sum(sizes)
