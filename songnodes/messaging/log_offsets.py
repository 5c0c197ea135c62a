"""Topic ids and log offsets, fetched without joining a group or reading a record."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from confluent_kafka import KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from songnodes.errors import KafkaUnreachable, TopicMissing
from songnodes.messaging.positions.consumer import TopicConsumer

REQUEST_TIMEOUT_S = 30.0  # of one request
RETRY_INTERVAL_S = 0.1  # between two attempts of a request
#: Of a request to a partition whose leader, or a group whose coordinator, is being elected.
RETRIABLE_ERRORS = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}

Result = TypeVar("Result")


class Partition(NamedTuple):
    """One partition of a topic, by the topic's name on the broker."""

    topic: str
    number: int


class RecordTime(NamedTuple):
    """Offset and time (ms since 1970) of a record."""

    offset: int
    time_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Offsets of a partition: the oldest record, and the next one to be written."""

    start: int
    end: int

    def first_unread(self, position: int | None) -> int:
        """Return the offset of the first record that a reader at `position` has not read.

        A reader without a position has read nothing. Neither has one whose position is beyond the end: the
        topic was created again. Records removed by retention are not unread.
        """
        return self.start if position is None or position > self.end else max(position, self.start)


def retry_transient(request: Callable[[], Result], timeout_s: float = REQUEST_TIMEOUT_S) -> Result:
    """Retry a request while a leader or coordinator is elected, as after a topic is created or a broker
    fails.
    """
    until = time.monotonic() + timeout_s
    while True:
        try:
            return request()
        except KafkaException as error:
            if error.args[0].code() not in RETRIABLE_ERRORS or time.monotonic() > until:
                raise
            time.sleep(RETRY_INTERVAL_S)


@contextmanager
def translate_kafka_errors() -> Iterator[None]:
    """Translate the client's exceptions into KafkaUnreachable and TopicMissing."""
    try:
        yield
    except KafkaException as error:
        reason = error.args[0]
        if isinstance(reason, KafkaError) and reason.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise TopicMissing(reason.str()) from error
        raise KafkaUnreachable(str(reason)) from error


def topic_ids(admin: AdminClient, names: Iterable[str]) -> dict[str, str]:
    """Return the id of each topic, which differs from that of an earlier topic of the same name.

    Raises TopicMissing, KafkaUnreachable.
    """
    with translate_kafka_errors():
        descriptions = admin.describe_topics(TopicCollection(list(names)))
        return {name: str(future.result().topic_id) for name, future in descriptions.items()}


def partitions(
    admin: AdminClient, names: Iterable[str], *, timeout_s: float = REQUEST_TIMEOUT_S
) -> list[Partition]:
    """Return all partitions of these topics. Raises TopicMissing, KafkaUnreachable."""
    existing = all_partitions(admin, timeout_s=timeout_s)
    result = []
    for name in names:
        if name not in existing:
            raise TopicMissing(name)
        result += existing[name]
    return result


def all_partitions(admin: AdminClient, *, timeout_s: float = REQUEST_TIMEOUT_S) -> dict[str, list[Partition]]:
    """Return the partitions of every topic on the broker, by its name there. Raises KafkaUnreachable."""
    with translate_kafka_errors():
        metadata = admin.list_topics(timeout=timeout_s).topics
    return {
        name: [Partition(name, number) for number in sorted(topic.partitions)]
        for name, topic in metadata.items()
    }


def bounds(
    admin: AdminClient, wanted: Iterable[Partition], *, timeout_s: float = REQUEST_TIMEOUT_S
) -> dict[Partition, Bounds]:
    """Return the first and the next offset of partitions. Raises TopicMissing, KafkaUnreachable."""
    chosen = list(wanted)
    starts = _offsets(admin, dict.fromkeys(chosen, OffsetSpec.earliest()), timeout_s)
    ends = end_offsets(admin, chosen, timeout_s=timeout_s)
    return {partition: Bounds(start=starts[partition], end=ends[partition]) for partition in chosen}


def end_offsets(
    admin: AdminClient, wanted: Iterable[Partition], *, timeout_s: float = REQUEST_TIMEOUT_S
) -> dict[Partition, int]:
    """Return the next offset of partitions. Raises TopicMissing, KafkaUnreachable."""
    return _offsets(admin, dict.fromkeys(wanted, OffsetSpec.latest()), timeout_s)


def offsets_at(
    admin: AdminClient, wanted: Iterable[Partition], moment: datetime
) -> dict[Partition, int | None]:
    """Return the first offset with a record not older than `moment`; None without such a record."""
    spec = OffsetSpec.for_timestamp(int(moment.timestamp() * 1000))
    offsets = _offsets(admin, dict.fromkeys(wanted, spec), REQUEST_TIMEOUT_S)
    return {partition: None if offset < 0 else offset for partition, offset in offsets.items()}


def first_records_since(
    admin: AdminClient, times_ms: Mapping[Partition, int], *, timeout_s: float = REQUEST_TIMEOUT_S
) -> dict[Partition, RecordTime | None]:
    """Return the first record not older than the time of its partition, or None.

    Raises TopicMissing, KafkaUnreachable.
    """
    specs = {partition: OffsetSpec.for_timestamp(time_ms) for partition, time_ms in times_ms.items()}
    answers = _list_offsets(admin, specs, timeout_s)
    return {
        partition: RecordTime(answer.offset, answer.timestamp) if answer.offset >= 0 else None
        for partition, answer in answers.items()
    }


def watermarks(consumer: TopicConsumer, partition: Partition, timeout_s: float) -> Bounds:
    """Return the first and the next offset over a consumer's connection, as inside of its rebalance callback.

    Raises KafkaException.
    """
    offsets = consumer.get_watermark_offsets(TopicPartition(*partition), timeout=timeout_s)
    if offsets is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    return Bounds(start=offsets[0], end=offsets[1])


def _offsets(admin: AdminClient, specs: Mapping[Partition, Any], timeout_s: float) -> dict[Partition, int]:
    return {
        partition: int(answer.offset) for partition, answer in _list_offsets(admin, specs, timeout_s).items()
    }


def _list_offsets(
    admin: AdminClient, specs: Mapping[Partition, Any], timeout_s: float
) -> dict[Partition, Any]:
    if not specs:
        return {}
    request = {TopicPartition(*partition): spec for partition, spec in specs.items()}

    def answers() -> dict[Partition, Any]:
        futures = admin.list_offsets(request, request_timeout=timeout_s)
        return {Partition(at.topic, at.partition): future.result() for at, future in futures.items()}

    with translate_kafka_errors():
        return retry_transient(answers, timeout_s)
