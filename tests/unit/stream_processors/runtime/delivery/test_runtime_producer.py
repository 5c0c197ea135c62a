"""`RecordProducer` over a producer that acknowledges on command."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from songnodes.errors import NotAcknowledged
from stream_processors.runtime.delivery import producer as producers
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.delivery.producer import DeliveryBatch, RecordProducer
from stream_processors.runtime.errors import LeaseExpired, StateTooLarge


class Message:
    """A delivery report; its length is that of the record's value."""

    def __init__(self, topic: str, value: bytes | None, offset: int) -> None:
        self._topic = topic
        self._size = len(value or b"")
        self._offset = offset

    def __len__(self) -> int:
        return self._size

    def topic(self) -> str:
        return self._topic

    def offset(self) -> int:
        return self._offset


class ManualProducer:
    """The used methods of librdkafka's producer, with manual acknowledgements."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Callable[[Any, Any], None], str, Any]] = []
        self.acknowledged = 0
        self.refuses: list[BaseException] = []
        self.acknowledges_on_poll = False
        self.flushes = 0

    def __len__(self) -> int:
        return len(self.waiting)

    def produce(self, topic: str, value: Any, key: Any, partition: int, report: Any, **rest: Any) -> None:
        if self.refuses:
            raise self.refuses.pop(0)
        self.waiting.append((report, topic, value))

    def poll(self, timeout: float) -> None:
        if self.acknowledges_on_poll:
            self.acknowledge(len(self.waiting))

    def flush(self, timeout: float) -> None:
        self.flushes += 1

    def acknowledge(self, count: int = 1, error: Any = None) -> None:
        for _ in range(count):
            report, topic, value = self.waiting.pop(0)
            report(error, Message(topic, value, self.acknowledged))
            self.acknowledged += 1


def fail(reason: BaseException) -> NoReturn:
    raise reason


@pytest.fixture
def kafka() -> ManualProducer:
    return ManualProducer()


@pytest.fixture
def record_producer(kafka: ManualProducer) -> RecordProducer:
    producer: Any = kafka
    return RecordProducer(producer, Lease(10), fail)


async def test_a_wait_covers_earlier_records_but_no_later_ones(
    record_producer: RecordProducer, kafka: ManualProducer
) -> None:
    record_producer.produce("t", b"k", b"1")
    record_producer.produce("t", b"k", b"2")
    waiting = asyncio.create_task(record_producer.wait_until_delivered(record_producer.start_new_batch()))
    record_producer.produce("t", b"k", b"later")
    await asyncio.sleep(0.01)
    kafka.acknowledge(1)
    await asyncio.sleep(0.01)
    assert not waiting.done()
    kafka.acknowledge(1)
    await asyncio.wait_for(waiting, 1)
    assert len(kafka) == 1


async def test_a_later_commit_waits_for_records_of_an_earlier_one(
    record_producer: RecordProducer, kafka: ManualProducer
) -> None:
    record_producer.produce("t", b"k", b"1")
    record_producer.start_new_batch()
    record_producer.produce("t", b"k", b"2")
    batches = record_producer.start_new_batch()
    assert sum(batch.pending for batch in batches) == 2
    kafka.acknowledge(2)
    await record_producer.flush()


def test_a_batch_has_its_last_delivered_offset(
    record_producer: RecordProducer, kafka: ManualProducer
) -> None:
    batch = producers.DeliveryBatch()
    record_producer.produce("t", b"k", b"1")
    for _ in range(3):
        record_producer.produce("t", b"k", b"2", batch=batch)
    kafka.acknowledge(4)
    assert (batch.last, batch.count, batch.pending) == (3, 3, 0)


def test_all_records_of_a_batch_share_their_delivery_report(
    record_producer: RecordProducer, kafka: ManualProducer
) -> None:
    batch = producers.DeliveryBatch()
    for _ in range(2):
        record_producer.produce("t", b"k", b"1", batch=batch)
    record_producer.produce("t", b"k", b"1")
    changelog, same, output = (report for report, _, _ in kafka.waiting)
    assert changelog is same
    assert changelog is not output


def test_records_are_sent_at_once_after_a_pause_and_then_by_the_linger(
    record_producer: RecordProducer, kafka: ManualProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(producers, "monotonic", lambda: now[0])
    record_producer.send()
    assert kafka.flushes == 0  # nothing to send
    record_producer.produce("t", b"k", b"1")
    record_producer.send()
    record_producer.produce("t", b"k", b"2")
    now[0] += 0.9 * producers.SEND_INTERVAL_S
    record_producer.send()
    assert kafka.flushes == 1
    now[0] += 0.2 * producers.SEND_INTERVAL_S
    record_producer.send()
    assert kafka.flushes == 2


async def test_a_commit_does_not_wait_for_the_linger(
    record_producer: RecordProducer, kafka: ManualProducer
) -> None:
    record_producer.produce("t", b"k", b"1")
    record_producer.send()
    kafka.acknowledges_on_poll = True
    await record_producer.flush()
    assert kafka.flushes == 2
    await record_producer.flush()
    assert kafka.flushes == 2  # nothing is pending


def test_librdkafka_sends_before_the_linger_ends() -> None:
    options = {"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "linger.ms": 200_000, "log_level": 0}
    record_producer = RecordProducer(Producer(options), Lease(10), fail)
    record_producer.produce("t", b"k", b"1")
    asyncio.run(asyncio.wait_for(sent_until_delivered(record_producer), 60))


async def sent_until_delivered(record_producer: RecordProducer) -> None:
    while record_producer.pending_records:
        record_producer.send()
        record_producer.poll()
        await asyncio.sleep(0.01)


def test_librdkafka_reports_the_size_of_each_value() -> None:
    """The bytes that a report frees equal those counted when its record was produced."""
    options = {"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0}
    record_producer = RecordProducer(Producer(options), Lease(10), fail)
    for value in (b"x" * 1000, b"", None):
        record_producer.produce("t", b"k", value)
    (batch,) = record_producer.start_new_batch()
    asyncio.run(record_producer.wait_until_delivered([batch]))
    assert (batch.count, batch.pending, record_producer._pending_bytes) == (3, 0, 0)


def test_a_failed_delivery_is_fatal(record_producer: RecordProducer, kafka: ManualProducer) -> None:
    record_producer.produce("topic", b"k", b"1")
    with pytest.raises(NotAcknowledged, match="topic"):
        kafka.acknowledge(1, KafkaError(KafkaError._MSG_TIMED_OUT))


def test_state_that_is_too_large_is_reported_with_its_key(
    record_producer: RecordProducer, kafka: ManualProducer
) -> None:
    record_producer.produce("t", b"k", b"1")
    with pytest.raises(NotAcknowledged):
        kafka.acknowledge(1, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
    record_producer.produce("t", b"k", b"1", batch=DeliveryBatch())
    with pytest.raises(StateTooLarge):
        kafka.acknowledge(1, KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))


def test_refusals_are_reported(record_producer: RecordProducer, kafka: ManualProducer) -> None:
    kafka.refuses = [KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))]
    with pytest.raises(StateTooLarge):
        record_producer.produce("t", b"k", b"1")
    kafka.refuses = [KafkaException(KafkaError(KafkaError._UNKNOWN_TOPIC))]
    with pytest.raises(NotAcknowledged):
        record_producer.produce("t", b"k", b"1")
    assert all(batch.pending == 0 for batch in record_producer.start_new_batch())


def test_a_full_queue_is_waited_for(record_producer: RecordProducer, kafka: ManualProducer) -> None:
    kafka.refuses = [BufferError(), BufferError()]
    record_producer.produce("t", b"k", b"1")
    assert len(kafka) == 1


async def test_capacity_is_limited_by_records_and_by_bytes(
    record_producer: RecordProducer, kafka: ManualProducer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(producers, "MAX_PENDING_RECORDS", 3)
    monkeypatch.setattr(producers, "MAX_PENDING_BYTES", 100)
    record_producer.produce("t", b"k", b"x" * 101)
    assert record_producer.is_full
    kafka.acknowledge()
    for _ in range(4):
        record_producer.produce("t", b"k", b"x")
    assert record_producer.is_full
    kafka.acknowledges_on_poll = True
    await asyncio.wait_for(record_producer.wait_for_capacity(), 1)
    assert not record_producer.is_full
    assert record_producer.pending_records == 0


async def test_nothing_is_written_without_the_lease(kafka: ManualProducer) -> None:
    now = [0.0]
    lease = Lease(10, lambda: now[0])
    lease.renew(0)
    lease.activate()
    producer: Any = kafka
    record_producer = RecordProducer(producer, lease, fail)
    record_producer.produce("t", b"k", b"1")
    now[0] = 7
    with pytest.raises(LeaseExpired):
        record_producer.produce("t", b"k", b"2")
    with pytest.raises(LeaseExpired):
        record_producer.poll()
    with pytest.raises(LeaseExpired):
        await record_producer.flush()
    assert len(kafka) == 1
