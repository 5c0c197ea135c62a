"""The records of all topics, as the code sees them: one class per Avro record, field for field.

`schemas/avro/` is the contract; a test holds both together. Times are UTC with a zone, dates are dates.
"""

from datetime import date, datetime
from typing import TypedDict


class Origin(TypedDict):
    """Origin of a record: the input that it was built from."""

    kind: str
    id: str
    parser_version: int | None


class Envelope(TypedDict):
    """Fields of every record."""

    event_id: str
    source: str
    observed_at: datetime
    origin: Origin
    pipeline_version: str


class Page(Envelope):
    """One response as received."""

    page_id: str
    kind: str
    native_id: str
    url: str
    status: int
    headers: dict[str, str]
    content_type: str | None
    body: bytes
    sha256: str
    fetched_at: datetime
    fetcher: str
    robots: str | None
    scraper_version: str


class DjRef(TypedDict):
    """A DJ as a page names one."""

    name: str
    native_id: str | None
    url: str | None


class Recording(TypedDict):
    """A recording of the set."""

    kind: str
    url: str
    duration_seconds: int | None


class Header(TypedDict):
    """Data of a page about the set as a whole."""

    title: str
    mix_name: str | None
    date_text: str | None
    djs: list[DjRef]
    event_name: str | None
    venue: str | None
    city: str | None
    country: str | None
    set_type: str | None
    styles: list[str]
    declared_tracks: int | None
    duration_seconds: int | None
    recordings: list[Recording]


class RowVersion(TypedDict):
    """A part of a row's text that the page marks as a version, and the artists that it links."""

    text: str
    artists: list[str]


class TracklistRow(TypedDict):
    """One line of a tracklist as the page has it."""

    row_key: str
    ordinal: int
    number: int | None
    text: str | None
    artist_text: str | None
    version_note: str | None
    label: str | None
    label_parent: str | None
    duration_seconds: int | None
    genre: str | None
    cue_text: str | None
    cue_seconds: int | None
    cue_grain: str | None
    joined: bool
    mashup: bool
    parent_row_key: str | None
    marked_identified: bool
    native_track_id: str | None
    native_artist_names: list[str]
    ids: dict[str, str]
    values: dict[str, str]
    part: str | None
    warnings: list[str]
    fragment: str
    gap: bool
    versions: list[RowVersion]


class Attribution(TypedDict):
    """Whose work a record is made from, and what its licence asks for."""

    holder: str
    licence: str
    url: str


class MediaLinks(TypedDict):
    """Ids of one track at shops and services; durations in seconds."""

    media_id: str
    ids: dict[str, str]
    durations: dict[str, int]


class IdenticalTracklist(TypedDict):
    """Another tracklist of the site that the page marks as identical with all or some of its rows."""

    playlist_id: str
    whole: bool


class Tracklist(Envelope):
    """Set data extracted from one page at one time."""

    playlist_id: str
    page_id: str
    page_kind: str
    page_sha256: str
    url: str
    parser_version: int
    content_hash: str
    header: Header
    rows: list[TracklistRow]
    counters: dict[str, int]
    warnings: list[str]
    rows_from: str
    completeness: str | None
    categories: list[str]
    attribution: Attribution | None
    media: list[MediaLinks]
    identical_to: list[IdenticalTracklist]


class ArtistProfile(Envelope):
    """Artist data extracted from one page."""

    artist_id: str
    page_id: str
    name: str
    native_id: str | None
    url: str | None
    aliases: list[str]
    links: dict[str, str]
    country: str | None
    biography: str | None
    ids: dict[str, str]
    parser_version: int
    content_hash: str


class Venue(TypedDict):
    """Venue of an event."""

    name: str
    native_id: str | None
    address: str | None
    latitude: float | None
    longitude: float | None


class LineupEntry(TypedDict):
    """One act of an event."""

    name: str
    native_id: str | None
    artist_id: str | None


class Event(Envelope):
    """Event data extracted from one page."""

    ra_event_id: str
    page_id: str
    title: str
    url: str | None
    date: date
    start_time: datetime | None
    end_time: datetime | None
    timezone: str | None
    venue: Venue | None
    city: str | None
    country: str | None
    promoters: list[str]
    genres: list[str]
    lineup: list[LineupEntry]
    attending: int | None
    cost: str | None
    parser_version: int
    content_hash: str
    page_kind: str
    area: str | None
    start_local: str | None
    end_local: str | None
    festival: bool | None
    interested: int | None
    lineup_text: str | None
    warnings: list[str]


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


