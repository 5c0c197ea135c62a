"""Contract between the service and the enrichment itself. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Status = Literal["completed", "partial", "not_found", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackToEnrich:
    """A requested track. `ids` are by field: "spotify_id", "isrc". Equal requests have one `request_id`."""

    request_id: str
    track_id: str
    artist_name: str
    track_title: str
    ids: Mapping[str, str] = field(default_factory=dict)
    duration_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrichment:
    """Values of a track with the attempts that led to them. Values have the columns and units of
    `silver_enriched_tracks`; an attempt has `field`, `provider` and `status`, and on a hit value, confidence.

    `api_calls` counts answers to requests, `cache_hits` those from the cache; `quality_score` is 0 to 1.
    `retry_at` is the time from which a request may return more; None for never. `sources_used` are the
    providers whose values were chosen.
    """

    values: Mapping[str, Any]
    attempts: Sequence[Mapping[str, Any]]
    sources_used: Sequence[str]
    api_calls: int
    cache_hits: int
    quality_score: float
    completed_at: datetime
    retry_at: datetime | None = None

    @property
    def status(self) -> Status:
        """Return the status: `partial` and `failed` if a later request may return more."""
        if self.sources_used:
            return "completed" if self.retry_at is None else "partial"
        return "not_found" if self.retry_at is None else "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """State of a provider for people: `off_because` is None for one that is on."""

    name: str
    title: str
    off_because: str | None
    gives: Sequence[str]
    unverified: Sequence[str]


class Enricher(Protocol):
    """Enrichment of tracks."""

    async def enrich(self, track: TrackToEnrich) -> Enrichment:
        """Return what the providers have for a track; every answer is archived before. Raises Unavailable."""

    async def unready(self) -> str | None:
        """Return the reason that the enrichment cannot work now, in a sentence; None while it can."""

    def providers(self) -> Sequence[ProviderState]:
        """Return the states of all providers."""
