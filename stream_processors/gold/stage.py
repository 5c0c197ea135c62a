"""gold: silver.appearances, silver.tracks -> gold.tracks; silver.credits, silver.artists -> gold.artists."""

from collections.abc import Mapping
from typing import Final, Protocol

from songnodes.domain.gold_inputs import ArtistName, ArtistPlays, TrackPlays, TrackValues
from songnodes.settings import Settings
from stream_processors.gold import artists, tracks
from stream_processors.runtime import Stage
from stream_processors.runtime.records import RecordCodec

#: What the agents read of the records of each topic. A record whose other fields are outside of their domain
#: is no dead letter here: those who read these fields, such as the sink of the topic, have it as one.
INPUTS: Final[Mapping[str, type]] = {
    "silver.appearances": TrackPlays,
    "silver.credits": ArtistPlays,
    "silver.tracks": TrackValues,
    "silver.artists": ArtistName,
}


class InputCodec(Protocol):
    """A codec that can decode some fields of records only."""

    def reading(self, types: Mapping[str, type]) -> RecordCodec:
        """Return the codec that decodes the fields of these types, by topic."""


def build(settings: Settings, codec: InputCodec) -> Stage:
    """Build the stage. State per track and per artist: a total, and an entry per DJ."""
    stage = Stage("gold", settings, codec.reading(INPUTS))
    tracks.attach(stage)
    artists.attach(stage)
    return stage
