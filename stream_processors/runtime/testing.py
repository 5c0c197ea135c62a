"""A stage without Kafka, for tests: records in, outputs out; commits, crashes and redelivery by hand.

    offline = Offline(stage)
    assert offline.feed("bronze.tracklists", "mixcloud-1", value) == [Emitted(...)]
    offline.crash(keep=2)        # of the changelog records since the last commit
    offline.redeliver()          # as the group does: from the last commit, in order per topic

It also refuses what would only fail on some crash: a value of a table that was changed in place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from songnodes.messaging import dead_letters, topics
from stream_processors.runtime.records import Codec, Fetched
from stream_processors.runtime.stage import Stage
from stream_processors.runtime.state.store import Change, Store
from stream_processors.runtime.state.transaction import Headers

DAY_2024 = 1_704_067_200_000  # milliseconds since 1970; records without a time of their own


class ChangedInPlace(AssertionError):
    """A value that a table gave or took was changed afterwards without being written"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """An output, decoded; the value of a tombstone is empty."""

    topic: str
    key: str
    value: dict[str, Any]


class MemoryDatabase:
    """The twin of RocksDatabase."""

    def __init__(self) -> None:
        self.content: dict[bytes, bytes] = {}
        self.offset: int | None = None

    def get(self, key: bytes) -> bytes | None:
        return self.content.get(key)

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return iter(sorted(item for item in self.content.items() if item[0].startswith(prefix)))

    def write(self, changes: Iterable[Change], offset: int | None = None) -> None:
        for key, value in list(changes):
            if value is None:
                self.content.pop(key, None)
            else:
                self.content[key] = value
        if offset is not None:
            self.offset = offset

    def close(self) -> None:
        """Nothing to close."""


class Offline:
    """One worker with one partition of everything."""

    def __init__(self, stage: Stage, codec: Codec) -> None:
        self._stage = stage
        self._codec = codec
        self._logs: dict[str, list[Fetched]] = defaultdict(list)
        self._next: dict[str, int] = defaultdict(int)
        self._committed: dict[str, int] = {}
        self._written: dict[tuple[str, bytes], tuple[Any, bytes]] = {}
        self._fresh: list[Emitted] = []
        self.outputs: list[Emitted] = []
        self.dead_letters: list[tuple[dead_letters.Reason, bytes | None]] = []
        for table in stage.tables.values():
            table.assign({0}, lambda partition: MemoryDatabase())

    def feed(
        self,
        topic: str,
        key: str,
        value: Mapping[str, Any] | bytes | None,
        *,
        timestamp: int = DAY_2024,
        headers: tuple[tuple[str, bytes], ...] = (),
    ) -> list[Emitted]:
        """Append a record to a topic (logical name) and handle all that is not handled; returns the outputs.

        `value` is encoded unless it is bytes or None already.
        """
        raw = value if value is None or isinstance(value, bytes) else self._codec.encode(topic, dict(value))
        physical = topics.physical(topic, self._stage.settings)
        log = self._logs[physical]
        log.append(
            Fetched(
                topic=physical,
                partition=0,
                offset=len(log),
                timestamp=timestamp,
                key=key.encode(),
                value=raw,
                headers=headers,
            )
        )
        return self.redeliver()

    def redeliver(self, choose: Callable[[list[str]], str] = lambda waiting: waiting[0]) -> list[Emitted]:
        """Handle what is not handled, in order per topic; `choose` says from which topic the next comes."""
        self._fresh = []
        while waiting := [name for name, log in self._logs.items() if self._next[name] < len(log)]:
            name = choose(waiting)
            record = self._logs[name][self._next[name]]
            self._next[name] += 1
            self._stage.process(record, self)
            self._check_values()
        return self._fresh

    def commit(self) -> None:
        """Make all that is done durable."""
        for store in self._stores():
            store.take()
            store.persist((store.database.offset or 0) + len(store.taken()))
        self._committed = dict(self._next)
        self._written.clear()

    def crash(self, keep: int = 0) -> None:
        """Lose what is not committed, but for the first `keep` changelog records of each table."""
        for table in self._stage.tables.values():
            store = table.stores.pop(0)
            store.take()
            kept = store.taken()[:keep]
            store.database.write([(key, store.encoded(key)) for key in kept], 0)
            durable = store.database
            table.assign({0}, lambda partition, durable=durable: durable)  # type: ignore[misc]
        self._next = defaultdict(int, self._committed)
        self._written.clear()

    def rewind(self) -> None:
        """Deliver everything from the beginning again, as a replay does."""
        self._next.clear()

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, headers: Headers | None = None
    ) -> None:
        """Takes the stage's outputs."""
        if topic == self._stage.dead_letter_topic:
            reason = dead_letters.read(headers or ())
            if reason is not None:
                self.dead_letters.append((reason, value))
            return
        logical = self._logical(topic)
        decoded = {} if value is None else self._codec.decode(logical, value)
        emitted = Emitted(topic=logical, key=(key or b"").decode(), value=decoded)
        self._fresh.append(emitted)
        self.outputs.append(emitted)

    def _logical(self, physical: str) -> str:
        settings = self._stage.settings
        return next(name for name in topics.declared() if topics.physical(name, settings) == physical)

    def _stores(self) -> list[Store[Any]]:
        return [table.stores[0] for table in self._stage.tables.values()]

    def _check_values(self) -> None:
        for name, table in self._stage.tables.items():
            for key, value, raw in table.stores[0].dirty():
                before, raw_before = self._written.get((name, key), (None, b""))
                if before is value and raw != raw_before:
                    raise ChangedInPlace(f"{table.name}: {key!r}")
                self._written[name, key] = (value, raw)
