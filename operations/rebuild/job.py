"""A task of a rebuild, and what all tasks use: the job they belong to, its codec and its producer.

A task that is killed is run again from its beginning. Its records may be in the topics twice then: with the
same keys, so that the later ones replace the earlier ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient

from operations.rebuild import gold, silver
from operations.rebuild.plan import RebuildPlan, Workspace
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_budget import NO_LIMITS
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings
from stream_processors.runtime import Stage

DELIVERY_TIMEOUT_S = 120.0
DELIVERY_RECORDS = 20_000  # after which acknowledgements are awaited
#: Options of a producer that has all its records at once.
PRODUCER_OPTIONS: Mapping[str, Any] = {
    "linger.ms": 200,
    "batch.size": 1_000_000,
    "delivery.report.only.error": True,  # a call per record takes as long as its delivery
    "log_level": 0,
}
#: Next offsets of resolutions in the topic of the new version, behind those that the rebuild applies.
RESOLUTION_ENDS = "resolution-ends"

READ_PLAYLISTS, READ_ENTITIES = "read-playlists", "read-entities"
FACTS = "facts"  # of a part of sets

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Job:
    """The rebuild that a task belongs to."""

    settings: Settings
    plan: RebuildPlan
    directory: Path
    accepts_dead_letters: bool = False

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.directory)

    @property
    def target(self) -> Settings:
        """Settings of the pipeline after the rebuild."""
        return self.plan.target(self.settings)

    def limited(self, stage: Stage) -> Stage:
        """Return a stage that accepts any number of dead letters if the operator does."""
        if self.accepts_dead_letters:
            stage.limit_dead_letters(NO_LIMITS)
        return stage

    def inputs(self, step: str) -> Path:
        """Return the directory of the part files that a step writes."""
        return self.workspace.inputs / step

    def fact_directories(self) -> list[Path]:
        """Return the directories of the facts of all sets."""
        if self.plan.stage == gold.STAGE:
            return [self.inputs(f"{READ_PLAYLISTS}-{number}") for number in range(topics.partitions())]
        return [self.inputs(f"{FACTS}-{part.name}") for part in self.plan.set_layout.all_parts()]

    def bounds(self, logical: str, number: int) -> Bounds:
        """Return what the rebuild reads of a partition of a topic of the new version.

        A topic that other processes write has recorded bounds, behind which the new stage continues.
        """
        planned = self.plan.input_bounds(logical, number)
        if planned is not None:
            return planned
        partition = Partition(topics.physical(logical, self.target), number)
        log = log_offsets.bounds(admin(self.settings), [partition])[partition]
        if logical == silver.RESOLUTIONS:
            ends = self.workspace.result(RESOLUTION_ENDS) or {}
            return Bounds(start=log.start, end=ends[str(number)])
        return log


class Task(NamedTuple):
    """A step for one process. `cost` is an estimate of its processor time in seconds."""

    name: str
    run: Callable[[Job], Counts]
    cost: float


#: Clients of this process, by the addresses of the servers: a connection costs more than a small task.
_codecs: dict[str, Codec] = {}
_admins: dict[str, AdminClient] = {}
_producers: dict[str, Producer] = {}


def codec(settings: Settings) -> Codec:
    """Return the codec of this process."""
    if settings.schema_registry_url not in _codecs:
        _codecs[settings.schema_registry_url] = Codec.connect(settings)
    return _codecs[settings.schema_registry_url]


def admin(settings: Settings) -> AdminClient:
    """Return the admin client of this process."""
    if settings.kafka_bootstrap not in _admins:
        _admins[settings.kafka_bootstrap] = clients.admin(settings)
    return _admins[settings.kafka_bootstrap]


def producer(settings: Settings) -> Producer:
    """Return the producer of this process, whose tasks run one after the other."""
    if settings.kafka_bootstrap not in _producers:
        _producers[settings.kafka_bootstrap] = clients.producer(settings, **PRODUCER_OPTIONS)
    return _producers[settings.kafka_bootstrap]
