"""Inputs and outputs of a rebuild of silver. The rules are those of the stage, `stream_processors/silver`.

The stage has state by three keys, with facts between them: sets, then tracks, then artists. Each is complete
before the next is begun. Facts are handed on in part files: they have sources of their own in the state, as
in a rebuild of gold, and the topics of facts of the new version begin empty.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from operations.rebuild import gold
from operations.rebuild.gold import PartCodec
from operations.rebuild.part_files import Layout, Part, PartRecord, PartWriter
from songnodes.domain import enrichments
from songnodes.domain.records import ArtistAnswers
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors import silver
from stream_processors.runtime import Stage
from stream_processors.runtime.bulk import BulkRun
from stream_processors.silver import artist_answers
from stream_processors.silver.facts import APPEARANCES, CREDITS

STAGE = "silver"
PAGES = "bronze.pages"
TRACKLISTS, PROFILES, EVENTS = "bronze.tracklists", "bronze.artists", "bronze.events"
DECISIONS, ANSWERS = "bronze.decisions", "bronze.enrichments"
ARTIST_ANSWERS = artist_answers.TOPIC
REQUESTS = ("enrichment.requests", "enrichment.artist_requests")
#: Topics that the stage produces, each with a table.
OUTPUTS: tuple[str, ...] = ("silver.playlists", "silver.tracks", "silver.artists", "silver.events")
#: Topics of the same version that the resolver writes.
RESOLVER = "resolver"
RESOLUTIONS, REDIRECTS = "silver.resolutions", "silver.redirects"

#: Inputs of each kind of state besides facts, in the order in which they are applied. A resolution without a
#: tracklist builds no playlist, so those come first.
SET_INPUTS = (RESOLUTIONS, TRACKLISTS, EVENTS)
TRACK_INPUTS = (DECISIONS, ANSWERS)
ARTIST_INPUTS = (PROFILES, ANSWERS)
#: Sources of the facts that are handed on in part files, by topic.
SOURCES: Mapping[str, str] = {
    APPEARANCES: gold.source_of(APPEARANCES),
    CREDITS: gold.source_of(CREDITS),
    ARTIST_ANSWERS: f"{ANSWERS}:{ARTIST_ANSWERS}",
}

#: Topics of facts by their source.
TOPICS: Mapping[str, str] = {source: topic for topic, source in SOURCES.items()}


def is_input(logical: str, key: bytes, inputs: tuple[str, ...]) -> bool:
    """Return True if the record is one of `inputs`: an answer is one of tracks or of artists, by its key."""
    if logical != ANSWERS:
        return logical in inputs
    subject, _, _ = key.decode(errors="replace").rpartition(enrichments.SEPARATOR)
    return inputs == (TRACK_INPUTS if enrichments.artist_of(subject) is None else ARTIST_INPUTS)


class Producer(Protocol):
    """Receives the records of a fold that go to Kafka."""

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None: ...

    def finish(self) -> None:
        """Wait for all acknowledgements."""


def part_codec(codec: Codec) -> PartCodec:
    """Return the codec of the stage, with facts as in the part files."""
    return PartCodec(codec, {**gold.FACT_TYPES, ARTIST_ANSWERS: ArtistAnswers})


def build(settings: Settings, codec: Codec) -> Stage:
    """Build the stage with the sources of a rebuild."""
    # the stage calls decode and encode only
    stage = silver.build(settings, part_codec(codec))  # type: ignore[arg-type]
    for topic, source in SOURCES.items():
        stage.add_source(topic, source)
    return stage


class FoldOutputs:
    """Divides the outputs of a fold: facts go into part files, all others to Kafka.

    The new topics of requests have no earlier record that a tombstone could delete.
    """

    def __init__(self, settings: Settings, producer: Producer, layout: Layout, facts: PartWriter) -> None:
        self._sources = {topics.physical(topic, settings): source for topic, source in SOURCES.items()}
        self._requests = {topics.physical(topic, settings) for topic in REQUESTS}
        self._producer = producer
        self._layout = layout
        self._facts = facts
        self.facts = 0
        self.records = 0

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        """Receive an output."""
        source = self._sources.get(topic)
        if source is not None and key is not None:
            self._facts.write(self._layout.part_of(key), PartRecord(source, 0, 0, 0, key, value))
            self.facts += 1
        elif topic not in self._requests or value is not None:
            self._producer.produce(topic, key, value, headers=headers)
            self.records += 1


def of_source(records: Iterator[PartRecord], topic: str) -> Iterator[PartRecord]:
    """Yield the facts of one topic."""
    source = SOURCES[topic]
    return (record for record in records if record.topic == source)


def fold(
    stage: Stage, part: Part, records: Iterable[PartRecord], producer: Producer, outputs: FoldOutputs
) -> Mapping[str, int]:
    """Run a new stage over a part, and produce its outputs and its state; return counts."""
    run = BulkRun(stage, part.partition)
    count = run.process(gold.numbered(records, part.partition, SOURCES.values()), outputs)
    run.flush(outputs)
    state = 0
    for topic, key, value in run.changelog():
        producer.produce(topic, key, value)
        state += 1
    producer.finish()
    return {"records": count, "state": state, "facts": outputs.facts, "silver_records": outputs.records}
