"""The log of a topic: where its partitions begin and end, and reading a stretch of it.

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

from songnodes.errors import NotUsable, Transient
from songnodes.messaging import clients, topics
from songnodes.settings import Settings

ANSWER_TIMEOUT = 30.0  # seconds, of one request
SILENCE = 30.0  # seconds without a record before the broker counts as away
AT_ONCE = 16  # records taken together: they may be 8 MiB each
POLL = 1.0  # seconds; the silence is noticed that much later
PAUSE = 0.1  # seconds between two tries of a request
PASSING = {
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
}

Answer = TypeVar("Answer")


class KafkaDown(Transient):
    """Kafka does not answer"""


class NoSuchTopic(NotUsable):
    """The broker does not have a topic"""

    remedy = "`songnodes topics apply` makes it"


class Partition(NamedTuple):
    """One partition of a topic, by the topic's name on the broker."""

    topic: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Offsets of a partition: its oldest record, and the next one to be written."""

    start: int
    end: int


def patiently(request: Callable[[], Answer]) -> Answer:
    """Ask again while a leader or coordinator is elected, as after a topic was made or a broker went."""
    until = time.monotonic() + ANSWER_TIMEOUT
    while True:
        try:
            return request()
        except KafkaException as error:
            if error.args[0].code() not in PASSING or time.monotonic() > until:
                raise
            time.sleep(PAUSE)


@contextmanager
def answering() -> Iterator[None]:
    """Turn what the client raises for a silent broker into KafkaDown."""
    try:
        yield
    except KafkaException as error:
        reason = error.args[0]
        if isinstance(reason, KafkaError) and reason.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
            raise NoSuchTopic(reason.str()) from error
        raise KafkaDown(str(reason)) from error


def partitions(admin: AdminClient, names: Iterable[str]) -> list[Partition]:
    """All partitions of these topics. Raises NoSuchTopic, KafkaDown."""
    with answering():
        there = admin.list_topics(timeout=ANSWER_TIMEOUT).topics
    found = []
    for name in names:
        if name not in there:
            raise NoSuchTopic(name)
        found += [Partition(name, number) for number in sorted(there[name].partitions)]
    return found


def bounds(admin: AdminClient, wanted: Iterable[Partition]) -> dict[Partition, Bounds]:
    """Where partitions begin and end. Raises NoSuchTopic, KafkaDown."""
    chosen = list(wanted)
    starts = _offsets(admin, {each: OffsetSpec.earliest() for each in chosen})
    last = ends(admin, chosen)
    return {each: Bounds(start=starts[each], end=last[each]) for each in chosen}


def ends(admin: AdminClient, wanted: Iterable[Partition]) -> dict[Partition, int]:
    """Where partitions end. Raises NoSuchTopic, KafkaDown."""
    return _offsets(admin, {each: OffsetSpec.latest() for each in wanted})


def since(admin: AdminClient, wanted: Iterable[Partition], moment: datetime) -> dict[Partition, int | None]:
    """The first offset whose record is not older than the moment; None where there is no such record."""
    spec = OffsetSpec.for_timestamp(int(moment.timestamp() * 1000))
    found = _offsets(admin, {each: spec for each in wanted})
    return {each: None if offset < 0 else offset for each, offset in found.items()}


def _offsets(admin: AdminClient, specs: Mapping[Partition, Any]) -> dict[Partition, int]:
    if not specs:
        return {}
    with answering():
        return patiently(lambda: _offsets_once(admin, specs))


def _offsets_once(admin: AdminClient, specs: Mapping[Partition, Any]) -> dict[Partition, int]:
    request = {TopicPartition(each.topic, each.number): spec for each, spec in specs.items()}
    answers = admin.list_offsets(request, request_timeout=ANSWER_TIMEOUT)
    return {Partition(at.topic, at.partition): future.result().offset for at, future in answers.items()}


def read(settings: Settings, stretches: Mapping[Partition, Bounds]) -> Iterator[Message]:
    """The records of these stretches, in order within a partition; what was deleted meanwhile is left out.

    Raises KafkaDown when nothing comes for `SILENCE` seconds.
    """
    waiting = {each: stretch for each, stretch in stretches.items() if stretch.start < stretch.end}
    if not waiting:
        return
    consumer = clients.consumer(
        settings,
        topics.group("operator", settings),
        **{"enable.partition.eof": True, "auto.offset.reset": "earliest", "log_level": 0},
    )
    try:
        consumer.assign([TopicPartition(at.topic, at.number, s.start) for at, s in waiting.items()])
        yield from _until_done(consumer, waiting)
    finally:
        consumer.close()


def _until_done(consumer: Consumer, waiting: dict[Partition, Bounds]) -> Iterator[Message]:
    heard = time.monotonic()
    while waiting:
        for message in _fetched(consumer):
            heard = time.monotonic()
            at = Partition(str(message.topic()), message.partition() or 0)
            stretch = waiting.get(at)
            if stretch is None:
                continue
            offset = _offset(message, stretch)
            if offset < stretch.end and message.error() is None:
                yield message
            if offset >= stretch.end - 1:
                del waiting[at]
                consumer.pause([TopicPartition(at.topic, at.number)])
        if time.monotonic() - heard > SILENCE:
            raise KafkaDown(f"no record came for {SILENCE:.0f} s")


def _fetched(consumer: Consumer) -> list[Message]:
    """What is there as soon as something is; `consume` alone would wait for the rest of its batch."""
    first = consumer.poll(POLL)
    return [] if first is None else [first, *consumer.consume(AT_ONCE - 1, timeout=0)]


def _offset(message: Message, stretch: Bounds) -> int:
    """Of a record, or the stretch's end where the partition has nothing more."""
    error = message.error()
    if error is None:
        return message.offset() or 0
    if error.code() == KafkaError._PARTITION_EOF:
        return stretch.end
    raise KafkaDown(error.str())
