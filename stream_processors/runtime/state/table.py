"""Tables as agents use them: keys and values in the partition of the active record."""

from collections.abc import Callable
from typing import Generic, TypeVar

from songnodes.attempts import describe
from songnodes.messaging.limits import MAX_VALUE_BYTES
from stream_processors.runtime.errors import Unstorable
from stream_processors.runtime.state.codecs import ValueCodec
from stream_processors.runtime.state.store import Database, Store
from stream_processors.runtime.state.transaction import RecordTransaction

V = TypeVar("V")


class Table(Generic[V]):
    """Durable state of a stage. Keys are bytes; values are replaced, never changed in place.

    `first_version` is the number to which versions of the stage's records add, see `record_versions.py`.
    """

    def __init__(
        self, name: str, values: ValueCodec[V], transaction: RecordTransaction, first_version: int = 0
    ) -> None:
        self.name = name
        self.first_version = first_version
        self._values = values
        self._transaction = transaction
        self.stores: dict[int, Store[V]] = {}  # by partition

    def get(self, key: bytes) -> V | None:
        """Return the value of a key, or None."""
        return self.stores[self._transaction.partition].get(key)

    def __setitem__(self, key: bytes, value: V) -> None:
        self.put(key, value)

    def __delitem__(self, key: bytes) -> None:
        self.put(key, None)

    def move_to_end(self, key: bytes) -> None:
        """Give the next write of the key the last place in the changelog records of the commit.

        Without a write that follows, an uncommitted write of the key keeps its value and takes that place.
        """
        self.stores[self._transaction.partition].move_to_end(key)

    def scan(self, prefix: bytes) -> list[tuple[bytes, V]]:
        """Return the keys that begin with `prefix` and their values, in the order of bytes."""
        return self.stores[self._transaction.partition].scan(prefix)

    def put(self, key: bytes, value: V | None) -> None:
        """Write a value, or None to delete the key."""
        if self._transaction.is_careful and value is not None:
            self._validate(key, value)
        store = self.stores[self._transaction.partition]
        self._transaction.undo_log.append((store, key, store.put(key, value)))

    def _validate(self, key: bytes, value: V) -> None:
        """Raise Unstorable for a value that no commit can write."""
        try:
            size = len(key) + len(self._values.encode(key, value))
        except Exception as error:
            raise Unstorable(f"{self.name}: {describe(error)}") from error
        if size > MAX_VALUE_BYTES:
            raise Unstorable(self.name, size=size, limit=MAX_VALUE_BYTES)

    def assign(self, partitions: set[int], open_database: Callable[[int], Database]) -> None:
        """Make `partitions` the assigned ones: close the databases of others, open missing ones."""
        for revoked in self.stores.keys() - partitions:
            self.stores.pop(revoked).database.close()
        for added in partitions - self.stores.keys():
            self.stores[added] = Store(self._values, open_database(added))
