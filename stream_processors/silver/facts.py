"""Facts of a playlist: silver.appearances by track, silver.credits by artist.

The next stages keep their state by these keys. Facts have the version of their playlist.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from songnodes import __version__
from songnodes.domain import facts
from songnodes.domain.records import Playlist
from songnodes.domain.signatures import signature

#: Fields of a fact that name its playlist record and its writer.
PROVENANCE = frozenset({"event_id", "version", "origin", "pipeline_version"})
APPEARANCES, CREDITS = "silver.appearances", "silver.credits"


class FactRecord(NamedTuple):
    """A record to emit: topic (logical name), key and value."""

    topic: str
    key: str
    value: Mapping[str, object]


def fact_records(playlist: Playlist) -> Iterator[FactRecord]:
    """Yield a fact for each track and artist that any version of the set contains."""
    of_playlist = facts.PlaylistFacts(playlist, __version__)
    for fact in of_playlist.of_tracks():
        yield FactRecord(APPEARANCES, fact["track_id"], fact)
    for credit in of_playlist.of_artists():
        yield FactRecord(CREDITS, credit["artist_id"], credit)


def content_signature(fact: Mapping[str, object]) -> int:
    """Return a signature of the fact without its provenance. Valid within one process only."""
    return signature([item for item in fact.items() if item[0] not in PROVENANCE])
