"""A consumer of a topic that the broker does not know yet, as while it starts."""

import time
from collections.abc import Callable, Mapping

import pytest

from songnodes.messaging import clients, topics
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.positioned_consumer import PositionedConsumer, RecordBatch
from songnodes.settings import Settings

TIMEOUT_S = 60.0


class FromStart:
    """Positions of a table without rows."""

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        return {partition: bounds.start for partition, bounds in logs.items()}

    def revoked(self, generation: int) -> None:
        """Nothing is stored."""


def test_a_topic_is_read_when_the_broker_knows_it(
    pipeline_settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    topic = topics.physical("silver.credits", pipeline_settings)
    client = clients.consumer(pipeline_settings, topics.group("late", pipeline_settings))
    consumer = PositionedConsumer(client, FromStart(), batch_records=10)
    consumer.subscribe([topic])
    try:
        fetch_until(consumer, lambda _: "topic_unknown" in capfd.readouterr().out)
        topics.apply(clients.admin(pipeline_settings), pipeline_settings)
        producer = clients.producer(pipeline_settings)
        producer.produce(topic, b"value", b"key")
        assert producer.flush(TIMEOUT_S) == 0
        batch = fetch_until(consumer, lambda batch: batch is not None)
    finally:
        consumer.close()
    assert batch is not None and [message.value() for message in batch.messages] == [b"value"]


def fetch_until(
    consumer: PositionedConsumer, is_done: Callable[[RecordBatch | None], bool]
) -> RecordBatch | None:
    deadline = time.monotonic() + TIMEOUT_S
    while not is_done(batch := consumer.fetch()):
        assert time.monotonic() < deadline
    return batch
