"""Tasks of a rebuild, each for one process: read inputs into parts, fold a part, load a partition of a table.

A task that is killed is run again from its beginning. Its records may be in the topics twice then: with the
same keys, so that the later ones replace the earlier ones.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from confluent_kafka import Message

from operations import topic_log
from operations.rebuild import gold, loading
from operations.rebuild.beside import schema_beside
from operations.rebuild.part_files import Part, PartRecord, PartWriter, hash_of, read_part
from operations.rebuild.plan import RebuildPlan, Workspace
from songnodes.errors import Poison
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings
from stream_processors.runtime.bulk import BulkRun

DELIVERY_TIMEOUT_S = 120.0
DELIVERY_RECORDS = 20_000  # after which acknowledgements are awaited
#: Options of a producer that has all its records at once.
PRODUCER_OPTIONS: Mapping[str, Any] = {"linger.ms": 200, "batch.size": 1_000_000, "log_level": 0}

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

    def input_directories(self) -> list[Path]:
        """Return the directories of part files, in the order in which their records are handled."""
        numbers = range(self.plan.layout.partitions)
        return [
            self.workspace.inputs / f"{kind}-{number}"
            for kind in (READ_PLAYLISTS, READ_ENTITIES)
            for number in numbers
        ]


class Task(NamedTuple):
    """A step for one process. `cost` is an estimate of its processor time in seconds."""

    name: str
    run: Callable[[Job], Counts]
    cost: float


READ_PLAYLISTS, READ_ENTITIES, FOLD, LOAD, COPY = "read-playlists", "read-entities", "fold", "load", "copy"
COPY_ENDS = "copy-ends"  # record of the next offset to copy, by partition
#: Estimates of processor time, for the time left.
PLAYLIST_COST_S, FACT_COST_S, ROW_COST_S = 0.003, 0.00015, 0.0003


def read_tasks(plan: RebuildPlan) -> list[Task]:
    """Return the tasks of the first pass."""
    numbers = range(plan.layout.partitions)
    cost = plan.playlists / plan.layout.partitions * PLAYLIST_COST_S
    playlists = [
        Task(f"{READ_PLAYLISTS}-{number}", partial(read_playlists, number), cost) for number in numbers
    ]
    entities = [
        Task(f"{READ_ENTITIES}-{number}", partial(read_entities, number), cost / 10) for number in numbers
    ]
    return playlists + entities


def fold_tasks(plan: RebuildPlan) -> list[Task]:
    """Return the tasks of the second pass."""
    parts = plan.layout.all_parts()
    cost = plan.playlists * 40 * FACT_COST_S / len(parts)
    return [Task(f"{FOLD}-{part.name}", partial(fold_part, part), cost) for part in parts]


def load_tasks(plan: RebuildPlan) -> list[Task]:
    """Return the tasks after all parts are folded."""
    numbers = range(plan.layout.partitions)
    cost = plan.playlists * 4 * ROW_COST_S / len(numbers)
    loads = [
        Task(f"{LOAD}-{topic}-{number}", partial(load_partition, topic, number), cost)
        for topic in gold.OUTPUTS
        for number in numbers
    ]
    return [*loads, Task(COPY, copy_topic, cost / 10)]


def read_playlists(number: int, job: Job) -> Counts:
    """Write the facts of the newest record of each playlist of a partition into part files."""
    partition = Partition(topics.physical(gold.PLAYLISTS, job.settings), number)
    ranges = log_offsets.bounds(clients.admin(job.settings), [partition])
    records = Counter(message.key() for message in topic_log.read(job.settings, ranges))
    newest: dict[bytes, Any] = {}  # of the playlists with several records
    counts: Counter[str] = Counter()
    layout = job.plan.layout
    with PartWriter(job.workspace.inputs / f"{READ_PLAYLISTS}-{number}") as writer:

        def write(playlist: Any) -> None:
            counts["playlists"] += 1
            for fact in gold.facts_of(playlist):
                counts["facts"] += 1
                writer.write(layout.part_of(fact.key), fact)

        for message in topic_log.read(job.settings, ranges):
            key = message.key() or b""
            if message.value() is None:
                newest.pop(key, None)
                continue
            try:
                playlist = codec(job.settings).decode(gold.PLAYLISTS, message.value())
            except Poison:
                counts["unreadable"] += 1
                continue
            if records[key] == 1:
                write(playlist)
            elif key not in newest or playlist["version"] >= newest[key]["version"]:
                newest[key] = playlist
        for playlist in newest.values():
            write(playlist)
    return counts


def read_entities(number: int, job: Job) -> Counts:
    """Write the silver records of tracks and artists of a partition into part files, with their offsets."""
    names = [topics.physical(topic, job.settings) for topic in gold.ENTITIES]
    ranges = log_offsets.bounds(clients.admin(job.settings), [Partition(name, number) for name in names])
    counts: Counter[str] = Counter()
    with PartWriter(job.workspace.inputs / f"{READ_ENTITIES}-{number}") as writer:
        for message in topic_log.read(job.settings, ranges):
            key, value = message.key(), message.value()
            if key is None or value is None:
                counts["unreadable"] += 1
                continue
            part = Part(number, hash_of(key) % job.plan.parts)
            record = PartRecord(
                str(message.topic()), number, message.offset() or 0, message.timestamp()[1], key, value
            )
            writer.write(part, record)
            counts["entities"] += 1
    return counts


class PartProducer:
    """Sends the outputs and the state of a part; counts its dead letters, which the running stage has too."""

    def __init__(self, settings: Settings, partition: int, dead_letter_topic: str) -> None:
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


def fold_part(part: Part, job: Job) -> Counts:
    """Run the stage over a part, and write its outputs and its state to the topics of the new version."""
    stage = gold.build(job.target, codec(job.settings))
    run = BulkRun(stage, part.partition)
    producer = PartProducer(job.settings, part.partition, stage.dead_letter_topic)
    records = gold.numbered(read_part(job.input_directories(), part), part.partition)
    count = run.process(records, producer)
    run.flush(producer)
    outputs = producer.sent
    for topic, key, value in run.changelog():
        producer.produce(topic, key, value)
    producer.finish()
    state = producer.sent - outputs
    return {"records": count, "outputs": outputs, "state": state, "dead_letters": producer.dead_letters}


def load_partition(topic: str, number: int, job: Job) -> Counts:
    """Load a partition of an output topic into its table, with the position of the sink behind it."""
    partition = Partition(topics.physical(topic, job.target), number)
    log = log_offsets.bounds(clients.admin(job.settings), [partition])[partition]
    return loading.load(
        job.settings,
        codec(job.settings),
        topic,
        partition,
        log,
        schema=schema_beside(job.plan.version),
    )


def copy_topic(job: Job) -> Counts:
    """Copy the records of the topic that another process writes, from the end of the last copy on.

    The end is recorded once all of them are acknowledged. A rebuild without a record copies from the start.
    """
    source, target = (topics.physical(gold.COPIED, settings) for settings in (job.settings, job.target))
    admin = clients.admin(job.settings)
    ends = job.workspace.result(COPY_ENDS) or {}
    ranges = {
        partition: Bounds(start=log.first_unread(ends.get(str(partition.number))), end=log.end)
        for partition, log in log_offsets.bounds(admin, log_offsets.partitions(admin, [source])).items()
    }
    delivery = Delivery(clients.producer(job.settings, **PRODUCER_OPTIONS), timeout_s=DELIVERY_TIMEOUT_S)
    count = 0
    for count, message in enumerate(topic_log.read(job.settings, ranges), 1):
        _copy(message, target, delivery)
        if count % DELIVERY_RECORDS == 0:
            delivery.finish()
    delivery.finish()
    job.workspace.finish(COPY_ENDS, {str(partition.number): log.end for partition, log in ranges.items()})
    return {"copied": count}


def _copy(message: Message, target: str, delivery: Delivery) -> None:
    headers: Any = message.headers() or ()
    delivery.send(target, message.key(), message.value(), headers, partition=message.partition() or 0)


_codecs: list[Codec] = []


def codec(settings: Settings) -> Codec:
    """Return the codec of this process."""
    if not _codecs:
        _codecs.append(Codec.connect(settings))
    return _codecs[0]
