"""Tasks of a rebuild of silver: parse pages, read inputs into parts, fold sets, then tracks, then artists.

The facts of a fold are part files of the next ones, so all parts of sets are folded before the first track,
and all tracks before the first artist. A directory of part files appears after the outputs of its task are
acknowledged.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from confluent_kafka import Message

from operations import topic_log
from operations.rebuild import silver
from operations.rebuild.folding import fold_until_passed
from operations.rebuild.job import FACTS, Counts, Job, codec
from operations.rebuild.part_files import Layout, Part, PartRecord, PartWriter, hash_of, read_part
from operations.rebuild.producing import PartProducer, send_letters
from songnodes.messaging import topics
from songnodes.messaging.log_offsets import Partition
from songnodes.messaging.partitioning import SEPARATOR
from stream_processors import parse
from stream_processors.runtime import Stage
from stream_processors.runtime.errors import InvalidKey
from stream_processors.runtime.records import FetchedRecord
from stream_processors.silver.facts import APPEARANCES, CREDITS

READ_SETS, READ_TRACKS, READ_ARTISTS = "read-sets", "read-tracks", "read-artists"
ARTIST_FACTS = "artist-facts"  # of a part of tracks


def parse_pages(number: int, job: Job) -> Counts:
    """Parse the pages of a partition, and write the records to the topics of the new version."""
    stage = job.limited(parse.build(job.target, codec(job.settings)))
    producer = PartProducer(job, stage.dead_letter_topic)
    count = 0
    for count, message in enumerate(_messages(silver.PAGES, number, job), 1):  # noqa: B007
        stage.process(_fetched(message), producer)
    producer.finish()
    return {"pages": count, "parsed": producer.sent, "dead_letters": producer.dead_letters}


def _fetched(message: Message) -> FetchedRecord:
    headers: Iterable[tuple[str, bytes]] = message.headers() or ()  # type: ignore[assignment]  # a list
    return FetchedRecord(
        topic=message.topic() or "",
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=tuple(headers),
    )


def read_sets(number: int, job: Job) -> Counts:
    """Write the tracklists, resolutions and events of a partition into part files."""
    return _read(f"{READ_SETS}-{number}", silver.SET_INPUTS, number, job.plan.set_layout, job)


def read_tracks(number: int, job: Job) -> Counts:
    """Write the decisions and answers of a partition into part files."""
    return _read(f"{READ_TRACKS}-{number}", silver.TRACK_INPUTS, number, job.plan.layout, job)


def read_artists(number: int, job: Job) -> Counts:
    """Write the artists' own pages of a partition into part files."""
    return _read(f"{READ_ARTISTS}-{number}", silver.ARTIST_INPUTS, number, job.plan.layout, job)


def _read(step: str, inputs: tuple[str, ...], number: int, layout: Layout, job: Job) -> Counts:
    counts: Counter[str] = Counter()
    with PartWriter(job.inputs(step)) as writer:
        for logical in inputs:
            by_first_part = topics.topic(logical).by_first_part
            for message in _messages(logical, number, job):
                key = message.key()
                if key is not None and not silver.is_input(logical, key, inputs):
                    continue
                if key is None:
                    send_letters(job, silver.STAGE, [(message, InvalidKey("a record without key"))])
                    counts["dead_letters"] += 1
                    continue
                entity = key.partition(SEPARATOR)[0] if by_first_part else key
                part = Part(number, hash_of(entity) % layout.parts)
                timestamp, offset = message.timestamp()[1], message.offset() or 0
                topic = topics.physical(logical, job.target)
                writer.write(part, PartRecord(topic, number, offset, timestamp, key, message.value()))
                counts[logical.partition(".")[2]] += 1
    return counts


def _messages(logical: str, number: int, job: Job) -> Iterator[Message]:
    partition = Partition(topics.physical(logical, job.target), number)
    return topic_log.read(job.settings, {partition: job.bounds(logical, number)})


def fold_sets(part: Part, job: Job) -> Counts:
    """Build the playlists and events of a part, and write their facts into part files."""

    def records() -> Iterator[PartRecord]:
        return read_part([job.inputs(f"{READ_SETS}-{part.partition}")], part)

    return _fold(part, records, f"{FACTS}-{part.name}", job)


def fold_tracks(part: Part, job: Job) -> Counts:
    """Build the tracks of a part, and write what their answers tell about artists into part files."""

    def records() -> Iterator[PartRecord]:
        track_facts = silver.of_source(read_part(job.fact_directories(), part), APPEARANCES)
        return chain(track_facts, read_part([job.inputs(f"{READ_TRACKS}-{part.partition}")], part))

    return _fold(part, records, f"{ARTIST_FACTS}-{part.name}", job)


def fold_artists(part: Part, job: Job) -> Counts:
    """Build the artists of a part."""
    answers = [job.inputs(f"{ARTIST_FACTS}-{of_tracks.name}") for of_tracks in job.plan.layout.all_parts()]

    def records() -> Iterator[PartRecord]:
        artist_facts = silver.of_source(read_part(job.fact_directories(), part), CREDITS)
        return chain(
            artist_facts, read_part([job.inputs(f"{READ_ARTISTS}-{part.partition}"), *answers], part)
        )

    return _fold(part, records, f"no-facts-{part.name}", job)


def _fold(part: Part, records: Callable[[], Iterator[PartRecord]], facts: str, job: Job) -> Counts:
    """Run the stage over a part; write outputs and state to the topics of the new version, facts to files."""

    def fold(stage: Stage) -> Counts:
        producer = PartProducer(job, stage.dead_letter_topic, part)
        with PartWriter(job.inputs(facts)) as writer:
            outputs = silver.FoldOutputs(job.target, producer, job.plan.layout, writer)
            counts = silver.fold(stage, part, records(), producer, outputs)
        return {**counts, "dead_letters": producer.dead_letters}

    return fold_until_passed(job, facts, lambda: silver.build(job.target, codec(job.settings)), fold)
