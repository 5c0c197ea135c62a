"""Tasks of a rebuild of gold: read inputs into parts, fold a part, load a partition of a table."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import cast

from confluent_kafka import Message

from operations import topic_log
from operations.rebuild import gold, loading
from operations.rebuild.beside import schema_beside
from operations.rebuild.folding import fold_until_passed
from operations.rebuild.job import READ_ENTITIES, READ_PLAYLISTS, Counts, Job, admin, codec
from operations.rebuild.part_files import Part, PartRecord, PartWriter, hash_of, read_part
from operations.rebuild.producing import PartProducer, send_letters
from songnodes.attempts import Unforeseen, describe
from songnodes.domain.records import Playlist
from songnodes.errors import Fatal, Poison, Transient
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.dead_letter_budget import NO_LIMITS, WRITER_LIMITS
from songnodes.messaging.log_offsets import Partition
from stream_processors.runtime import Stage
from stream_processors.runtime.bulk import BulkRun
from stream_processors.runtime.errors import InvalidKey, MissingValue


def read_playlists(number: int, job: Job) -> Counts:
    """Write the facts of the newest record of each playlist of a partition into part files."""
    partition = Partition(topics.physical(gold.PLAYLISTS, job.settings), number)
    counts: Counter[str] = Counter()
    with PartWriter(job.inputs(f"{READ_PLAYLISTS}-{number}")) as writer:
        for message, playlist in _newest_playlists(partition, job, counts):
            try:
                facts = list(gold.facts_of(playlist))
            except Exception as error:
                _refuse(message, error, job, counts)
                continue
            counts["playlists"] += 1
            counts["facts"] += len(facts)
            for fact in facts:
                writer.write(job.plan.layout.part_of(fact.key), fact)
    return counts


def _newest_playlists(
    partition: Partition, job: Job, counts: Counter[str]
) -> Iterator[tuple[Message, Playlist]]:
    """Yield the newest record of each playlist; refuse those that cannot be decoded."""
    ranges = log_offsets.bounds(admin(job.settings), [partition])
    records = Counter(message.key() for message in topic_log.read(job.settings, ranges))
    newest: dict[bytes, tuple[Message, Playlist]] = {}  # of the playlists with several records
    for message in topic_log.read(job.settings, ranges):
        key = message.key() or b""
        if message.value() is None:
            newest.pop(key, None)
            continue
        try:
            playlist = cast(Playlist, codec(job.settings).decode(gold.PLAYLISTS, message.value()))
        except Exception as error:
            _refuse(message, error, job, counts)
            continue
        if records[key] == 1:
            yield message, playlist
        elif key not in newest or playlist["version"] >= newest[key][1]["version"]:
            newest[key] = message, playlist
    yield from newest.values()


def _refuse(message: Message, error: Exception, job: Job, counts: Counter[str]) -> None:
    """Make a record a dead letter. Raises an error that is not the record's."""
    if isinstance(error, Transient | Fatal):
        raise error
    poison = error if isinstance(error, Poison) else Unforeseen(describe(error))
    send_letters(job, gold.STAGE, [(message, poison)])
    counts["dead_letters"] += 1


def read_entities(number: int, job: Job) -> Counts:
    """Write the silver records of tracks and artists of a partition into part files, with their offsets."""
    names = [topics.physical(topic, job.target) for topic in gold.ENTITIES]
    ranges = log_offsets.bounds(admin(job.settings), [Partition(name, number) for name in names])
    counts: Counter[str] = Counter()
    with PartWriter(job.inputs(f"{READ_ENTITIES}-{number}")) as writer:
        for message in topic_log.read(job.settings, ranges):
            key, value = message.key(), message.value()
            if key is None or value is None:
                problem = InvalidKey("a record without key") if key is None else MissingValue(key=key)
                _refuse(message, problem, job, counts)
                continue
            part = Part(number, hash_of(key) % job.plan.parts)
            record = PartRecord(
                str(message.topic()), number, message.offset() or 0, message.timestamp()[1], key, value
            )
            writer.write(part, record)
            counts["entities"] += 1
    return counts


def fold_part(part: Part, job: Job) -> Counts:
    """Run the stage over a part, and write its outputs and its state to the topics of the new version."""
    directories = [*job.fact_directories(), job.inputs(f"{READ_ENTITIES}-{part.partition}")]

    def fold(stage: Stage) -> Counts:
        records = gold.numbered(read_part(directories, part), part.partition)
        return _fold(stage, part, records, PartProducer(job, stage.dead_letter_topic, part))

    def build() -> Stage:
        return gold.build(job.target, codec(job.settings))

    return fold_until_passed(job, f"fold-{part.name}", build, fold)


def _fold(stage: Stage, part: Part, records: Iterable[PartRecord], producer: PartProducer) -> Counts:
    run = BulkRun(stage, part.partition)
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
    log = log_offsets.bounds(admin(job.settings), [partition])[partition]
    return loading.load(
        job.settings,
        codec(job.settings),
        topic,
        partition,
        log,
        schema=schema_beside(job.plan.stage, job.plan.version),
        limits=NO_LIMITS if job.accepts_dead_letters else WRITER_LIMITS,
    )
