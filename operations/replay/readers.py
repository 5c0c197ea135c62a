"""Who reads topics and keeps a position in them: stages by their consumer groups, sinks by rows."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any, Protocol

import psycopg
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from operations import log
from operations.database import statement
from operations.log import Partition
from sinks import tables
from songnodes.cli.run import STAGES
from songnodes.errors import NotUsable
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.committed import Committed
from songnodes.settings import Settings

SINK = "sink"

Positions = Mapping[Partition, int]


class UnknownReader(NotUsable):
    """Nothing of this name can be replayed"""

    remedy = f"One of {', '.join(STAGES)}, {SINK}, {SINK}:NAME"


class NotMoved(NotUsable):
    """Kafka refuses to move the positions of a group"""


class Reader(Protocol):
    """Reads topics from positions of its own, which may be moved while it does not run."""

    #: As an operator says it.
    name: str
    #: The process that it runs in: a name of `songnodes run`.
    process: str
    #: Its consumer group.
    group: str
    #: Names on the broker.
    topics: tuple[str, ...]

    def positions(self) -> dict[Partition, int]:
        """The next offset to read, where it has read before."""

    def move(self, to: Positions) -> None:
        """Continue from there. Raises NotMoved."""


class StageReader:
    """A stage: positions are its group's committed offsets."""

    def __init__(self, settings: Settings, admin: AdminClient, stage: str) -> None:
        self.name = self.process = stage
        self.group = topics.app_id(stage, settings)
        self.topics: tuple[str, ...] = inputs(stage, settings)
        self._admin = admin
        self._bootstrap = settings.kafka_bootstrap

    def positions(self) -> dict[Partition, int]:
        with log.answering():
            return log.patiently(self._committed)

    def _committed(self) -> dict[Partition, int]:
        places = [(topic, number) for topic in self.topics for number in range(topics.partitions())]
        reader = Committed(self._bootstrap, self.group)
        try:
            found = reader.offsets(places)
        finally:
            reader.close()
        return {Partition(topic, number): offset for (topic, number), offset in found.items()}

    def move(self, to: Positions) -> None:
        offsets = [TopicPartition(at.topic, at.number, offset) for at, offset in to.items()]
        request = ConsumerGroupTopicPartitions(self.group, offsets)
        with log.answering():
            answer = log.patiently(
                lambda: self._admin.alter_consumer_group_offsets([request])[self.group].result()
            )
        refused = [at for at in answer.topic_partitions or () if at.error is not None]
        if refused:
            raise NotMoved(refused[0].error.str(), group=self.group)


class SinkReader:
    """A sink: positions are rows beside what it wrote; those in Kafka are for lag tools."""

    process = SINK

    def __init__(self, settings: Settings, connection: psycopg.Connection, sink: str) -> None:
        self.name = f"{SINK}:{sink}"
        self.group = topics.group(f"{SINK}-{sink}", settings)
        self.topics: tuple[str, ...] = (topics.physical(sink, settings),)
        self._sink = sink
        self._connection = connection

    def positions(self) -> dict[Partition, int]:
        topic = self.topics[0]
        rows = self._connection.execute(statement("sink_positions"), (self._sink, topic)).fetchall()
        return {Partition(topic, part): offset for part, offset in rows}

    def move(self, to: Positions) -> None:
        rows = [(offset, self._sink, at.topic, at.number) for at, offset in to.items()]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(statement("move_sink"), rows)


def everyone(settings: Settings, admin: AdminClient, connection: psycopg.Connection) -> list[Reader]:
    """All stages and sinks."""
    stages: list[Reader] = [StageReader(settings, admin, stage) for stage in STAGES]
    return stages + [SinkReader(settings, connection, sink) for sink in tables.WRITERS]


def named(name: str, readers: Iterable[Reader]) -> list[Reader]:
    """Those that a command means by a name. Raises UnknownReader."""
    found = [reader for reader in readers if name in (reader.name, reader.process)]
    if not found:
        raise UnknownReader(name)
    return found


def members(admin: AdminClient, reader: Reader) -> int:
    """How many processes are in its group now. Raises KafkaDown."""
    with log.answering():
        group = log.patiently(lambda: admin.describe_consumer_groups([reader.group])[reader.group].result())
    return len(group.members or ())


class _NoRegistry:
    """A stage is looked at here and not run, so it decodes nothing."""

    def by_id(self, schema_id: int) -> dict[str, Any] | None:
        return None


def inputs(stage: str, settings: Settings) -> tuple[str, ...]:
    """The topics that a stage reads, by their names on the broker."""
    built = import_module(STAGES[stage]).build(settings, Codec({}, _NoRegistry()))
    return tuple(built.agents)
