"""Bulk run of a stage: one partition from empty state to its final state, in memory, without commits.

The agents, tables and the record cache are those of a worker. Every output is remembered until the input
ends, so each key is produced once; the state stays decoded in the write buffer and is encoded once. Nothing
is durable before the end: after a crash the partition, or the part of it, is run again.
"""

from collections.abc import Iterable, Iterator
from time import monotonic

from songnodes.attempts import describe
from songnodes.errors import Fatal, Transient
from songnodes.messaging.limits import MAX_VALUE_BYTES
from stream_processors.runtime.errors import OutputFailed, StateTooLarge
from stream_processors.runtime.records import RawRecord
from stream_processors.runtime.stage import OutputProducer, Stage
from stream_processors.runtime.state.store import Change, Store

#: Time after which a flush sets the alarms of `suspects` again.
FLUSH_S = 1.0
#: Records that fail before a run ends early.
MAX_FAILURES = 100


class RecordsFailed(Exception):
    """Records raised unforeseen errors. The run has no result: run a new stage with the same `suspects`."""


class EmptyDatabase:
    """Database without content, under a write buffer that is never committed to it."""

    offset: int | None = None

    def get(self, key: bytes) -> bytes | None:
        return None

    def scan(self, prefix: bytes) -> Iterator[tuple[bytes, bytes]]:
        return iter(())

    def write(self, changes: Iterable[Change], offset: int | None = None) -> None:
        raise NotImplementedError("a bulk run does not commit")

    def close(self) -> None:
        """Do nothing."""

    def destroy(self) -> None:
        """Do nothing."""


class BulkRun:
    """One run of a new stage over records of one partition.

    Call `process` with all records, in order per topic, then `flush`, then `changelog`.
    """

    def __init__(self, stage: Stage, partition: int) -> None:
        stage.remember_all_outputs()
        self._stage = stage
        self._stores: dict[str, Store[object]] = {}
        for changelog, table in stage.tables.items():
            table.assign({partition}, lambda _: EmptyDatabase())
            self._stores[changelog] = table.stores[partition]

    def process(self, records: Iterable[RawRecord], producer: OutputProducer) -> int:
        """Handle records and return their number; `producer` receives the dead letters.

        Raises RecordsFailed after all records if some raised unforeseen errors: all of them are identified by
        one run. Raises Transient and Fatal as `Stage.process`.
        """
        count = failures = 0
        for record in records:
            try:
                self._stage.process(record, producer)
            except (Transient, Fatal):
                raise
            except Exception as error:
                self._stage.undo_record()
                failures, last = failures + 1, describe(error)
                if failures == MAX_FAILURES:
                    break
            count += 1
        if failures:
            raise RecordsFailed(f"{failures} records, the last: {last}")
        return count

    def flush(self, producer: OutputProducer) -> None:
        """Produce the last output of each key. Raises OutputFailed."""
        while self._stage.has_outputs:
            until = monotonic() + FLUSH_S
            self._stage.flush(producer, lambda: monotonic() < until)  # noqa: B023  # called at once

    def changelog(self) -> Iterator[tuple[str, bytes, bytes | None]]:
        """Yield the records of the changelogs, as one commit would write them: topic, key and value.

        Each value is dropped when it is encoded: the stage is part of reference cycles, so the garbage
        collector would have to traverse the state of the whole part later. Raises OutputFailed for a value
        that cannot be encoded, and StateTooLarge.
        """
        for topic, store in self._stores.items():
            store.begin_commit()
            for key, value in _encodable(topic, store.drain()):
                size = len(key) + len(value or b"")
                if size > MAX_VALUE_BYTES:
                    raise StateTooLarge(topic=topic, size=size)
                yield topic, key, value


def _encodable(topic: str, changes: Iterator[Change]) -> Iterator[Change]:
    """Yield the changes. Raises OutputFailed for what encoding raises."""
    try:
        yield from changes
    except Exception as error:
        raise OutputFailed(f"{topic}: {describe(error)}") from error
