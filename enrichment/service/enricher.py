"""Contract between the service and the enrichment itself. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

Status = Literal["completed", "partial", "not_found", "failed"]
#: Statuses of attempts after which the provider may still have an answer.
OPEN_ATTEMPTS = frozenset({"error", "rate_limited", "quota_exhausted", "breaker_open"})


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

    `api_calls` counts requests sent, `cache_hits` answers from the cache; `quality_score` is 0 to 1.
    """

    values: Mapping[str, Any]
    attempts: Sequence[Mapping[str, Any]]
    sources_used: Sequence[str]
    api_calls: int
    cache_hits: int
    quality_score: float
    completed_at: datetime

    @property
    def status(self) -> Status:
        """Return the status: `partial` and `failed` where a later request may return more."""
        is_open = any(attempt.get("status") in OPEN_ATTEMPTS for attempt in self.attempts)
        if self.values:
            return "partial" if is_open else "completed"
        return "failed" if is_open else "not_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderState:
    """State of a provider for people: `off_because` is None for one that is on."""

    name: str
    title: str
    off_because: str | None
    gives: Sequence[str]
    unverified: Sequence[str]


class Unavailable(Exception):
    """The enrichment cannot work now: a server that it needs is away"""


class Enricher(Protocol):
    """Enrichment of tracks."""

    async def enrich(self, track: TrackToEnrich) -> Enrichment:
        """Return what the providers have for a track; every answer is archived before. Raises Unavailable."""

    async def unready(self) -> str | None:
        """Return the reason that the enrichment cannot work now, in a sentence; None while it can."""

    def providers(self) -> Sequence[ProviderState]:
        """Return the states of all providers."""
