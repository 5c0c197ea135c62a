"""Batches of a sink whose partitions are reassigned during a fetch."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from confluent_kafka import Consumer, Message

from sinks.feed import IDLE_TIMEOUT_S, Feed
from songnodes.errors import ConsumerEnded
from songnodes.messaging import clients, topics
from songnodes.messaging.log_offsets import Bounds
from songnodes.settings import Settings
from tests.integration.operations.topic_records import make_topics

TOPIC = "bronze.events"
RECORDS = 120
SIZE = 5  # records per batch
RecordId = tuple[int, int]  # partition and offset


class Table:
    """Positions like a sink's table: a batch must begin at the stored position."""

    def __init__(self) -> None:
        self.generation = 0
        self.assignments = 0
        self.stored: dict[int, int] = {}
        self.owned: set[int] = set()
        self.written: set[RecordId] = set()

    async def assigned(self, generation: int, partitions: Mapping[int, Bounds]) -> Mapping[int, int]:
        self.generation, self.owned = generation, set(partitions)
        self.assignments += 1
        return {part: self.stored.setdefault(part, log.start) for part, log in partitions.items()}

    def revoked(self, generation: int) -> None:
        self.generation, self.owned = generation, set()

    def write(self, ends: Mapping[int, int], records: list[RecordId]) -> None:
        for part, end in ends.items():
            assert part in self.owned, f"partition {part} is not assigned"
            offsets = sorted(offset for at, offset in records if at == part)
            assert offsets[0] == self.stored[part], (
                f"{offsets} of partition {part} written at {self.stored[part]}"
            )
            self.stored[part] = end
        self.written |= set(records)


class Interrupted:
    """A consumer whose group gets a second member after the first record of a batch."""

    def __init__(self, consumer: Consumer, second_member: Consumer, topic: str) -> None:
        self._consumer = consumer
        self._other = second_member
        self._topic = topic
        self._calls = 0
        self.feed: Feed[Any] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._consumer, name)

    def consume(self, count: int, timeout: float) -> list[Message]:
        self._calls += 1
        if self._calls != 2 or self.feed is None:
            return self._consumer.consume(count, timeout)
        self._other.subscribe([self._topic])
        messages: list[Message] = []
        before = self._generation()
        while self._generation() < before + 2:  # revoked and assigned again
            messages += self._consumer.consume(count, 0.1)
        return messages

    def _generation(self) -> int:
        assert self.feed is not None
        return self.feed._consumer._generation


async def test_a_batch_never_mixes_two_assignments(pipeline_settings: Settings) -> None:
    """A mixed batch would move the position past the records between both, which would never be written."""
    topic = _publish(pipeline_settings, RECORDS)

    def member() -> Consumer:
        return clients.consumer(pipeline_settings, topics.group("feed", pipeline_settings), **OPTIONS)

    second = member()
    interrupted: Any = Interrupted(member(), second, topic)
    table = Table()
    feed: Feed[list[RecordId]] = Feed(interrupted, topic, table, _record_ids, SIZE)
    interrupted.feed = feed
    feed.start()
    late = asyncio.get_running_loop().time() + 60
    while table.assignments < 2:  # nothing is written before
        assert asyncio.get_running_loop().time() < late
        await asyncio.sleep(0.1)
    second.close()  # its partitions are assigned to the feed again
    while len(table.written) < RECORDS:
        batch = await asyncio.wait_for(feed.next(), 60)
        if batch.generation == table.generation:
            table.write(batch.ends, batch.content)
        feed.ack()
    await feed.close()


@pytest.mark.parametrize("records", [0, RECORDS], ids=["idle", "with batches that are not taken"])
async def test_a_removed_consumer_raises_an_error(pipeline_settings: Settings, records: int) -> None:
    """Kafka reports the removal once. A sink that missed it would stop with its partitions unread."""
    topic = _publish(pipeline_settings, records)
    group, place = topics.group("feed", pipeline_settings), {**OPTIONS, "group.instance.id": "place"}
    table = Table()
    feed: Feed[list[RecordId]] = Feed(
        clients.consumer(pipeline_settings, group, **place), topic, table, _record_ids, SIZE
    )
    feed.start()
    late = asyncio.get_running_loop().time() + 60
    while not table.owned:
        assert asyncio.get_running_loop().time() < late
        await asyncio.sleep(0.1)
    replacement = clients.consumer(pipeline_settings, group, **place)
    replacement.subscribe([topic])
    await asyncio.to_thread(replacement.poll, IDLE_TIMEOUT_S + 5)
    with pytest.raises(ConsumerEnded, match="fenced"):
        while True:
            await asyncio.wait_for(feed.next(), 30)
    await feed.close()
    replacement.close()


#: A group that rebalances soon.
OPTIONS = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300, "auto.offset.reset": "earliest"}


def _publish(settings: Settings, records: int) -> str:
    """Create a topic with `records` records; return its name on the broker."""
    make_topics(settings, TOPIC)
    topic = topics.physical(TOPIC, settings)
    producer = clients.producer(settings)
    for number in range(records):
        producer.produce(topic, b"value", f"key {number}")
    assert producer.flush(30) == 0
    return topic


def _record_ids(messages: list[Message]) -> list[RecordId]:
    return [(message.partition() or 0, message.offset() or 0) for message in messages]
