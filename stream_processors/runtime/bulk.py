"""Bulk run of a stage: one partition from empty state to its final state, in memory, without commits.

The agents, tables and the record cache are those of a worker. Every output is remembered until the input
ends, so each key is produced once; the state stays decoded in the write buffer and is encoded once. Nothing
is durable before the end: after a crash the partition, or the part of it, is run again.
"""

from collections.abc import Iterable, Iterator

from stream_processors.runtime.records import RawRecord
from stream_processors.runtime.stage import OutputProducer, Stage
from stream_processors.runtime.state.store import Change, Store


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

        Raises the errors of `Stage.process`.
        """
        count = 0
        for record in records:
            self._stage.process(record, producer)
            count += 1
        return count

    def flush(self, producer: OutputProducer) -> None:
        """Produce the last output of each key. Raises OutputFailed."""
        self._stage.flush(producer, lambda: True)

    def changelog(self) -> Iterator[tuple[str, bytes, bytes | None]]:
        """Yield the records of the changelogs, as one commit would write them: topic, key and value."""
        for topic, store in self._stores.items():
            store.begin_commit()
            for key in store.commit_keys():
                yield topic, key, store.encoded(key)
