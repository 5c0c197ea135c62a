"""Readers of topics and their positions: committed offsets of stages, rows of sinks."""

from collections.abc import Iterable, Mapping
from contextlib import closing
from importlib import import_module
from typing import Any, Protocol

import psycopg
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient

from enrichment.worker.intake import ARTIST_REQUESTS, REQUESTS, group_of
from operations.database import statement
from sinks import tables
from sinks.loop import SESSION_TIMEOUT_S
from songnodes.cli.run import STAGES
from songnodes.errors import UnknownName, UserError
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.committed import Committed
from songnodes.messaging.group_members import members
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings

SINK = "sink"
ENRICH = "enrich"

Positions = Mapping[Partition, int]


class PositionsNotMoved(UserError):
    """Kafka refused to move the positions of a group"""


class Reader(Protocol):
    """Reads topics from its own positions, which may be moved while it is stopped."""

    #: Name on the command line.
    name: str
    #: Process that runs it: a name of `songnodes run`.
    process: str
    #: Consumer group.
    group: str
    #: Topics, by their names on the broker.
    topics: tuple[str, ...]
    #: Seconds that a process which ended in order stays a member of the group.
    membership_s: float

    def positions(self) -> dict[Partition, int]:
        """Return the next offset to read, for partitions read before."""

    def move(self, to: Positions) -> None:
        """Set the positions. Raises PositionsNotMoved."""


class GroupReader:
    """A process whose positions are its group's committed offsets."""

    def __init__(
        self,
        settings: Settings,
        admin: AdminClient,
        process: str,
        group: str,
        inputs: tuple[str, ...],
        membership_s: float = 0.0,
        name: str | None = None,
    ) -> None:
        self.membership_s = membership_s
        self.process = process
        self.name = name or process
        self.group = group
        self.topics: tuple[str, ...] = inputs
        self._admin = admin
        self._access = settings.access()

    def positions(self) -> dict[Partition, int]:
        with log_offsets.translate_kafka_errors():
            return log_offsets.retry_transient(self._committed_offsets)

    def _committed_offsets(self) -> dict[Partition, int]:
        partitions = [
            Partition(topic, number) for topic in self.topics for number in range(topics.partitions())
        ]
        with closing(Committed(self._access, self.group)) as committed:
            return committed.offsets(partitions)

    def move(self, to: Positions) -> None:
        offsets = [TopicPartition(at.topic, at.number, offset) for at, offset in to.items()]
        request = ConsumerGroupTopicPartitions(self.group, offsets)
        with log_offsets.translate_kafka_errors():
            answer = log_offsets.retry_transient(
                lambda: self._admin.alter_consumer_group_offsets([request])[self.group].result()
            )
        refused = [at for at in answer.topic_partitions or () if at.error is not None]
        if refused:
            raise PositionsNotMoved(refused[0].error.str(), group=self.group)


class StageReader(GroupReader):
    """A stage."""

    def __init__(self, settings: Settings, admin: AdminClient, stage: str) -> None:
        group = topics.app_id(stage, settings)
        super().__init__(settings, admin, stage, group, input_topics(stage, settings))


class SinkReader:
    """A sink: positions are rows in the database it writes; those in Kafka only serve lag tools."""

    process = SINK
    membership_s = SESSION_TIMEOUT_S  # sinks are static members, which the end of a session removes

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
            cursor.executemany(statement("update_sink_position"), rows)


def all_readers(settings: Settings, admin: AdminClient, connection: psycopg.Connection) -> list[Reader]:
    """Return all stages and sinks."""
    stages: list[Reader] = [StageReader(settings, admin, stage) for stage in STAGES]
    return stages + [SinkReader(settings, connection, sink) for sink in tables.WRITERS]


def enrichment_readers(settings: Settings, admin: AdminClient) -> list[Reader]:
    """Return the groups of the enrichment's worker: requests for tracks, and for artists.

    No replay waits for them: a quota may last for days.
    """
    return [
        GroupReader(
            settings,
            admin,
            ENRICH,
            topics.group(group_of(topic), settings),
            (topics.physical(topic, settings),),
            settings.session_timeout,  # static members
            group_of(topic),
        )
        for topic in (REQUESTS, ARTIST_REQUESTS)
    ]


def select_readers(name: str, readers: Iterable[Reader]) -> list[Reader]:
    """Return the readers with a name or process name. Raises UnknownName."""
    selected = [reader for reader in readers if name in (reader.name, reader.process)]
    if not selected:
        raise UnknownName("process with a position", name, (*STAGES, ENRICH, SINK, f"{SINK}:NAME"))
    return selected


def count_members(admin: AdminClient, reader: Reader) -> int:
    """Return the number of members of its group. Raises KafkaUnreachable."""
    with log_offsets.translate_kafka_errors():
        joined = log_offsets.retry_transient(
            lambda: members(admin, reader.group, timeout_s=log_offsets.REQUEST_TIMEOUT_S)
        )
    return len(joined)


class _NoRegistry:
    """Registry for a stage that is inspected and not run, so that it decodes nothing."""

    def by_id(self, schema_id: int) -> dict[str, Any] | None:
        return None


def input_topics(stage: str, settings: Settings) -> tuple[str, ...]:
    """Return the topics that a stage reads, by their names on the broker."""
    built_stage = import_module(STAGES[stage]).build(settings, Codec({}, _NoRegistry()))
    return tuple(built_stage.agents)
