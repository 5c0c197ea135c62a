"""Facts: the data of one set about one track (silver.appearances) or one artist (silver.credits), and of the
answers of one track about one artist (silver.artist_answers)."""

from datetime import date, datetime
from typing import TypedDict

from songnodes.domain.records.envelope import Envelope
from songnodes.domain.records.silver import Claim


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


class ArtistAnswer(TypedDict):
    """Values for one artist in an archived answer."""

    attempt_id: str
    provider: str
    kind: str
    native_id: str
    name: str
    ids: dict[str, str]
    aliases: list[str]
    genres: list[str]
    links: dict[str, str]
    country: str | None
    biography: str | None
    observed_at: datetime
    artist_type: str | None
    life_begin: str | None
    life_end: str | None
    groups: list[str]
    merged_from: str | None


class ArtistAnswers(Envelope):
    """Fact of the answers of one track about an artist: absolute and versioned."""

    artist_id: str
    track_id: str
    version: int
    gone: bool
    answers: list[ArtistAnswer]
