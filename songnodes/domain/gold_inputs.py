"""The fields of facts and silver records that gold reads. Other fields are not decoded (`Codec.reading`)."""

from datetime import date, datetime
from typing import TypedDict


class SetFact(TypedDict):
    """Fields of the facts of one set about any subject."""

    playlist_id: str
    version: int
    observed_at: datetime
    djs_live: list[str]
    djs_gone: list[str]
    set_date: date | None
    set_date_precision: str | None
    counted: bool


class Place(TypedDict):
    """Of one place of a track in a set (`Appearance`)."""

    role: str


class TrackPlays(SetFact):
    """Of the fact of one set about a track (`TrackFact`)."""

    track_id: str
    own_djs: list[str]
    appearances: list[Place]


class PlayCounts(TypedDict):
    """Of a track of the artist in a set (`CreditTrack`)."""

    plays: int
    component_plays: int


class ArtistPlays(SetFact):
    """Of the fact of one set about an artist (`CreditFact`)."""

    artist_id: str
    as_dj: bool
    tracks: list[PlayCounts]


class TrackValues(TypedDict):
    """Of a silver track (`Track`)."""

    track_id: str
    version: int
    observed_at: datetime
    gone: bool
    track_name: str
    base_title: str
    version_family: str | None
    version_text: str | None
    version_artists: list[str]
    stem: str
    primary_artist: str
    artist_names: list[str]
    bpm: float | None
    key: int | None
    key_mode: str | None
    energy: float | None
    genres: list[str]
    release_date: date | None
    data_completeness: float
    confidence_score: float
    validation_score: float
    last_enriched: datetime | None


class ArtistName(TypedDict):
    """Of a silver artist (`Artist`)."""

    artist_id: str
    version: int
    observed_at: datetime
    gone: bool
    name: str