class SilverEvent(Envelope):
    """An event, validated."""

    ra_event_id: str
    page_id: str
    title: str
    url: str | None
    date: date
    start_time: datetime | None
    end_time: datetime | None
    timezone: str | None
    venue: Venue | None
    city: str | None
    country: str | None
    promoters: list[str]
    genres: list[str]
    lineup: list[LineupEntry]
    attending: int | None
    cost: str | None
    parser_version: int
    content_hash: str
    version: int
    gone: bool
    checks: list[Check]
    quality: Quality
    validation_status: str
    page_kind: str
    area: str | None
    start_local: str | None
    end_local: str | None
    festival: bool | None
    interested: int | None
    lineup_text: str | None
    warnings: list[str]


class Attempt(Envelope):
    """One attempt at a provider, called or not."""

    track_id: str
    request_id: str
    provider: str
    operation: str
    parameters: dict[str, str]
    status: str
    http_status: int | None
    body: bytes | None
    latency_ms: int | None
    cached: bool
    attempted_at: datetime
    note: str | None


class Decision(Envelope):
    """Decision of an operator."""

    decision_id: str
    subject_id: str
    kind: str
    field: str | None
    value: str | None
    other_id: str | None
    reason: str
    author: str
    decided_at: datetime
    withdrawn: bool


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


class Appearance(TypedDict):
    """One place of a track in a set."""

    position: int
    role: str
    cue_seconds: int | None
    cue_text: str | None
    row_key: str
    bronze_id: str


class TrackFact(Envelope):
    """Fact of one set about a track: absolute and versioned."""

    track_id: str
    playlist_id: str
    version: int
    gone: bool
    djs_live: list[str]
    djs_gone: list[str]
    own_djs: list[str]
    set_date: date | None
    set_date_precision: str | None
    set_id: str
    counted: bool
    mix_name: str | None
    claim_id: str | None
    claim: Claim | None
    appearances: list[Appearance]


class CreditTrack(TypedDict):
    """A track of the artist in a set."""

    track_id: str
    role: str
    plays: int
    component_plays: int


class CreditFact(Envelope):
    """Fact of one set about an artist: absolute and versioned."""

    artist_id: str
    playlist_id: str
    version: int
    gone: bool
    name: str | None
    native_id: str | None
    as_dj: bool
    tracks: list[CreditTrack]
    djs_live: list[str]
    djs_gone: list[str]
    set_date: date | None
    set_date_precision: str | None
    set_id: str
    counted: bool
    genres: list[str]


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
    is_dj: bool
    is_producer: bool
    data_completeness: float
    confidence_score: float
    validation_score: float
    data_quality_score: float
    validation_status: str
    checks: list[Check]
    last_observed_at: datetime


class EnrichmentRequest(Envelope):
    """Request for the missing fields of a track."""

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


class DaySum(TypedDict):
    """Support on one day."""

    day: date
    weight: float


class TrackAnalytics(Envelope):
    """Counts of a track, with the evidence they come from."""

    track_id: str
    version: int
    gone: bool
    track_name: str | None
    base_title: str | None
    version_family: str | None
    version_text: str | None
    version_artists: list[str]
    stem: str | None
    primary_artist: str | None
    all_artists: list[str]
    bpm: float | None
    key: int | None
    key_mode: str | None
    energy: float | None
    genres: list[str]
    release_year: int | None
    data_completeness: float | None
    confidence_score: float | None
    validation_score: float | None
    last_enriched: datetime | None
    play_count: int
    component_plays: int
    self_plays: int
    playlist_appearances: int
    dj_support: int
    first_seen_date: date | None
    last_seen_date: date | None
    support_days: list[DaySum]
    last_observed_at: datetime


class ArtistAnalytics(Envelope):
    """Counts of an artist, as producer and as DJ."""

    artist_id: str
    version: int
    gone: bool
    name: str | None
    play_count: int
    component_plays: int
    playlist_appearances: int
    dj_support: int
    sets_played: int
    first_seen_date: date | None
    last_seen_date: date | None
    first_set_date: date | None
    last_set_date: date | None
    support_days: list[DaySum]
    last_observed_at: datetime


class PlaylistAnalytics(Envelope):
    """Analytics of a set."""

    playlist_id: str
    version: int
    gone: bool
    row_count: int
    identified_count: int
    identified_share: float
    duration_seconds: int | None
    coverage: float | None
    bpm_min: float | None
    bpm_max: float | None
    bpm_mean: float | None
    bpm_drift_per_hour: float | None
    key_relations: dict[str, int]
    harmonic_flow_score: float | None
    energy_mean: float | None
    energy_peak: float | None
    shape: str | None
    genre_mix: dict[str, float]
    as_of: date
