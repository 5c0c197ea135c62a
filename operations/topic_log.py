"""Reading a range of a topic's log. Nothing here joins a group or commits."""

import time
from collections.abc import Iterator, Mapping

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from songnodes.errors import KafkaUnreachable
from songnodes.messaging import clients, topics
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

SILENCE_TIMEOUT_S = 30.0  # without a record, after which the broker counts as down
MAX_BATCH_RECORDS = 16  # records may be 8 MiB each
POLL_TIMEOUT_S = 1.0  # also the delay with which silence is noticed


def read(settings: Settings, ranges: Mapping[Partition, Bounds]) -> Iterator[Message]:
    """Yield the records of these ranges, in order within a partition; deleted ones are skipped.

    Raises KafkaUnreachable when no record arrives for SILENCE_TIMEOUT_S.
    """
    waiting = {
        partition: wanted_range
        for partition, wanted_range in ranges.items()
        if wanted_range.start < wanted_range.end
    }
    if not waiting:
        return
    consumer = clients.consumer(
        settings,
        topics.group("operator", settings),
        **{"enable.partition.eof": True, "auto.offset.reset": "earliest", "log_level": 0},
    )
    try:
        consumer.assign(
            [TopicPartition(partition.topic, partition.number, s.start) for partition, s in waiting.items()]
        )
        yield from _read_until_done(consumer, waiting)
    finally:
        consumer.close()


def _read_until_done(consumer: Consumer, waiting: dict[Partition, Bounds]) -> Iterator[Message]:
    last_record_at = time.monotonic()
    while waiting:
        for message in _poll_batch(consumer):
            last_record_at = time.monotonic()
            partition = Partition(str(message.topic()), message.partition() or 0)
            wanted_range = waiting.get(partition)
            if wanted_range is None:
                continue
            offset = _offset(message, wanted_range)
            if offset < wanted_range.end and message.error() is None:
                yield message
            if offset >= wanted_range.end - 1:
                del waiting[partition]
                consumer.pause([TopicPartition(partition.topic, partition.number)])
        if time.monotonic() - last_record_at > SILENCE_TIMEOUT_S:
            raise KafkaUnreachable(f"no record arrived for {SILENCE_TIMEOUT_S:.0f} s")


def _poll_batch(consumer: Consumer) -> list[Message]:
    """Return the records available as soon as there is one; `consume` alone would wait for a whole batch."""
    first = consumer.poll(POLL_TIMEOUT_S)
    return [] if first is None else [first, *consumer.consume(MAX_BATCH_RECORDS - 1, timeout=0)]


def _offset(message: Message, wanted_range: Bounds) -> int:
    """Return the offset of a record, or the end of the range when the partition has no more."""
    error = message.error()
    if error is None:
        return message.offset() or 0
    if error.code() == KafkaError._PARTITION_EOF:
        return wanted_range.end
    raise KafkaUnreachable(error.str())
