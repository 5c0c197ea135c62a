"""Bodies of the query API. Members that are not listed are columns of docs/data-dictionary.md."""

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item")


class Row(BaseModel):
    """A row of a statement."""

    model_config = ConfigDict(extra="allow")


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next` is the cursor of the part that follows, null at the end."""

    as_of: datetime | None = Field(description="Time of the last refresh; null before the first")
    changed: bool = Field(description="True if a refresh came after the first part")
    items: list[Item]
    next: str | None


class Entry(BaseModel, Generic[Item]):
    """One entity."""

    as_of: datetime | None = Field(description="Time of the last refresh; null before the first")
    item: Item


class TrackName(Row):
    """A track by id, artist and title."""

    track_id: str
    primary_artist: str | None
    track_name: str | None


class RankedTrack(TrackName):
    """A track with its support."""

    rank: int | None = None
    genre: str | None
    bpm: float | None
    camelot: str | None
    dj_support: int
    playlist_appearances: int
    play_count: int
    trending_score: float | None


class TrendingTrack(RankedTrack):
    """A track that rises; `weekly_support` has the last 12 weeks, oldest first."""

    weekly_support: list[float]


class Track(TrackName):
    """A track with the columns of gold_track_analytics and values of providers."""

    all_artists: list[str]
    genres: list[str]
    bpm: float | None
    camelot: str | None
    dj_support: int
    play_count: int
    playlist_appearances: int
    popularity_rank: int | None
    trending_score: float | None
    isrc: str | None
    label: str | None
    release_date: date | None
    duration_ms: int | None


class NextTrack(TrackName):
    """A track to play after another one, with its parts and evidence (docs/gold.md)."""

    score: float | None
    played: float | None
    harmony: float | None
    followed_djs: int | None
    followed_sets: int | None
    together_djs: int | None
    together_sets: int | None
    followed_in: list[str] | None
    together_in: list[str] | None
    key_relation: str | None
    bpm_change: float | None
    bpm: float | None
    camelot: str | None


class HarmonicTrack(TrackName):
    """A track that mixes with another one by key and tempo."""

    move: str
    bpm_difference: float
    score: float
    bpm: float
    camelot: str
    dj_support: int


class Supporter(Row):
    """A DJ who plays a track; `place` by the day of the first play."""

    place: int
    dj_id: str
    dj_name: str | None
    first_date: date | None
    lead_days: int | None
    playlist_id: str


class LineageRow(Row):
    """A row of a page that names a track; `counts_as` is null for one that counts nothing."""

    playlist_id: str
    position: int | None
    counts_as: str | None
    raw_text: str | None
    page_id: str | None
    page_sha256: str | None
    superseded: bool | None


class TransitionRow(TrackName):
    """A track that DJs played next (`followed`) or at the same time (`together`)."""

    kind: Literal["followed", "together"]
    dj_count: int
    set_count: int
    first_date: date | None
    last_date: date | None


class Artist(Row):
    """An artist with lists of rows: `tracks` and `partners`; of a DJ `sets`, `most_played` and `early`."""

    artist_id: str
    name: str
    play_count: int
    dj_support: int
    sets_played: int


class Label(Row):
    """A record label with its tracks, artists and supporters."""

    label_id: str
    name: str
    track_count: int
    tracks: list[dict[str, Any]]
    artists: list[dict[str, Any]]
    supporters: list[dict[str, Any]]


class Set(Row):
    """A set with the columns of silver and gold."""

    playlist_id: str
    title: str | None
    dj_names: list[str]
    set_date: date | None
    row_count: int
    identified_rows: int


class SetRow(Row):
    """A row of a set, with the move of key and tempo to the next one."""

    row_index: int
    position: int
    role: str
    status: str
    cue_seconds: int | None
    track_id: str | None
    track_name: str | None
    raw_text: str | None
    bpm: float | None
    camelot: str | None


class Event(Row):
    """An event."""

    event_id: str
    title: str
    event_date: date
    venue: str | None
    country: str | None
    genres: list[str]


class Genre(Row):
    """A primary genre and the number of its tracks that have a rank."""

    genre: str
    tracks: int | None


class Unreleased(Row):
    """Unidentified rows of several DJs between the same two tracks."""

    before_track_id: str
    after_track_id: str
    named_as: str | None
    dj_count: int
    set_count: int


class SearchHit(Row):
    """An entry found by name; `corrected` where words were replaced by similar ones."""

    kind: Literal["track", "artist", "set", "label"]
    id: str
    name: str
    detail: str | None
    support: int
    score: float
    corrected: bool


class Coverage(Row):
    """Share of tracks that have a value, by provider."""

    field: str
    provider: str | None
    field_share: float | None
    share: float | None


class Health(Row):
    """State of the data: the steps of refresh."""

    status: Literal["ok"]
    steps: list[dict[str, Any]]
