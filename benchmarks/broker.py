"""A Kafka broker of the benchmark's own, and its topics."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from confluent_kafka.admin import NewTopic

from infra.embedded.stack import Stack
from songnodes.messaging import clients, topics
from songnodes.settings import Settings

#: Only Kafka is needed: the other servers have an address, so that they are not started.
NOT_NEEDED = {"database_url": "none", "redis_url": "none", "schema_registry_url": "none"}
NAMESPACE = "bench"
REQUEST_TIMEOUT_S = 10.0  # for a response of the broker
CHANGELOG = {"cleanup.policy": "compact", "compression.type": "lz4"}


@contextmanager
def broker() -> Iterator[Settings]:
    """Start Kafka in a temporary directory; yield the settings of processes that use it."""
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack = Stack(Path(directory), outside=NOT_NEEDED)
        try:
            addresses = stack.start(on_progress=print, parent=os.getpid())
            more = {"home": Path(directory), "namespace": NAMESPACE}
            yield Settings().with_access(addresses).model_copy(update=more)
        finally:
            stack.stop()


def make_topics(settings: Settings, names: Iterable[str], config: dict[str, str] | None = None) -> None:
    """Create topics with the partitions of the project."""
    wanted = [NewTopic(name, topics.partitions(), 1, config=config or {}) for name in names]
    admin = clients.admin(settings)  # a local: without a reference the responses are lost
    for creation in admin.create_topics(wanted, operation_timeout=30).values():
        creation.result()
    topics.wait_for_leaders(admin, dict.fromkeys(names, topics.partitions()))


def drop_topics(settings: Settings, names: Iterable[str]) -> None:
    """Remove topics, so that every round begins with the same disk."""
    admin = clients.admin(settings)
    for dropped in admin.delete_topics(list(names)).values():
        dropped.result()


def _consumer(settings: Settings) -> Consumer:
    return clients.consumer(settings, "bench-reader", **{"auto.offset.reset": "earliest"})


def _parts(topic: str) -> list[TopicPartition]:
    return [TopicPartition(topic, part, OFFSET_BEGINNING) for part in range(topics.partitions())]


def records(settings: Settings, topic: str) -> int:
    """Return the number of records in a topic that was never truncated."""
    consumer = _consumer(settings)
    try:
        return sum(consumer.get_watermark_offsets(tp, timeout=REQUEST_TIMEOUT_S)[1] for tp in _parts(topic))
    finally:
        consumer.close()


def newest(settings: Settings, topic: str) -> dict[bytes, bytes | None]:
    """Return the last value of each key of a changelog."""
    left = records(settings, topic)
    consumer = _consumer(settings)
    values: dict[bytes, bytes | None] = {}
    try:
        consumer.assign(_parts(topic))
        while left > 0:
            batch = consumer.consume(10_000, REQUEST_TIMEOUT_S)
            assert batch, f"{left} records of {topic} are missing"
            for message in batch:
                assert message.error() is None, message.error()
                key, value = message.key(), message.value()
                assert isinstance(key, bytes)
                values[key] = value if isinstance(value, bytes) else None
            left -= len(batch)
        return values
    finally:
        consumer.close()
