"""One partition of a table: writes in memory over RocksDB, written back at the commit."""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from stream_processors.runtime.state.codecs import ValueCodec
from stream_processors.runtime.state.pending import Pending
from stream_processors.runtime.state.recent import Recent

V = TypeVar("V")
Change = tuple[bytes, bytes | None]

#: Keys written to the database at once. RocksDB's wrapper holds the interpreter: 7,500 keys of 200 bytes
#: stand in everybody's way for 12 ms of processor time.
PART = 500


class Database(Protocol):
    """Durable keys and values of one partition, with the changelog offset they stand for."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]: ...

    def write(self, changes: Iterable[Change], offset: int | None = None) -> None: ...

    @property
    def offset(self) -> int | None: ...

    def close(self) -> None: ...


class Store(Generic[V]):
    """Reads see writes since the last commit began, then those of the commit under way, then the database.

    Values stay decoded while they are dirty and are encoded once per commit, not once per write: with some
    writes per key and commit that is most of the cost of a table. None is not a value.
    """

    def __init__(self, values: ValueCodec[V], database: Database) -> None:
        self._values = values
        self.database = database
        self._dirty = Pending()
        self._flushing = Pending()
        self._encoded: dict[bytes, bytes | None] = {}
        self.recent = Recent()

    def get(self, key: bytes) -> V | None:
        """The newest value, or None."""
        if key in self._dirty:
            found: V | None = self._dirty[key]
            return found
        return self._decode(key, self.committed(key))

    def put(self, key: bytes, value: V | None) -> Any:
        """Write a value, or None to delete; returns what `put_back` needs to undo it."""
        before = self._dirty.get(key, self)
        self._dirty[key] = value
        return before

    def put_back(self, key: bytes, before: Any) -> None:
        """Undo a `put`."""
        if before is self:
            del self._dirty[key]
        else:
            self._dirty[key] = before

    def scan(self, prefix: bytes) -> list[tuple[bytes, V]]:
        """Keys that begin with `prefix`, with their newest values, in the order of bytes."""
        found = dict(self.database.scan(prefix))
        for key in self._flushing.with_prefix(prefix):
            raw = self.encoded(key)
            if raw is None:
                found.pop(key, None)
            else:
                found[key] = raw
        newest: dict[bytes, V | None] = {
            key: self._values.decode(key, raw) for key, raw in found.items() if key not in self._dirty
        }
        newest.update((key, self._dirty[key]) for key in self._dirty.with_prefix(prefix))
        return [(key, value) for key in sorted(newest) if (value := newest[key]) is not None]

    def dirty(self) -> list[tuple[bytes, V, bytes]]:
        """Key, value and its bytes of what was written since the last commit began, deletions aside."""
        return [
            (key, value, self._values.encode(key, value))
            for key, value in self._dirty.items()
            if value is not None
        ]

    # the commit, in this order: take, changes (encoded, by the changelog's writer), persist

    def take(self) -> None:
        """Begin a commit: what was written so far is its content."""
        self._flushing, self._dirty = self._dirty, Pending()
        self._encoded = {}

    def taken(self) -> list[bytes]:
        """The keys of the commit under way, in the order of their first writes."""
        return list(self._flushing)

    def encoded(self, key: bytes) -> bytes | None:
        """The bytes of a key of the commit under way; None deletes it."""
        encoded = self._encoded
        if key in encoded:
            return encoded[key]
        value = self._flushing[key]
        raw = encoded[key] = None if value is None else self._values.encode(key, value)
        return raw

    def committed(self, key: bytes) -> bytes | None:
        """The bytes of a key as the commit under way leaves it."""
        return self.encoded(key) if key in self._flushing else self.database.get(key)

    def persisting(self, offset: int) -> Iterator[None]:
        """End a commit, in parts: its content is durable in the changelog up to this offset.

        The last part brings the offset. Who dies before it has some keys of the commit already, and gets all
        of them from the changelog again.
        """
        keys = list(self._flushing)
        last = max(0, len(keys) - 1) // PART * PART
        for start in range(0, last, PART):
            self.database.write(self._changes(keys[start : start + PART]))
            yield
        self.database.write(self._changes(keys[last:]), offset)
        self._flushing = Pending()
        self._encoded = {}

    def persist(self, offset: int) -> None:
        """`persisting`, at once."""
        for _ in self.persisting(offset):
            pass

    def _changes(self, keys: list[bytes]) -> list[Change]:
        return [(key, self.encoded(key)) for key in keys]

    def forget(self) -> None:
        """Drop what is not committed: its records are delivered again."""
        self._dirty, self._flushing, self._encoded = Pending(), Pending(), {}
        self.recent.clear()

    def _decode(self, key: bytes, raw: bytes | None) -> V | None:
        return None if raw is None else self._values.decode(key, raw)
