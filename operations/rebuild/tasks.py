"""Tasks of a rebuild of gold: read inputs into parts, fold a part, load a partition of a table."""

from collections import Counter
from typing import Any

from operations import topic_log
from operations.rebuild import gold, loading
from operations.rebuild.beside import schema_beside
from operations.rebuild.job import READ_ENTITIES, READ_PLAYLISTS, Counts, Job, PartProducer, codec
from operations.rebuild.part_files import Part, PartRecord, PartWriter, hash_of, read_part
from songnodes.errors import Poison
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.log_offsets import Partition
from stream_processors.runtime.bulk import BulkRun


def read_playlists(number: int, job: Job) -> Counts:
    """Write the facts of the newest record of each playlist of a partition into part files."""
    partition = Partition(topics.physical(gold.PLAYLISTS, job.settings), number)
    ranges = log_offsets.bounds(clients.admin(job.settings), [partition])
    records = Counter(message.key() for message in topic_log.read(job.settings, ranges))
    newest: dict[bytes, Any] = {}  # of the playlists with several records
    counts: Counter[str] = Counter()
    layout = job.plan.layout
    with PartWriter(job.inputs(f"{READ_PLAYLISTS}-{number}")) as writer:

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
    names = [topics.physical(topic, job.target) for topic in gold.ENTITIES]
    ranges = log_offsets.bounds(clients.admin(job.settings), [Partition(name, number) for name in names])
    counts: Counter[str] = Counter()
    with PartWriter(job.inputs(f"{READ_ENTITIES}-{number}")) as writer:
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


def fold_part(part: Part, job: Job) -> Counts:
    """Run the stage over a part, and write its outputs and its state to the topics of the new version."""
    stage = gold.build(job.target, codec(job.settings))
    run = BulkRun(stage, part.partition)
    producer = PartProducer(job.settings, part.partition, stage.dead_letter_topic)
    directories = [*job.fact_directories(), job.inputs(f"{READ_ENTITIES}-{part.partition}")]
    records = gold.numbered(read_part(directories, part), part.partition)
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
        schema=schema_beside(job.plan.stage, job.plan.version),
    )
