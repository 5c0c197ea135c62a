"""Records as received: pages, what parsers extract from one page, answers of providers, decisions."""

from datetime import date, datetime
from typing import TypedDict

from songnodes.domain.records.envelope import Envelope


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


class AttemptClaim(TypedDict):
    """The track as it was requested from a provider; `ids` are those of pages, by column.

    Of an artist `text` is the name, and `ids` are by site.
    """

    text: str
    duration_ms: int | None
    ids: dict[str, str]


class Attempt(Envelope):
    """One attempt at a provider for one track or, with an empty track id, one artist; called or not."""

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
    attempt_id: str
    attempt: int
    lookup: str
    requested_by: str
    batch_id: str | None
    batch_size: int
    is_slice: bool
    claim: AttemptClaim | None
    artist_id: str | None


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
