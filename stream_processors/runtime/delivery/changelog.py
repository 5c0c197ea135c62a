"""A commit's writes into the changelog, and what is done about another writer's records there.

A worker that lost its partitions exits by its lease, but a record handed to librdkafka just before a pause
may still be sent after it. Such a record stands between ours in the changelog and would be the newest of its
key for whoever recovers next. The owner sees it as a hole in the offsets of its own records, and writes its
own values of the keys concerned again.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stream_processors.runtime.delivery.producer import Bucket, Outbox
from stream_processors.runtime.state.store import Store

#: Records between two chances for the loop. More makes the latency of events during a commit worse.
YIELD_EVERY = 100

#: topic, partition, first and last offset -> the keys of the records there. Blocks; runs in a thread.
ReadKeys = Callable[[str, int, int, int], set[bytes]]


@dataclass(slots=True, kw_only=True)
class Flush:
    """One store's part of a commit."""

    topic: str
    partition: int
    store: Store[Any]
    bucket: Bucket = field(default_factory=Bucket)

    @property
    def expected(self) -> int:
        """The offset that the first record has when nobody else wrote since the last commit."""
        offset = self.store.database.offset
        return 0 if offset is None else offset + 1

    @property
    def foreign(self) -> int:
        """Records of another writer up to our last one."""
        return self.bucket.last + 1 - self.expected - self.bucket.count

    async def produce(self, outbox: Outbox) -> None:
        """Hand over the taken writes, in the order of first writes."""
        await self._produce(self.store.taken(), outbox)

    async def repair(self, outbox: Outbox, read_keys: ReadKeys) -> int:
        """Write our values of the keys of foreign records again; returns how many such records there were."""
        found = self.foreign
        left = found
        while left:
            first = self.expected
            keys = await asyncio.to_thread(read_keys, self.topic, self.partition, first, self.bucket.last)
            before = self.bucket.last
            await self._produce(sorted(keys), outbox)
            await outbox.delivered([self.bucket])
            left = self.bucket.last - before - len(keys)  # what came between the repairing records
            found += left
        return found

    async def _produce(self, keys: list[bytes], outbox: Outbox) -> None:
        for number, key in enumerate(keys):
            if number % YIELD_EVERY == 0:
                await outbox.room()
            value = self.store.committed(key)
            outbox.produce(self.topic, key, value, partition=self.partition, bucket=self.bucket)
