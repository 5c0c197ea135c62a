"""End of the archive's log that no sink has stored yet."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from enrichment.gateway.archive import TOPIC, Place
from songnodes.domain import enrichments
from songnodes.errors import KafkaUnreachable, Poison
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.log_offsets import Bounds
from songnodes.settings import Settings

GROUP = "enrich-archive"  # never joined: positions are the sink's
READ_TIMEOUT_S = 60.0  # without any record
POLL_TIMEOUT_S = 1.0
REQUEST_TIMEOUT_S = 10.0
BATCH_RECORDS = 500


def records_after(
    settings: Settings, codec: Codec, positions: Mapping[int, int], partitions: frozenset[int]
) -> Iterator[tuple[Place, str, str, dict[str, Any] | None]]:
    """Yield place, subject, attempt id and record from the positions to the ends; None for a withdrawn one.

    A partition without a position is read from its start. Raises KafkaUnreachable.
    """
    topic = topics.physical(TOPIC, settings)
    consumer = clients.consumer(settings, topics.group(GROUP, settings))
    try:
        left: dict[int, int] = {}
        starts = []
        for number in sorted(partitions):
            low, high = consumer.get_watermark_offsets(TopicPartition(topic, number), REQUEST_TIMEOUT_S)
            start = Bounds(start=low, end=high).first_unread(positions.get(number))
            if start < high:
                left[number] = high
                starts.append(TopicPartition(topic, number, start))
        if starts:
            consumer.assign(starts)
            yield from _read(consumer, codec, topic, left)
    finally:
        consumer.close()


def _read(
    consumer: Consumer, codec: Codec, topic: str, left: dict[int, int]
) -> Iterator[tuple[Place, str, str, dict[str, Any] | None]]:
    deadline = time.monotonic() + READ_TIMEOUT_S
    while left:
        for message in consumer.consume(BATCH_RECORDS, POLL_TIMEOUT_S):
            if message.error() is not None:
                continue
            deadline = time.monotonic() + READ_TIMEOUT_S
            key, value = message.key(), message.value()
            try:
                subject, attempt_id = enrichments.split_key((key or b"").decode())
                place = Place(message.partition() or 0, message.offset() or 0)
                yield place, subject, attempt_id, None if value is None else codec.decode(TOPIC, value)
            except (Poison, ValueError):
                pass  # the sink makes it a dead letter
        left = {
            number: end
            for number, end in left.items()
            if consumer.position([TopicPartition(topic, number)])[0].offset < end
        }
        if time.monotonic() > deadline:
            raise KafkaUnreachable("the archive cannot be read to its end")
