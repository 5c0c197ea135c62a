"""The thread of a feed on a log in memory: batches ahead, pauses, retries, errors."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from confluent_kafka import KafkaError, Message

from sinks.feed import DECODE_RETRY_INTERVAL_S, IDLE_TIMEOUT_S, MAX_BATCHES_AHEAD, Batch, Feed
from songnodes.errors import ConsumerEnded, ConsumerFailed, Transient
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.positioned_consumer import RETRY_INTERVAL_S
from tests.support.in_memory_log import InMemoryConsumer, InMemoryLog
from tests.support.manual_timer import ManualTimer

GROUP = "group"
BATCH = 3
TIMEOUT_S = 20


class Table:
    """Listener with positions in memory."""

    def __init__(self) -> None:
        self.stored: dict[int, int] = {}
        self.generation = 0
        self.owned: set[int] = set()
        self.errors: list[Exception] = []
        self.assignments = 0

    async def assigned(self, generation: int, partitions: Mapping[int, Bounds]) -> Mapping[int, int]:
        self.assignments += 1
        if self.errors:
            raise self.errors.pop(0)
        self.generation, self.owned = generation, set(partitions)
        return {part: self.stored.setdefault(part, log.start) for part, log in partitions.items()}

    def revoked(self, generation: int) -> None:
        self.generation, self.owned = generation, set()


class Setup:
    """A feed with its log, table and time."""

    def __init__(self, *, skips: bool = False, partitions: int = 1) -> None:
        self.log = InMemoryLog()
        self.topic = self.log.create_topic(partitions)
        self.table = Table()
        self.timer = ManualTimer(skips=skips)
        self.client: InMemoryConsumer = self.log.consumer(GROUP, instance_id="place")
        self.decode_errors: list[Exception] = []
        self.feed: Feed[list[int | None]] = Feed(
            self.client, self.topic, self.table, self._decode, BATCH, self.timer
        )

    def publish(self, count: int, part: int = 0) -> None:
        self.log.publish(self.topic, part, *[b"value"] * count)

    async def next(self) -> Batch[list[int | None]]:
        return await asyncio.wait_for(self.feed.next(), TIMEOUT_S)

    def _decode(self, messages: list[Message]) -> list[int | None]:
        if self.decode_errors:
            raise self.decode_errors.pop(0)
        return [message.offset() for message in messages]


@asynccontextmanager
async def started(**options: Any) -> AsyncIterator[Setup]:
    setup = Setup(**options)
    setup.publish(7)
    setup.feed.start()
    try:
        yield setup
    finally:
        await asyncio.wait_for(setup.feed.close(), TIMEOUT_S)


async def wait_for(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT_S):
        while not condition():
            await asyncio.sleep(0.001)


async def test_batches_are_decoded_in_order() -> None:
    async with started(skips=True) as setup:
        first, second = await setup.next(), await setup.next()
        assert (first.content, first.ends) == ([0, 1, 2], {0: 3})
        assert (second.content, second.ends) == ([3, 4, 5], {0: 6})
        assert first.generation == second.generation == setup.table.generation == 1


async def test_the_thread_is_two_batches_ahead_and_then_pauses_the_partitions() -> None:
    async with started() as setup:
        await wait_for(lambda: setup.timer.pauses[-1:] == [IDLE_TIMEOUT_S])
        assert setup.feed._ready.qsize() == MAX_BATCHES_AHEAD
        assert setup.client.paused == set()
        setup.timer.advance(IDLE_TIMEOUT_S)
        await wait_for(lambda: setup.client.paused == {Partition(setup.topic, 0)})
        for _ in range(MAX_BATCHES_AHEAD):
            await setup.next()
        setup.feed.ack()
        assert (await setup.next()).content == [6]
        assert setup.client.paused == set()


async def test_an_idle_consumer_is_polled_so_that_it_notices_its_end() -> None:
    async with started() as setup:
        await wait_for(lambda: setup.timer.pauses[-1:] == [IDLE_TIMEOUT_S])
        successor = setup.log.consumer(GROUP, instance_id="place")
        successor.subscribe([setup.topic])
        setup.timer.advance(IDLE_TIMEOUT_S)
        for _ in range(MAX_BATCHES_AHEAD):
            await setup.next()
        with pytest.raises(ConsumerEnded):
            await setup.next()


async def test_a_revoked_batch_has_an_older_generation_than_the_listener() -> None:
    async with started(skips=True) as setup:
        batch = await setup.next()
        setup.log.expire(setup.client)
        setup.feed.ack()
        await wait_for(lambda: setup.table.generation == 3)
        assert batch.generation == 1
        while (batch := await setup.next()).generation != setup.table.generation:
            setup.feed.ack()
        assert batch.content[0] == 0, "read from the stored position again"


async def test_an_assignment_is_repeated_after_a_transient_error() -> None:
    async with started(skips=True) as setup:
        setup.table.errors = [Transient("down")]
        setup.log.expire(setup.client)
        await wait_for(lambda: setup.table.assignments >= 3)
        assert RETRY_INTERVAL_S in setup.timer.pauses
        assert setup.table.owned == {0}


async def test_an_error_of_the_listener_ends_the_feed() -> None:
    setup = Setup()
    setup.table.errors = [ValueError("no rule")]
    setup.feed.start()
    with pytest.raises(ValueError, match="no rule"):
        await setup.next()
    await setup.feed.close()
    assert setup.client.is_closed


async def test_decoding_is_repeated_while_the_registry_does_not_respond() -> None:
    setup = Setup(skips=True)
    setup.decode_errors = [Transient("registry"), Transient("registry")]
    setup.publish(2)
    setup.feed.start()
    assert (await setup.next()).content == [0, 1]
    assert setup.timer.pauses.count(DECODE_RETRY_INTERVAL_S) >= 2
    await setup.feed.close()


async def test_a_feed_that_waits_for_the_registry_can_be_closed() -> None:
    setup = Setup()
    setup.decode_errors = [Transient("registry")] * 1000
    setup.publish(2)
    setup.feed.start()
    await wait_for(lambda: DECODE_RETRY_INTERVAL_S in setup.timer.pauses)
    await asyncio.wait_for(setup.feed.close(), TIMEOUT_S)
    assert setup.feed._ready.empty()
    assert setup.client.is_closed


async def test_a_feed_whose_listener_waits_can_be_closed() -> None:
    setup, is_waiting = Setup(), asyncio.Event()

    async def forever(generation: int, partitions: Mapping[int, Bounds]) -> Mapping[int, int]:
        is_waiting.set()
        await asyncio.Event().wait()
        return {}

    setup.table.assigned = forever  # type: ignore[method-assign]
    setup.feed.start()
    await asyncio.wait_for(is_waiting.wait(), TIMEOUT_S)
    await asyncio.wait_for(setup.feed.close(), TIMEOUT_S)
    assert setup.client.is_closed


async def test_an_error_of_the_consumer_ends_the_feed_after_the_batches_before() -> None:
    async with started(skips=True) as setup:
        await setup.next()
        setup.client.fail(KafkaError.TOPIC_AUTHORIZATION_FAILED)
        setup.feed.ack()
        with pytest.raises(ConsumerFailed):
            while True:
                await setup.next()
                setup.feed.ack()


async def test_positions_are_committed_when_assigned_and_when_written() -> None:
    async with started(skips=True) as setup:
        await wait_for(lambda: setup.log.committed(GROUP) == {Partition(setup.topic, 0): 0})
        batch = await setup.next()
        setup.feed.commit_async(batch.ends)
        setup.feed.ack()
        await wait_for(lambda: setup.log.committed(GROUP) == {Partition(setup.topic, 0): 3})


async def test_a_feed_that_never_started_can_be_closed() -> None:
    setup = Setup()
    await setup.feed.close()
