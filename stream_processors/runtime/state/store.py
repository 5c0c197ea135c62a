"""One partition of a table: a write buffer in memory over RocksDB, flushed by the commit."""

from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import takewhile
from typing import Generic, Protocol, TypeVar

from sortedcontainers import SortedSet

from stream_processors.runtime.state.codecs import ValueCodec

V = TypeVar("V")
Change = tuple[bytes, bytes | None]

#: Keys per write to the database. RocksDB's wrapper holds the interpreter's lock: 7,500 keys of 200 bytes
#: block all other threads for 12 ms of processor time.
WRITE_BATCH_KEYS = 500


class Missing(Enum):
    """Marker of a key without an uncommitted write; None is a deletion."""

    MISSING = "missing"


class Database(Protocol):
    """Durable keys and values of one partition, and the changelog offset they correspond to."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]: ...

    def write(self, changes: Iterable[Change], offset: int | None = None) -> None: ...

    @property
    def offset(self) -> int | None: ...

    def close(self) -> None: ...

    def destroy(self) -> None: ...


class WriteBuffer(dict[bytes, V | None], Generic[V]):
    """Decoded values by key, in the order of a key's first write; None is a deletion.

    The changelog has the same order: a total first written before its entries stays before them, so that
    every prefix of the changelog is consistent (`entity.py` relies on it). `move_to_end` changes the order.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sorted: SortedSet = SortedSet()
        self._unsorted: list[bytes] = []

    def __setitem__(self, key: bytes, value: V | None) -> None:
        if key not in self:
            self._unsorted.append(key)  # sorted by the next scan
        super().__setitem__(key, value)

    def move_to_end(self, key: bytes) -> None:
        """Move a key behind all others; a key that is not in the buffer stays out of it."""
        if key in self:
            super().__setitem__(key, self.pop(key))

    def with_prefix(self, prefix: bytes) -> Iterator[bytes]:
        """Yield the keys that begin with `prefix`, in the order of bytes."""
        if self._unsorted:
            self._sorted.update(self._unsorted)
            self._unsorted.clear()
        keys = takewhile(lambda key: key.startswith(prefix), self._sorted.irange(prefix))
        return (key for key in keys if key in self)  # a rolled back write leaves its key in the index


class Store(Generic[V]):
    """Values of one partition: uncommitted writes over the commit in progress over the database.

    Values stay decoded while they are dirty and are encoded once per commit, not once per write: with some
    writes per key and commit, encoding is most of the cost of a table. None is not a value.
    """

    def __init__(self, values: ValueCodec[V], database: Database) -> None:
        self._values = values
        self.database = database
        self._dirty: WriteBuffer[V] = WriteBuffer()
        self._flushing: WriteBuffer[V] = WriteBuffer()
        self._encoded: dict[bytes, bytes | None] = {}
        self.decoded_bytes = 0  # of the values read since the last commit began; most of them are dirty

    def get(self, key: bytes) -> V | None:
        """Return the newest value, or None."""
        if key in self._dirty:
            return self._dirty[key]
        return self._decode(key, self.committed_bytes(key))

    def put(self, key: bytes, value: V | None) -> V | Missing | None:
        """Write a value, or None to delete; return the argument that `undo_put` needs."""
        previous = self._dirty.get(key, Missing.MISSING)
        self._dirty[key] = value
        return previous

    def move_to_end(self, key: bytes) -> None:
        """Move an uncommitted write behind all others. Not undone: a later place is always a safe one."""
        self._dirty.move_to_end(key)

    def undo_put(self, key: bytes, previous: V | Missing | None) -> None:
        """Undo a `put` that returned `previous`."""
        if isinstance(previous, Missing):
            del self._dirty[key]
        else:
            self._dirty[key] = previous

    def scan(self, prefix: bytes) -> list[tuple[bytes, V]]:
        """Return the keys that begin with `prefix` and their newest values, in the order of bytes."""
        committed = dict(self.database.scan(prefix))
        for key in self._flushing.with_prefix(prefix):
            raw = self.encoded(key)
            if raw is None:
                committed.pop(key, None)
            else:
                committed[key] = raw
        newest: dict[bytes, V | None] = {
            key: self._values.decode(key, raw) for key, raw in committed.items() if key not in self._dirty
        }
        newest.update((key, self._dirty[key]) for key in self._dirty.with_prefix(prefix))
        return [(key, value) for key in sorted(newest) if (value := newest[key]) is not None]

    def dirty_items(self) -> list[tuple[bytes, V, bytes]]:
        """Return (key, value, encoded value) of the writes since the last commit began, without deletions."""
        return [
            (key, value, self._values.encode(key, value))
            for key, value in self._dirty.items()
            if value is not None
        ]

    # A commit calls, in this order: begin_commit, encoded (by the writer of the changelog), persist.

    def begin_commit(self) -> None:
        """Start a commit of all writes up to now; later writes belong to the next commit."""
        self._flushing, self._dirty = self._dirty, WriteBuffer()
        self._encoded = {}
        self.decoded_bytes = 0

    def commit_keys(self) -> list[bytes]:
        """Return the keys of the commit in progress, in the order of their first writes."""
        return list(self._flushing)

    def encoded(self, key: bytes) -> bytes | None:
        """Return the bytes of a key of the commit in progress; None deletes the key."""
        encoded = self._encoded
        if key in encoded:
            return encoded[key]
        value = self._flushing[key]
        raw = encoded[key] = None if value is None else self._values.encode(key, value)
        return raw

    def drain(self) -> Iterator[Change]:
        """Yield the keys of the commit in progress and their bytes, in the order of their first writes.

        Each value is dropped before the next is encoded: for a bulk run, whose values are read no more.
        """
        for key in self.commit_keys():
            value = self._flushing.pop(key)
            yield key, None if value is None else self._values.encode(key, value)
        self._flushing = WriteBuffer()

    def committed_bytes(self, key: bytes) -> bytes | None:
        """Return the bytes of a key after the commit in progress; None if the key does not exist."""
        return self.encoded(key) if key in self._flushing else self.database.get(key)

    def persist_in_batches(self, offset: int) -> Iterator[None]:
        """Write the commit to the database, a batch per step: the changelog is durable up to `offset`.

        The last batch writes the offset. A worker that crashes before it has some keys of the commit already,
        and recovers all of them from the changelog.
        """
        keys = list(self._flushing)
        last = max(0, len(keys) - 1) // WRITE_BATCH_KEYS * WRITE_BATCH_KEYS
        for start in range(0, last, WRITE_BATCH_KEYS):
            self.database.write(self._changes(keys[start : start + WRITE_BATCH_KEYS]))
            yield
        self.database.write(self._changes(keys[last:]), offset)
        self._flushing = WriteBuffer()
        self._encoded = {}

    def persist(self, offset: int) -> None:
        """Run `persist_in_batches` to its end."""
        for _ in self.persist_in_batches(offset):
            pass

    def _changes(self, keys: list[bytes]) -> list[Change]:
        return [(key, self.encoded(key)) for key in keys]

    def discard_uncommitted(self) -> None:
        """Drop all writes that are not committed: their records are delivered again."""
        self._dirty, self._flushing, self._encoded = WriteBuffer(), WriteBuffer(), {}

    def _decode(self, key: bytes, raw: bytes | None) -> V | None:
        if raw is None:
            return None
        self.decoded_bytes += len(raw)
        return self._values.decode(key, raw)
