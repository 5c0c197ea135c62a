"""A task of a rebuild, and what all tasks use: the job they belong to, its codec and its producer.

A task that is killed is run again from its beginning. Its records may be in the topics twice then: with the
same keys, so that the later ones replace the earlier ones.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from operations.rebuild import gold, silver
from operations.rebuild.plan import RebuildPlan, Workspace
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

DELIVERY_TIMEOUT_S = 120.0
DELIVERY_RECORDS = 20_000  # after which acknowledgements are awaited
#: Options of a producer that has all its records at once.
PRODUCER_OPTIONS: Mapping[str, Any] = {"linger.ms": 200, "batch.size": 1_000_000, "log_level": 0}
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

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.directory)

    @property
    def target(self) -> Settings:
        """Settings of the pipeline after the rebuild."""
        return self.plan.target(self.settings)

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
        log = log_offsets.bounds(clients.admin(self.settings), [partition])[partition]
        if logical == silver.RESOLUTIONS:
            ends = self.workspace.result(RESOLUTION_ENDS) or {}
            return Bounds(start=log.start, end=ends[str(number)])
        return log


class Task(NamedTuple):
    """A step for one process. `cost` is an estimate of its processor time in seconds."""

    name: str
    run: Callable[[Job], Counts]
    cost: float


class PartProducer:
    """Sends outputs and state; counts dead letters, which the running stage has too.

    Without `partition` the key decides.
    """

    def __init__(self, settings: Settings, partition: int | None, dead_letter_topic: str) -> None:
        producer = clients.producer(settings, **PRODUCER_OPTIONS)
        self._delivery = Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)
        self._partition = partition
        self._dead_letter_topic = dead_letter_topic
        self.sent = 0
        self.dead_letters = 0

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        """Send a record to the partition. Raises NotAcknowledged."""
        if topic == self._dead_letter_topic:
            self.dead_letters += 1
            return
        self._delivery.send(topic, key, value, headers or (), partition=self._partition)
        self.sent += 1
        if self.sent % DELIVERY_RECORDS == 0:
            self._delivery.finish()

    def finish(self) -> None:
        """Wait for all acknowledgements. Raises NotAcknowledged."""
        self._delivery.finish()


_codecs: list[Codec] = []


def codec(settings: Settings) -> Codec:
    """Return the codec of this process."""
    if not _codecs:
        _codecs.append(Codec.connect(settings))
    return _codecs[0]
