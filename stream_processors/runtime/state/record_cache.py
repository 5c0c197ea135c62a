"""Record cache: outputs of a stage with tables, produced once per key and flush.

The contract of `Stage.emit` in a stage with tables:

- **Remembered.** The output is stored by (topic, key, part), and a later output of the same identity
  replaces it: ten events between two flushes have one output. `part` keeps apart outputs of one key that do
  not replace each other, such as the facts of two sets about one track. Topics without compaction keep every
  record: their outputs are remembered only with a part, and otherwise produced when the record ends, as dead
  letters always are.
- **Built at the flush** if it is a function. A value is encoded at once, and its record is the dead letter if
  that fails. An agent passes functions for outputs of the one entity that its record changes only: then no
  other output of the record is produced before the function has failed.
- **Flushed** at the latest in the commit that contains its record, before the state of that commit is
  durable; sooner when no input waits, or when the cache exceeds MAX_ENTRIES or MAX_BYTES (the least recently
  written identities then). Outputs of one identity are produced in the order of their records: those of a
  commit in progress come first.
- **Deferred** with `can_wait`: an idle flush leaves it to the commit, so that a few records per second have
  one output per key and second, too. An output that cannot wait takes along an earlier one of its identity.
- **Silent where nothing shown changed.** With `only_changes` an output is dropped at the flush if its
  `shown` is equal to that of the last output *produced* of its identity: of A, B, A between two flushes only
  the first and the last are compared. Unknown is what was produced before this assignment (a crash may have
  left outputs whose inputs the state does not contain, and compaction has removed), before the partition had
  caught up (`catch_up.py`), and what was evicted; the output is produced then.
- **Undone with its record.** A record that becomes a dead letter leaves the entry that was there before it.
- **A function that fails ends the process.** It raises OutputFailed at the flush; nothing is committed, and
  the next process is careful (`quarantine/careful.py`): it calls functions within their record, so that the
  record becomes the dead letter and its state is rolled back. A function that a later output replaces before
  the flush is never called, and its record is not blamed.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator

import msgspec

from stream_processors.runtime.state.transaction import Output

#: Outputs that may be remembered, those of a commit in progress included. One takes 0.1 ms to build and
#: encode, so that a commit or a revocation flushes the largest cache within a second.
MAX_ENTRIES = 10_000
#: Bytes of the remembered outputs; for a function those of its input record, the size of what it holds.
MAX_BYTES = 16 * 1024 * 1024
#: Last `shown` values that are kept, 200 bytes each.
SHOWN_CAPACITY = 1 << 16


#: Topic (its logical name), key and part: outputs of one identity replace each other.
Identity = tuple[str, str, str]


class Entry(msgspec.Struct, frozen=True):
    """A remembered output: functions that encode it and return what it shows, called at the flush.

    A struct is created in a quarter of the time of a named tuple, and one is for every output.
    """

    encode: Callable[[], Output]
    shown: Callable[[], Hashable] | None
    only_changes: bool
    size: int
    can_wait: bool = False  # for the commit


class LruCache:
    """Least recently used cache in memory. A missing key may have been evicted."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: OrderedDict[Hashable, object] = OrderedDict()

    def holds(self, key: Hashable, value: object) -> bool:
        """Return True if the value of this key is there and equal to `value`."""
        return key in self._values and self._values[key] == value

    def put(self, key: Hashable, value: object) -> None:
        """Store a value; evict the least recently stored one if there are too many."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._capacity:
            self._values.popitem(last=False)

    def remove(self, key: Hashable) -> None:
        """Remove a value if it is there."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Remove all values."""
        self._values.clear()


class RecordCache:
    """Remembered outputs of one stage."""

    def __init__(self, shown_capacity: int = SHOWN_CAPACITY, *, is_bounded: bool = True) -> None:
        self.is_bounded = is_bounded
        self._entries: OrderedDict[Identity, Entry] = OrderedDict()
        self._deferred: OrderedDict[Identity, Entry] = OrderedDict()  # those that can wait
        self._committing: OrderedDict[Identity, Entry] = OrderedDict()
        self._shown = LruCache(shown_capacity)
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._entries) + len(self._deferred) + len(self._committing)

    @property
    def is_full(self) -> bool:
        """True while outputs must be flushed before more are remembered; never without bounds."""
        return self.is_bounded and (self._bytes > MAX_BYTES or len(self) > MAX_ENTRIES)

    @property
    def has_urgent(self) -> bool:
        """True while outputs are remembered that an idle flush produces."""
        return bool(self._entries or self._committing)

    @property
    def has_committing(self) -> bool:
        """True while outputs of the commit in progress are not produced."""
        return bool(self._committing)

    def is_current(self, identity: Identity, shown: Hashable) -> bool:
        """Return True if the last output of this identity is produced, and shows the same."""
        is_produced = not any(
            identity in entries for entries in (self._entries, self._deferred, self._committing)
        )
        return is_produced and self._shown.holds(identity, shown)

    def put(self, identity: Identity, entry: Entry) -> Entry | None:
        """Remember an output; return the argument that `undo_put` needs."""
        previous = self._pop(identity)
        self._bytes += entry.size
        if previous is not None:
            self._bytes -= previous.size
            only_changes = entry.only_changes and previous.only_changes
            can_wait = entry.can_wait and previous.can_wait
            if only_changes is not entry.only_changes or can_wait is not entry.can_wait:
                entry = msgspec.structs.replace(entry, only_changes=only_changes, can_wait=can_wait)
        (self._deferred if entry.can_wait else self._entries)[identity] = entry
        return previous

    def undo_put(self, identity: Identity, previous: Entry | None) -> None:
        """Undo a `put` that returned `previous`."""
        undone = self._pop(identity)
        self._bytes -= undone.size if undone else 0
        if previous is not None:
            self.put(identity, previous)

    def _pop(self, identity: Identity) -> Entry | None:
        return self._entries.pop(identity, None) or self._deferred.pop(identity, None)

    def begin_commit(self) -> None:
        """Assign all remembered outputs to the commit that begins; later ones belong to the next."""
        self._committing, self._entries = self._entries, OrderedDict()
        self._committing.update(self._deferred)
        self._deferred = OrderedDict()

    def take(self, may_continue: Callable[[], bool]) -> Iterator[Output]:
        """Remove and yield the next output, and more while the condition is true after each.

        Those of the commit in progress come first, then those that were written least recently, the deferred
        ones last. Silent ones are removed only. Raises what building and encoding raises; the output is lost
        then.
        """
        while entries := self._committing or self._entries or self._deferred:
            identity, entry = entries.popitem(last=False)
            self._bytes -= entry.size
            if (output := self._produce(identity, entry)) is not None:
                yield output
            if not may_continue():
                return

    def _produce(self, identity: Identity, entry: Entry) -> Output | None:
        if entry.shown is None:
            self._shown.remove(identity)
            return entry.encode()
        shown = entry.shown()
        if entry.only_changes and self._shown.holds(identity, shown):
            return None
        output = entry.encode()
        self._shown.put(identity, shown)
        return output

    def discard(self) -> None:
        """Forget everything: records without a commit are delivered again, maybe to another worker."""
        self._entries.clear()
        self._deferred.clear()
        self._committing.clear()
        self._shown.clear()
        self._bytes = 0
