"""One partition of a table: writes in memory over RocksDB, written back at the commit."""

from collections.abc import Iterable, Iterator
from typing import Any, Generic, Protocol, TypeVar

from stream_processors.runtime.pending import Pending
from stream_processors.runtime.values import ValueCodec

V = TypeVar("V")
Change = tuple[bytes, bytes | None]


class Database(Protocol):
    """Durable keys and values of one partition, with the changelog offset they stand for."""

    def get(self, key: bytes) -> bytes | None: ...

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]: ...

    def write(self, changes: Iterable[Change], offset: int) -> None: ...

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
        try:
            return self._encoded[key]
        except KeyError:
            value = self._flushing[key]
            raw = None if value is None else self._values.encode(key, value)
            self._encoded[key] = raw
            return raw

    def committed(self, key: bytes) -> bytes | None:
        """The bytes of a key as the commit under way leaves it."""
        return self.encoded(key) if key in self._flushing else self.database.get(key)

    def persist(self, offset: int) -> None:
        """End a commit: its content is durable in the changelog up to this offset."""
        self.database.write(((key, self.encoded(key)) for key in self._flushing), offset)
        self._flushing = Pending()
        self._encoded = {}

    def forget(self) -> None:
        """Drop what is not committed: its records are delivered again."""
        self._dirty, self._flushing, self._encoded = Pending(), Pending(), {}

    def _decode(self, key: bytes, raw: bytes | None) -> V | None:
        return None if raw is None else self._values.decode(key, raw)
