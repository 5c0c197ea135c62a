"""Changelog records of a commit, and the repair of records that another writer put between them.

A worker that lost its partitions exits by its lease, but a record passed to librdkafka just before a pause
may still be sent after it. Such a record is between the owner's in the changelog and would be the newest of
its key for the next recovery. The owner detects it as a gap in the offsets of its own records, and writes its
own values of the keys concerned again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stream_processors.runtime.delivery.producer import DeliveryBatch, RecordProducer
from stream_processors.runtime.state.store import Store

#: Records between two turns of the event loop. More increases the latency of events during a commit.
YIELD_INTERVAL_RECORDS = 100

#: (topic, partition, first offset, last offset) -> the keys of the records there. Blocks; runs in a thread.
ReadKeys = Callable[[str, int, int, int], set[bytes]]


@dataclass(slots=True, kw_only=True)
class StoreFlush:
    """Changelog records of one store in one commit."""

    topic: str
    partition: int
    store: Store[Any]
    batch: DeliveryBatch = field(default_factory=DeliveryBatch)

    @property
    def expected_offset(self) -> int:
        """Offset of the first record, if this worker is the only writer since the last commit."""
        offset = self.store.database.offset
        return 0 if offset is None else offset + 1

    @property
    def foreign_records(self) -> int:
        """Number of records of another writer up to the last one of this flush."""
        return self.batch.last + 1 - self.expected_offset - self.batch.count

    async def produce(self, producer: RecordProducer) -> None:
        """Produce the writes of the commit, in the order of first writes."""
        await self._produce_keys(self.store.commit_keys(), producer)

    async def repair(self, producer: RecordProducer, read_keys: ReadKeys) -> int:
        """Produce the values of the keys of foreign records again; return the number of foreign records."""
        total = unrepaired = self.foreign_records
        while unrepaired:
            first = self.expected_offset
            keys = await asyncio.to_thread(read_keys, self.topic, self.partition, first, self.batch.last)
            before = self.batch.last
            await self._produce_keys(sorted(keys), producer)
            await producer.wait_until_delivered([self.batch])
            unrepaired = self.batch.last - before - len(keys)  # written between the repairing records
            total += unrepaired
        return total

    async def _produce_keys(self, keys: list[bytes], producer: RecordProducer) -> None:
        for number, key in enumerate(keys):
            if number % YIELD_INTERVAL_RECORDS == 0:
                await producer.wait_for_capacity()
            value = self.store.committed_bytes(key)
            producer.produce(self.topic, key, value, partition=self.partition, batch=self.batch)
