"""Tables as agents see them: keys and values of the partition of the record being handled."""

from collections.abc import Callable
from functools import partial
from typing import Any, Generic, TypeVar

from songnodes.attempts import describe
from songnodes.messaging.limits import MAX_VALUE_BYTES
from stream_processors.runtime.errors import Unstorable
from stream_processors.runtime.state.codecs import ValueCodec
from stream_processors.runtime.state.store import Database, Store
from stream_processors.runtime.state.transaction import Effects

V = TypeVar("V")


class Table(Generic[V]):
    """Durable state of a stage. Keys are bytes; values are replaced, never changed in place."""

    def __init__(self, name: str, values: ValueCodec[V], effects: Effects) -> None:
        self.name = name
        self._values = values
        self._effects = effects
        self.stores: dict[int, Store[V]] = {}

    def get(self, key: bytes) -> V | None:
        """The value of a key, or None."""
        return self.stores[self._effects.partition].get(key)

    def __setitem__(self, key: bytes, value: V) -> None:
        self._put(key, value)

    def __delitem__(self, key: bytes) -> None:
        self._put(key, None)

    def scan(self, prefix: bytes) -> list[tuple[bytes, V]]:
        """Keys that begin with `prefix` with their values, in the order of bytes."""
        return self.stores[self._effects.partition].scan(prefix)

    def note(self, key: bytes, value: object) -> Any:
        """Note something in memory; returns what was noted before, since this worker got the partition.

        None if nothing was, or too long ago. A record that turns out to be poison has noted nothing.
        """
        recent = self.stores[self._effects.partition].recent
        before = recent.note(key, value)
        self._effects.undo.append(partial(recent.put_back, key, before))
        return before

    def _put(self, key: bytes, value: V | None) -> None:
        if self._effects.careful and value is not None:
            self._check(key, value)
        store = self.stores[self._effects.partition]
        self._effects.undo.append(partial(store.put_back, key, store.put(key, value)))

    def _check(self, key: bytes, value: V) -> None:
        """Raise Unstorable for a value that no commit can write."""
        try:
            size = len(key) + len(self._values.encode(key, value))
        except Exception as error:
            raise Unstorable(f"{self.name}: {describe(error)}") from error
        if size > MAX_VALUE_BYTES:
            raise Unstorable(self.name, size=size, limit=MAX_VALUE_BYTES)

    def assign(self, partitions: set[int], opened: Callable[[int], Database]) -> None:
        """Hold exactly these partitions: close the others, open what is missing."""
        for gone in self.stores.keys() - partitions:
            self.stores.pop(gone).database.close()
        for new in partitions - self.stores.keys():
            self.stores[new] = Store(self._values, opened(new))
