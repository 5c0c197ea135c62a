"""Log of a topic: offsets of its partitions, and reading a range of them.

Nothing here joins a group or commits.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from songnodes.errors import Transient, UserError
from songnodes.messaging import clients, topics
from songnodes.settings import Settings

REQUEST_TIMEOUT_S = 30.0  # of one request
SILENCE_TIMEOUT_S = 30.0  # without a record, after which the broker counts as down
MAX_BATCH_RECORDS = 16  # records may be 8 MiB each
POLL_TIMEOUT_S = 1.0  # also the delay with which silence is noticed
RETRY_INTERVAL_S = 0.1  # between two attempts of a request
RETRIABLE_ERRORS = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}

Result = TypeVar("Result")


class KafkaDown(Transient):
    """Kafka does not answer"""


class NoSuchTopic(UserError):
    """The broker does not have a topic"""

    remedy = "`songnodes topics apply` creates it"


class Partition(NamedTuple):
    """One partition of a topic, by the topic's name on the broker."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Offsets of a partition: the oldest record, and the next one to be written."""

    start: int
    end: int


def retry_transient(request: Callable[[], Result]) -> Result:
    """Retry a request while a leader or coordinator is elected, as after a topic is created or a broker
    fails.
    """
    until = time.monotonic() + REQUEST_TIMEOUT_S
    while True:
        try:
            return request()
        except KafkaException as error:
            if error.args[0].code() not in RETRIABLE_ERRORS or time.monotonic() > until:
                raise
            time.sleep(RETRY_INTERVAL_S)


@contextmanager
def translate_kafka_errors() -> Iterator[None]:
    """Translate the client's exceptions into KafkaDown and NoSuchTopic."""
    try:
        yield
    except KafkaException as error:
        reason = error.args[0]
        if isinstance(reason, KafkaError) and reason.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise NoSuchTopic(reason.str()) from error
        raise KafkaDown(str(reason)) from error


def partitions(admin: AdminClient, names: Iterable[str]) -> list[Partition]:
    """Return all partitions of these topics. Raises NoSuchTopic, KafkaDown."""
    with translate_kafka_errors():
        metadata = admin.list_topics(timeout=REQUEST_TIMEOUT_S).topics
    result = []
    for name in names:
        if name not in metadata:
            raise NoSuchTopic(name)
        result += [Partition(name, number) for number in sorted(metadata[name].partitions)]
    return result


def bounds(admin: AdminClient, wanted: Iterable[Partition]) -> dict[Partition, Bounds]:
    """Return the first and the next offset of partitions. Raises NoSuchTopic, KafkaDown."""
    chosen = list(wanted)
    starts = _offsets(admin, {partition: OffsetSpec.earliest() for partition in chosen})
    ends = end_offsets(admin, chosen)
    return {partition: Bounds(start=starts[partition], end=ends[partition]) for partition in chosen}


def end_offsets(admin: AdminClient, wanted: Iterable[Partition]) -> dict[Partition, int]:
    """Return the next offset of partitions. Raises NoSuchTopic, KafkaDown."""
    return _offsets(admin, {partition: OffsetSpec.latest() for partition in wanted})


def offsets_at(
    admin: AdminClient, wanted: Iterable[Partition], moment: datetime
) -> dict[Partition, int | None]:
    """Return the first offset with a record not older than `moment`; None without such a record."""
    spec = OffsetSpec.for_timestamp(int(moment.timestamp() * 1000))
    offsets = _offsets(admin, {partition: spec for partition in wanted})
    return {partition: None if offset < 0 else offset for partition, offset in offsets.items()}


def _offsets(admin: AdminClient, specs: Mapping[Partition, Any]) -> dict[Partition, int]:
    if not specs:
        return {}
    with translate_kafka_errors():
        return retry_transient(lambda: _offsets_once(admin, specs))


def _offsets_once(admin: AdminClient, specs: Mapping[Partition, Any]) -> dict[Partition, int]:
    request = {TopicPartition(partition.topic, partition.number): spec for partition, spec in specs.items()}
    answers = admin.list_offsets(request, request_timeout=REQUEST_TIMEOUT_S)
    return {
        Partition(partition.topic, partition.partition): future.result().offset
        for partition, future in answers.items()
    }


def read(settings: Settings, ranges: Mapping[Partition, Bounds]) -> Iterator[Message]:
    """Yield the records of these ranges, in order within a partition; deleted ones are skipped.

    Raises KafkaDown when no record arrives for SILENCE_TIMEOUT_S.
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
            raise KafkaDown(f"no record arrived for {SILENCE_TIMEOUT_S:.0f} s")


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
    raise KafkaDown(error.str())
