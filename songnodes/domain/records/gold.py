"""Counts and analytics of tracks, artists and sets."""

from datetime import date, datetime
from typing import TypedDict

from songnodes.domain.records.envelope import Envelope


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


class FlowPart(TypedDict):
    """Part of the flow score: `score` 0 to 1, None where it is left out because `coverage` is too low."""

    score: float | None
    weight: float
    coverage: float


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
    time_basis: str
    curve_places: list[float]
    energy_coverage: float
    energy_curve: list[float | None]
    bpm_coverage: float
    bpm_curve: list[float | None]
    key_coverage: float
    key_curve: list[str | None]
    key_moves: list[str | None]
    harmonic_flow_parts: dict[str, FlowPart]


class TransitionCounts(Envelope):
    """Counts of two tracks that two or more sets have one after the other, or together."""

    pair: str
    version: int
    gone: bool
    from_track_id: str
    to_track_id: str
    kind: str
    set_count: int
    dj_count: int
    first_date: date | None
    last_date: date | None
    gap_count: int
    gap_seconds: int | None
    latest_sets: list[str]
