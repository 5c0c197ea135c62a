"""Inputs and outputs of a rebuild of gold. The rules are those of the stages: `silver/facts.py` and `gold/`.

The facts of a set follow from the newest record of its playlist, so no fact has to be in the log any more.
They have a source of their own, whose offsets count the facts of a part: the running stage continues with the
offsets of the topics of facts, and a fact that it applies again is recognised by its version.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from operations.rebuild.part_files import PartRecord
from songnodes.domain.records import CreditFact, Playlist, TrackFact
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors import gold
from stream_processors.runtime import Stage
from stream_processors.silver.facts import APPEARANCES, CREDITS, fact_records

STAGE = "gold"
#: Topic of which facts are made.
PLAYLISTS = "silver.playlists"
FACTS: tuple[str, ...] = (APPEARANCES, CREDITS)
#: Topics that are read as they are.
ENTITIES: tuple[str, ...] = ("silver.tracks", "silver.artists")
#: Topics that the stage produces, each with a table.
OUTPUTS: tuple[str, ...] = ("gold.tracks", "gold.artists")
#: A topic of the same version that another process writes from the tables; its records are copied.
COPIED = "gold.playlists"

FACT_TYPES: Mapping[str, type] = {APPEARANCES: TrackFact, CREDITS: CreditFact}
_ENCODER = msgspec.msgpack.Encoder()


class PartCodec:
    """Codec of a stage in a rebuild: facts as in the part files, other records in the wire form."""

    def __init__(self, codec: Codec, facts: Mapping[str, type]) -> None:
        self._codec = codec
        self._facts = facts
        self._decoders: Mapping[str, msgspec.msgpack.Decoder[Any]] = {
            topic: msgspec.msgpack.Decoder(fact) for topic, fact in facts.items()
        }

    def reading(self, types: Mapping[str, type]) -> "PartCodec":
        """See `Codec`."""
        facts = {topic: types.get(topic, fact) for topic, fact in self._facts.items()}
        return PartCodec(self._codec.reading(types), facts)

    def decode(self, logical: str, raw: bytes | None) -> dict[str, Any]:
        """See `RecordCodec`."""
        decoder = self._decoders.get(logical)
        if decoder is None or raw is None:
            return self._codec.decode(logical, raw)
        fact: dict[str, Any] = decoder.decode(raw)
        return fact

    def encode(self, logical: str, value: Mapping[str, Any]) -> bytes:
        """See `RecordCodec`."""
        return _ENCODER.encode(value) if logical in self._decoders else self._codec.encode(logical, value)


def source_of(topic: str) -> str:
    """Return the name of the source of facts made of playlists."""
    return f"{PLAYLISTS}:{topic}"


def build(settings: Settings, codec: Codec) -> Stage:
    """Build the stage with the sources of a rebuild."""
    stage = gold.build(settings, PartCodec(codec, FACT_TYPES))
    for topic in FACTS:
        stage.add_source(topic, source_of(topic))
    return stage


def facts_of(playlist: Playlist) -> Iterator[PartRecord]:
    """Yield the facts of a playlist. Their offsets and partitions are set by `numbered`."""
    for topic, key, fact in fact_records(playlist):
        yield PartRecord(source_of(topic), 0, 0, 0, key.encode(), _ENCODER.encode(fact))


def numbered(
    records: Iterable[PartRecord], partition: int, sources: Iterable[str] = tuple(map(source_of, FACTS))
) -> Iterator[PartRecord]:
    """Yield the records of a part with ascending offsets in each source of facts."""
    next_offsets = dict.fromkeys(sources, 0)
    for record in records:
        offset = next_offsets.get(record.topic)
        if offset is None:
            yield record
            continue
        next_offsets[record.topic] = offset + 1
        yield msgspec.structs.replace(record, partition=partition, offset=offset)
