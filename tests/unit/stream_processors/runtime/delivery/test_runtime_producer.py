"""The outbox, over a producer that acknowledges when told to."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from confluent_kafka import KafkaError, KafkaException

from stream_processors.runtime.delivery import producer as outboxes
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.delivery.producer import Bucket, Outbox
from stream_processors.runtime.errors import DeliveryFailed, LeaseEnded, StateTooLarge


class Message:
    def __init__(self, offset: int) -> None:
        self._offset = offset

    def offset(self) -> int:
        return self._offset


class ByHand:
    """librdkafka's producer, as far as it is used."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[Any, Any], None]] = []
        self.acknowledged = 0
        self.refuses: list[BaseException] = []
        self.acknowledges_on_poll = False

    def __len__(self) -> int:
        return len(self.waiting)

    def produce(self, topic: str, value: Any, key: Any, partition: int, report: Any, **rest: Any) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.waiting.append(report)

    def poll(self, timeout: float) -> None:
        if self.acknowledges_on_poll:
            self.acknowledge(len(self.waiting))

    def acknowledge(self, count: int = 1, error: Any = None) -> None:
        for _ in range(count):
            self.waiting.pop(0)(error, Message(self.acknowledged))
            self.acknowledged += 1


def fail(reason: BaseException) -> NoReturn:
    raise reason


@pytest.fixture
def kafka() -> ByHand:
    return ByHand()


@pytest.fixture
def outbox(kafka: ByHand) -> Outbox:
    producer: Any = kafka
    return Outbox(producer, Lease(10), fail)


async def test_waits_for_what_was_produced_before_and_not_for_what_comes_later(
    outbox: Outbox, kafka: ByHand
) -> None:
    outbox.produce("t", b"k", b"1")
    outbox.produce("t", b"k", b"2")
    waiting = asyncio.create_task(outbox.delivered(outbox.take()))
    outbox.produce("t", b"k", b"later")
    await asyncio.sleep(0.01)
    kafka.acknowledge(1)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    kafka.acknowledge(1)
    await asyncio.wait_for(waiting, 1)
    assert len(kafka) == 1


async def test_a_later_commit_also_waits_for_what_an_earlier_one_left(outbox: Outbox, kafka: ByHand) -> None:
    outbox.produce("t", b"k", b"1")
    outbox.take()
    outbox.produce("t", b"k", b"2")
    buckets = outbox.take()
    assert sum(bucket.open for bucket in buckets) == 2
    kafka.acknowledge(2)
    await outbox.flush()


def test_a_bucket_knows_the_offsets_it_got(outbox: Outbox, kafka: ByHand) -> None:
    bucket = outboxes.Bucket()
    outbox.produce("t", b"k", b"1")
    for _ in range(3):
        outbox.produce("t", b"k", b"2", bucket=bucket)
    kafka.acknowledge(4)
    assert (bucket.first, bucket.last, bucket.count, bucket.open) == (1, 3, 3, 0)


def test_a_failed_delivery_is_the_end(outbox: Outbox, kafka: ByHand) -> None:
    outbox.produce("t", b"k", b"1")
    with pytest.raises(DeliveryFailed):
        kafka.acknowledge(1, KafkaError(KafkaError._MSG_TIMED_OUT))


def test_state_that_the_broker_finds_too_large_is_named(outbox: Outbox, kafka: ByHand) -> None:
    outbox.produce("t", b"k", b"1")
    with pytest.raises(DeliveryFailed):
        kafka.acknowledge(1, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    outbox.produce("t", b"k", b"1", bucket=Bucket())
    with pytest.raises(StateTooLarge):
        kafka.acknowledge(1, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))


def test_refusals_are_named(outbox: Outbox, kafka: ByHand) -> None:
    kafka.refuses = [KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))]
    with pytest.raises(StateTooLarge):
        outbox.produce("t", b"k", b"1")
    kafka.refuses = [KafkaException(KafkaError(KafkaError._UNKNOWN_TOPIC))]
    with pytest.raises(DeliveryFailed):
        outbox.produce("t", b"k", b"1")
    assert all(bucket.open == 0 for bucket in outbox.take())


def test_a_full_queue_is_waited_for(outbox: Outbox, kafka: ByHand) -> None:
    kafka.refuses = [BufferError(), BufferError()]
    outbox.produce("t", b"k", b"1")
    assert len(kafka) == 1


async def test_room_by_records_and_by_bytes(
    outbox: Outbox, kafka: ByHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outboxes, "HIGH_WATER", 3)
    monkeypatch.setattr(outboxes, "HIGH_WATER_BYTES", 100)
    outbox.produce("t", b"k", b"x" * 101)
    assert outbox.full
    kafka.acknowledge()
    for _ in range(4):
        outbox.produce("t", b"k", b"x")
    assert outbox.full
    kafka.acknowledges_on_poll = True
    await asyncio.wait_for(outbox.room(), 1)
    assert not outbox.full
    assert outbox.waiting == 0


async def test_nothing_is_written_without_the_lease(kafka: ByHand) -> None:
    now = [0.0]
    lease = Lease(10, lambda: now[0])
    lease.renew(0)
    lease.hold()
    producer: Any = kafka
    outbox = Outbox(producer, lease, fail)
    outbox.produce("t", b"k", b"1")
    now[0] = 7
    with pytest.raises(LeaseEnded):
        outbox.produce("t", b"k", b"2")
    with pytest.raises(LeaseEnded):
        outbox.poll()
    with pytest.raises(LeaseEnded):
        await outbox.flush()
    assert len(kafka) == 1
