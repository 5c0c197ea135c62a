"""What a sink is handed when partitions change hands amid a fetch."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest
from confluent_kafka import Consumer, Message

from sinks.feed import IDLE_TIMEOUT_S, Feed
from sinks.offsets import Log
from songnodes.errors import ConsumerEnded
from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from tests.integration.operations.mail import make_topics

TOPIC = "bronze.events"
RECORDS = 120
SIZE = 5  # records per batch
PLACE = tuple[int, int]


class Table:
    """Positions as a sink's table has them: a batch may only go on where they stand."""

    def __init__(self) -> None:
        self.generation = 0
        self.assignments = 0
        self.stored: dict[int, int] = {}
        self.held: set[int] = set()
        self.written: set[PLACE] = set()

    async def assigned(self, generation: int, partitions: Mapping[int, Log]) -> Mapping[int, int]:
        self.generation, self.held = generation, set(partitions)
        self.assignments += 1
        return {part: self.stored.setdefault(part, log.low) for part, log in partitions.items()}

    def revoked(self, generation: int) -> None:
        self.generation, self.held = generation, set()

    def write(self, ends: Mapping[int, int], records: list[PLACE]) -> None:
        for part, end in ends.items():
            assert part in self.held, f"partition {part} is not ours"
            found = sorted(offset for at, offset in records if at == part)
            assert found[0] == self.stored[part], (
                f"{found} of partition {part} written at {self.stored[part]}"
            )
            self.stored[part] = end
        self.written |= set(records)


class Interrupted:
    """A consumer whose group gets another member between the first record of a batch and the others."""

    def __init__(self, consumer: Consumer, other: Consumer, topic: str) -> None:
        self._consumer = consumer
        self._other = other
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
        found: list[Message] = []
        before = self.feed._generation
        while self.feed._generation < before + 2:  # given up, and got again
            found += self._consumer.consume(count, 0.1)
        return found


async def test_a_batch_never_mixes_two_assignments(pipeline_settings: Settings) -> None:
    """It would move the position past the records between both, and nobody would ever write them."""
    topic = _published(pipeline_settings, RECORDS)

    def member() -> Consumer:
        return clients.consumer(pipeline_settings, topics.group("feed", pipeline_settings), **HASTY)

    other = member()
    interrupted: Any = Interrupted(member(), other, topic)
    table = Table()
    feed: Feed[list[PLACE]] = Feed(interrupted, topic, table, _places, SIZE)
    interrupted.feed = feed
    feed.start()
    late = asyncio.get_running_loop().time() + 60
    while table.assignments < 2:  # nothing is written before
        assert asyncio.get_running_loop().time() < late
        await asyncio.sleep(0.1)
    other.close()  # what it got comes back
    while len(table.written) < RECORDS:
        batch = await asyncio.wait_for(feed.next(), 60)
        if batch.generation == table.generation:
            table.write(batch.ends, batch.content)
        feed.done()
    await feed.close()


@pytest.mark.parametrize("records", [0, RECORDS], ids=["idle", "with batches that nobody takes"])
async def test_a_consumer_that_was_ended_ends_its_feed(pipeline_settings: Settings, records: int) -> None:
    """Kafka says it once. A sink that missed it stood still for ever, with its partitions nobody's."""
    topic = _published(pipeline_settings, records)
    group, place = topics.group("feed", pipeline_settings), {**HASTY, "group.instance.id": "place"}
    table = Table()
    feed: Feed[list[PLACE]] = Feed(
        clients.consumer(pipeline_settings, group, **place), topic, table, _places, SIZE
    )
    feed.start()
    late = asyncio.get_running_loop().time() + 60
    while not table.held:
        assert asyncio.get_running_loop().time() < late
        await asyncio.sleep(0.1)
    other = clients.consumer(pipeline_settings, group, **place)
    other.subscribe([topic])
    await asyncio.to_thread(other.poll, IDLE_TIMEOUT_S + 5)
    with pytest.raises(ConsumerEnded, match="fenced"):
        while True:
            await asyncio.wait_for(feed.next(), 30)
    await feed.close()
    other.close()


#: A group that does not wait for members.
HASTY = {"session.timeout.ms": 6000, "heartbeat.interval.ms": 300, "auto.offset.reset": "earliest"}


def _published(settings: Settings, records: int) -> str:
    """The name on the broker of a new topic with so many records."""
    make_topics(settings, TOPIC)
    topic = topics.physical(TOPIC, settings)
    producer = clients.producer(settings)
    for number in range(records):
        producer.produce(topic, b"value", f"key {number}")
    assert producer.flush(30) == 0
    return topic


def _places(messages: list[Message]) -> list[PLACE]:
    return [(message.partition() or 0, message.offset() or 0) for message in messages]
