"""Test driver of a stage, without Kafka: records in, outputs out; flushes, commits and crashes on demand.

    driver = StageTestDriver(stage, codec)
    assert driver.feed("bronze.tracklists", "mixcloud-1", value) == [Emitted(...)]
    driver.feed("bronze.tracklists", "mixcloud-1", value, flush=False)  # as under load
    driver.flush(limit=1)       # of the remembered outputs
    driver.crash(keep=2)        # of the changelog records since the last commit
    driver.redeliver()          # as the group does: from the last commit, in order per topic

It also rejects an error that would only show after some crashes: a table value that was changed in place.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from songnodes.messaging import dead_letters, topics
from stream_processors.runtime.records import FetchedRecord, RecordCodec
from stream_processors.runtime.stage import Stage
from stream_processors.runtime.state.store import Change, Database, Store
from stream_processors.runtime.state.transaction import Headers

DAY_2024 = 1_704_067_200_000  # milliseconds since 1970; records without a time of their own


class ChangedInPlace(AssertionError):
    """A value that was read from or written to a table was changed without being written again"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Emitted:
    """An output, decoded; the value of a tombstone is empty."""

    topic: str
    key: str
    value: dict[str, Any]


class MemoryDatabase:
    """Database in memory, in place of RocksDatabase."""

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
        """Keep the content."""

    def destroy(self) -> None:
        """Delete the content."""
        self.content.clear()
        self.offset = None


class StageTestDriver:
    """One worker, and one partition of every topic."""

    def __init__(self, stage: Stage, codec: RecordCodec) -> None:
        self._stage = stage
        self._codec = codec
        self._logs: dict[str, list[FetchedRecord]] = defaultdict(list)
        self._next_offsets: dict[str, int] = defaultdict(int)
        self._committed_offsets: dict[str, int] = {}
        self._written: dict[tuple[str, bytes], tuple[Any, bytes]] = {}
        self._new_outputs: list[Emitted] = []
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
        flush: bool = True,
    ) -> list[Emitted]:
        """Append a record to a topic (logical name) and handle all unhandled records; return the outputs.

        `value` is encoded unless it is bytes or None already. Without `flush` outputs remain remembered, as
        while more input waits.
        """
        raw = value if value is None or isinstance(value, bytes) else self._codec.encode(topic, dict(value))
        physical = topics.physical(topic, self._stage.settings)
        log = self._logs[physical]
        log.append(
            FetchedRecord(
                topic=physical,
                partition=0,
                offset=len(log),
                timestamp=timestamp,
                key=key.encode(),
                value=raw,
                headers=headers,
            )
        )
        return self.redeliver(flush=flush)

    def redeliver(
        self,
        choose: Callable[[list[str]], str] = lambda waiting_topics: waiting_topics[0],
        *,
        flush: bool = True,
    ) -> list[Emitted]:
        """Handle all unhandled records, in order per topic; `choose` selects the topic of the next one."""
        self._new_outputs = []
        while waiting := [name for name, log in self._logs.items() if self._next_offsets[name] < len(log)]:
            name = choose(waiting)
            record = self._logs[name][self._next_offsets[name]]
            self._next_offsets[name] += 1
            self._stage.process(record, self)
            self._check_values()
        return self._new_outputs + self.flush() if flush else self._new_outputs

    def flush(self, limit: int | None = None) -> list[Emitted]:
        """Produce remembered outputs, at most `limit`, and return them."""
        self._new_outputs = []
        numbers = count(1)
        self._stage.flush(self, lambda: limit is None or next(numbers) < limit)
        return self._new_outputs

    def flush_urgent(self) -> list[Emitted]:
        """Produce the outputs that do not wait for a commit, as an idle stage does, and return them."""
        self._new_outputs = []
        while self._stage.has_urgent_outputs:
            self._stage.flush_urgent(self)
        return self._new_outputs

    def commit(self) -> list[Emitted]:
        """Make everything handled so far durable; return the outputs that the commit flushed."""
        self._stage.begin_commit()
        for store in self._stores():
            store.begin_commit()
        outputs = self.flush()
        for store in self._stores():
            store.persist((store.database.offset or 0) + len(store.commit_keys()))
        self._stage.suspects.pass_commit()
        self._committed_offsets = dict(self._next_offsets)
        self._written.clear()
        return outputs

    def crash(self, keep: int = 0) -> list[Emitted]:
        """Lose everything uncommitted, except the first `keep` changelog records of each table.

        Changelog records are written after the outputs of their commit: with `keep` the remembered outputs
        are produced first, and returned.
        """
        outputs = self.flush() if keep else []
        self._stage.discard_outputs()
        for table in self._stage.tables.values():
            store = table.stores.pop(0)
            store.begin_commit()
            survivors = store.commit_keys()[:keep]
            store.database.write([(key, store.encoded(key)) for key in survivors], 0)
            table.assign({0}, partial(_reuse, store.database))
        self._next_offsets = defaultdict(int, self._committed_offsets)
        self._written.clear()
        self._start_assignment()
        return outputs

    def rewind(self) -> None:
        """Deliver all records from the beginning again, as a replay does."""
        self._next_offsets.clear()
        self._start_assignment()

    def _start_assignment(self) -> None:
        self._stage.catch_up.start(
            (name, 0, len(log)) for name, log in self._logs.items() if self._next_offsets[name] < len(log)
        )

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, headers: Headers | None = None
    ) -> None:
        """Receive an output of the stage."""
        if topic == self._stage.dead_letter_topic:
            reason = dead_letters.read(headers or ())
            if reason is not None:
                self.dead_letters.append((reason, value))
            return
        logical = self._logical(topic)
        decoded = {} if value is None else self._codec.decode(logical, value)
        emitted = Emitted(topic=logical, key=(key or b"").decode(), value=decoded)
        self._new_outputs.append(emitted)
        self.outputs.append(emitted)

    def _logical(self, physical: str) -> str:
        settings = self._stage.settings
        return next(name for name in topics.declared() if topics.physical(name, settings) == physical)

    def _stores(self) -> list[Store[Any]]:
        return [table.stores[0] for table in self._stage.tables.values()]

    def _check_values(self) -> None:
        for name, table in self._stage.tables.items():
            for key, value, raw in table.stores[0].dirty_items():
                previous, previous_raw = self._written.get((name, key), (None, b""))
                if previous is value and raw != previous_raw:
                    raise ChangedInPlace(f"{table.name}: {key!r}")
                self._written[name, key] = (value, raw)


def _reuse(database: Database, partition: int) -> Database:
    """Open a database that survived a crash."""
    return database
