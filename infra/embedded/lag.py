"""Lag of each consumer group, from Kafka alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from songnodes.access import Access
from songnodes.messaging.clients import connection
from songnodes.messaging.committed import Committed

REQUEST_TIMEOUT_S = 10.0  # of the broker
#: Seconds to wait for the oldest records; those that do not arrive are left out.
READ_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLag:
    """Records of a group's topics that it has not committed. `oldest` is the time of the first of them."""

    group: str
    records: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Position:
    """Position of a group in a partition: it has not processed `next` to `end`, exclusive."""

    topic: str
    partition: int
    next: int
    end: int


def groups(
    access: Access, namespace: str = "", declared: Mapping[str, Sequence[str]] | None = None
) -> list[GroupLag]:
    """Return the lag of every group of one pipeline, by name.

    A group in `declared` (group -> topics) is behind by all records of these topics, committed or not, and
    whether the broker has heard of the group or not. Any other counts in topics that it has committed
    something in. Raises KafkaException where the broker is away.
    """
    declared = declared or {}
    admin = AdminClient({**connection(access), "log_level": 0})
    prefix = f"{namespace}.songnodes-" if namespace else "songnodes-"
    listed = admin.list_consumer_groups(request_timeout=REQUEST_TIMEOUT_S).result()
    names = sorted(
        {*declared, *(group.group_id for group in listed.valid if group.group_id.startswith(prefix))}
    )
    partitions = {
        name: sorted(topic.partitions)
        for name, topic in admin.list_topics(timeout=REQUEST_TIMEOUT_S).topics.items()
    }
    return [_lag(admin, access, name, partitions, declared.get(name)) for name in names]


def without_members(access: Access, groups: Iterable[str]) -> list[str]:
    """Return those of the groups that no process has joined, as far as the broker knows.

    While its coordinator is elected, as after the start of a broker, a group counts as not joined.
    """
    admin = AdminClient({**connection(access), "log_level": 0})
    described = admin.describe_consumer_groups(list(groups), request_timeout=REQUEST_TIMEOUT_S)
    return [name for name, answer in described.items() if not _has_members(answer)]


def _has_members(answer: Any) -> bool:
    try:
        return bool(answer.result().members)
    except KafkaException:
        return False


def _lag(
    admin: AdminClient,
    access: Access,
    group: str,
    partitions: Mapping[str, list[int]],
    declared: Sequence[str] | None,
) -> GroupLag:
    positions = _positions(admin, access, group, partitions, declared)
    behind = [position for position in positions if position.end > position.next]
    return GroupLag(
        group=group,
        records=sum(position.end - position.next for position in behind),
        oldest=_oldest(access, behind),
    )


def _positions(
    admin: AdminClient,
    access: Access,
    group: str,
    partitions: Mapping[str, list[int]],
    declared: Sequence[str] | None,
) -> Iterable[_Position]:
    """All partitions of the topics that the group is declared to read, else of those it has committed in.

    A partition without a commit counts from its start: the group has not come to it yet. So does one whose
    commit is beyond its end: the topic was made again since.
    """
    every_place = [(topic, number) for topic, numbers in partitions.items() for number in numbers]
    reader = Committed(access, group)
    try:
        committed = reader.offsets(every_place, REQUEST_TIMEOUT_S)
    finally:
        reader.close()
    read = (topic for topic, _ in committed) if declared is None else declared
    topics = {topic for topic in read if topic in partitions}
    every = [TopicPartition(topic, number) for topic in topics for number in partitions[topic]]
    ends = _offsets(admin, every, OffsetSpec.latest())
    starts = _offsets(admin, every, OffsetSpec.earliest())
    for place, end in ends.items():
        done = committed.get(place, 0)
        first = max(done if done <= end else 0, starts[place])  # records removed by retention are no lag
        yield _Position(topic=place[0], partition=place[1], next=first, end=end)


def _offsets(
    admin: AdminClient, partitions: list[TopicPartition], spec: OffsetSpec
) -> dict[tuple[str, int], int]:
    if not partitions:
        return {}
    results: Mapping[TopicPartition, Any] = admin.list_offsets(
        dict.fromkeys(partitions, spec), request_timeout=REQUEST_TIMEOUT_S
    )
    return {
        (partition.topic, partition.partition): int(result.result().offset)
        for partition, result in results.items()
    }


def _oldest(access: Access, behind: Iterable[_Position]) -> datetime | None:
    """Return the earliest time among the first records not done, one of each partition."""
    waiting = {(position.topic, position.partition): position.next for position in behind}
    if not waiting:
        return None
    consumer = Consumer(
        {
            **connection(access),
            "group.id": "status",  # never joined, never committed
            "enable.auto.commit": False,
            "enable.partition.eof": True,  # the rest of a compacted partition may be empty
            "auto.offset.reset": "earliest",
            "max.partition.fetch.bytes": 65536,
            "log_level": 0,
        }
    )
    times = []
    try:
        consumer.assign([TopicPartition(topic, number, next) for (topic, number), next in waiting.items()])
        while waiting and (message := consumer.poll(READ_TIMEOUT_S)) is not None:
            place = (message.topic() or "", message.partition() or 0)
            error = message.error()
            if error is not None and error.code() != KafkaError._PARTITION_EOF:
                raise KafkaException(error)
            if waiting.pop(place, None) is not None and error is None:
                times.append(message.timestamp()[1])
    finally:
        consumer.close()
    return datetime.fromtimestamp(min(times) / 1000, UTC) if times else None
