"""Validated records: sets, tracks, artists and events, the ids of merged tracks, requests for enrichment."""

from datetime import date, datetime
from typing import TypedDict

from songnodes.domain.records.bronze import Event, Recording
from songnodes.domain.records.envelope import Envelope


class Check(TypedDict):
    """One check and its verdict."""

    name: str
    passed: bool
    weight: float
    required: bool
    note: str | None


class Quality(TypedDict):
    """Scores, each 0 to 1."""

    completeness: float
    confidence: float
    validation: float
    score: float


class SilverEvent(Event):
    """An event, validated."""

    version: int
    gone: bool
    checks: list[Check]
    quality: Quality
    validation_status: str


class Gone(TypedDict):
    """Names that an earlier input for this set had and that are not live now."""

    tracks: list[str]
    artists: list[str]
    djs: list[str]


class Dj(TypedDict):
    """A DJ on the line-up of a set."""

    artist_id: str
    name: str
    native_id: str | None


class Claim(TypedDict):
    """Track data of one row."""

    text: str | None
    track_name: str
    base_title: str
    artist_credit: str
    artist_names: list[str]
    artist_ids: list[str]
    artists_certain: bool
    featured: list[str]
    featured_ids: list[str]
    version_family: str | None
    version_text: str | None
    version_artists: list[str]
    version_artist_ids: list[str]
    stem: str
    variant: str
    label: str | None
    label_parent: str | None
    duration_ms: int | None
    genre: str | None
    ids: dict[str, str]
    values: dict[str, str]
    labels: list[str]
    catalogue: str | None


class PlaylistRow(TypedDict):
    """One row of a set, read and checked."""

    row_key: str
    bronze_id: str
    position: int
    number: int | None
    group_index: int
    role: str
    status: str
    track_id: str | None
    claim_id: str | None
    claim: Claim | None
    raw_text: str | None
    cue_text: str | None
    cue_seconds: int | None
    cue_grain: str | None
    part: str | None
    validation: float
    validation_status: str
    checks: list[Check]
    native_track_id: str | None


class Playlist(Envelope):
    """A set, validated, complete in itself."""

    playlist_id: str
    version: int
    gone: Gone
    url: str
    title: str
    mix_name: str
    set_date: date | None
    set_date_precision: str | None
    set_id: str
    counted: bool
    ra_event_id: str | None
    djs: list[Dj]
    event_name: str | None
    venue: str | None
    city: str | None
    country: str | None
    set_type: str | None
    styles: list[str]
    genres: list[str]
    duration_seconds: int | None
    recordings: list[Recording]
    declared_tracks: int | None
    rows: list[PlaylistRow]
    identified_rows: int
    checks: list[Check]
    quality: Quality
    validation_status: str
    page_ids: list[str]
    parser_version: int
    content_hash: str
    identical_to: list[str]


class Resolution(Envelope):
    """Canonical ids of a set's claims."""

    playlist_id: str
    tracks: dict[str, str]
    set_id: str | None
    counted: bool
    ra_event_id: str | None


class Redirect(Envelope):
    """An id that became another."""

    track_id: str
    canonical_id: str | None
    version: int


class ClaimCount(TypedDict):
    """A spelling and how many sets have it."""

    text: str
    count: int


class Track(Envelope):
    """A track with what is known of it and from whom."""

    track_id: str
    version: int
    gone: bool
    bronze_id: str | None
    track_name: str
    base_title: str
    version_family: str | None
    version_text: str | None
    version_artists: list[str]
    stem: str
    primary_artist: str
    artist_names: list[str]
    artist_ids: list[str]
    featured: list[str]
    mix_name: str | None
    position_in_mix: int | None
    timestamp_in_mix: str | None
    first_playlist_id: str | None
    first_set_date: date | None
    spotify_id: str | None
    isrc: str | None
    musicbrainz_id: str | None
    beatport_id: str | None
    bpm: float | None
    key: int | None
    key_mode: str | None
    energy: float | None
    danceability: float | None
    valence: float | None
    acousticness: float | None
    instrumentalness: float | None
    liveness: float | None
    speechiness: float | None
    loudness: float | None
    genres: list[str]
    release_date: date | None
    release_date_precision: str | None
    release_name: str | None
    label: str | None
    duration_ms: int | None
    bpm_ambiguous: bool
    spellings: list[ClaimCount]
    data_completeness: float
    completeness_ceiling: float
    confidence_score: float
    validation_score: float
    data_quality_score: float
    validation_status: str
    checks: list[Check]
    enrichment_metadata: str
    enrichment_details: str
    config_version: str
    last_enriched: datetime | None
    last_observed_at: datetime


class Artist(Envelope):
    """An artist with what is known of one."""

    artist_id: str
    version: int
    gone: bool
    name: str
    aliases: list[ClaimCount]
    native_ids: list[str]
    links: dict[str, str]
    country: str | None
    biography: str | None
    genres: list[str]
    value_sources: dict[str, str]
    id_conflicts: dict[str, list[str]]
    is_dj: bool
    is_producer: bool
    data_completeness: float
    confidence_score: float
    validation_score: float
    data_quality_score: float
    validation_status: str
    checks: list[Check]
    last_observed_at: datetime
    artist_type: str | None
    life_begin: str | None
    life_end: str | None
    groups: list[str]


class EnrichmentRequest(Envelope):
    """Request for the missing fields of a track or, with an empty track id, for the profiles of an artist."""

    track_id: str
    request_id: str
    artist_name: str
    track_title: str
    base_title: str
    version_text: str | None
    version_artists: list[str]
    duration_ms: int | None
    known_ids: dict[str, str]
    missing: list[str]
    recheck: int
    text: str
    plays: int
    first_set_date: date | None
    artist_id: str | None
