"""Bodies of requests and responses; the names are those of data-flow.md."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from enrichment.service.enricher import Enrichment, ProviderState, Status, TrackToEnrich
from songnodes.domain.waterfall import AttemptStatus

MAX_BATCH = 50
MAX_NAME = 1000  # characters
#: Texts without control characters: PostgreSQL stores no NUL.
Name = Annotated[str, StringConstraints(min_length=1, max_length=MAX_NAME, pattern=r"^[^\x00-\x1f\x7f]+$")]
TrackId = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z-]{1,128}$")]
IDS = {
    "existing_spotify_id": "spotify_id",
    "existing_isrc": "isrc",
    "existing_musicbrainz_id": "musicbrainz_id",
    "existing_beatport_id": "beatport_id",
}


class EnrichRequest(BaseModel):
    """A track to enrich. Ids that are known already save searches."""

    model_config = ConfigDict(extra="forbid")

    track_id: TrackId = Field(description="Id of the track; answers are archived under it")
    artist_name: Name = Field(description="Artists as a page names them", examples=["Deadmau5"])
    track_title: Name = Field(description="Title with its version in brackets", examples=["Strobe"])
    existing_spotify_id: str | None = Field(None, pattern=r"^[0-9A-Za-z]{22}$")
    existing_isrc: str | None = Field(None, pattern=r"^[A-Z]{2}[A-Z0-9]{3}[0-9]{7}$")
    existing_musicbrainz_id: str | None = Field(None, pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
    existing_beatport_id: str | None = Field(None, pattern=r"^[0-9]{1,10}$")
    duration_ms: int | None = Field(None, ge=1000, le=7_200_000, description="Length, in milliseconds")

    def track(self) -> TrackToEnrich:
        """Return the track; equal requests have one request id."""
        ids = {field: value for name, field in IDS.items() if (value := getattr(self, name)) is not None}
        return TrackToEnrich(
            request_id=str(uuid5(NAMESPACE_URL, f"songnodes:enrich:{self.model_dump_json()}")),
            track_id=self.track_id,
            artist_name=self.artist_name,
            track_title=self.track_title,
            ids=ids,
            duration_ms=self.duration_ms,
        )


class BatchRequest(BaseModel):
    """Several tracks to enrich."""

    model_config = ConfigDict(extra="forbid")

    tracks: list[EnrichRequest] = Field(min_length=1, max_length=MAX_BATCH)


class MetadataAcquired(BaseModel):
    """Values of a track; a field without a value is absent."""

    model_config = ConfigDict(extra="forbid")

    spotify_id: str | None = None
    isrc: str | None = None
    musicbrainz_id: str | None = None
    beatport_id: str | None = None
    bpm: float | None = Field(None, description="Beats per minute")
    key: int | None = Field(None, ge=1, le=12, description="Camelot number")
    key_mode: Literal["major", "minor"] | None = None
    energy: float | None = None
    danceability: float | None = None
    valence: float | None = None
    acousticness: float | None = None
    instrumentalness: float | None = None
    liveness: float | None = None
    speechiness: float | None = None
    loudness: float | None = Field(None, description="Decibels")
    genres: list[str] | None = None
    release_date: str | None = Field(None, description="Day, month or year: 2009-10-26, 2009-10, 2009")
    release_name: str | None = None
    label: str | None = None
    duration_ms: int | None = None


class WaterfallAttempt(BaseModel):
    """A provider considered for a field; the field `*` is the provider as a whole."""

    field: str
    provider: str
    status: AttemptStatus
    value: Any = None
    confidence: float | None = None
    timestamp: str | None = None
    cached: bool = False
    chosen: bool = False
    note: str | None = None
    response_time_ms: int | None = None
    config_version: str | None = None


class EnrichmentMetadata(BaseModel):
    """Attempts by field and provider, and their cost."""

    waterfall_attempts: list[WaterfallAttempt]
    total_api_calls: int = Field(ge=0)
    total_cache_hits: int = Field(ge=0)
    quality_score: float = Field(ge=0, le=1)


class EnrichResponse(BaseModel):
    """A track as the providers have it.

    `completed`: all providers that could add something answered. `partial`, `failed`: one of them may answer
    a later request. `not_found`: none has the track. `cached`: answers came from the cache.
    """

    track_id: str
    status: Status
    sources_used: list[str]
    metadata_acquired: MetadataAcquired
    enrichment_metadata: EnrichmentMetadata
    cached: bool
    timestamp: datetime

    @classmethod
    def of(cls, track_id: str, enrichment: Enrichment) -> "EnrichResponse":
        """Return the response for an enriched track."""
        fields = MetadataAcquired.model_fields
        values = {name: value for name, value in enrichment.values.items() if name in fields}
        return cls(
            track_id=track_id,
            status=enrichment.status,
            sources_used=list(enrichment.sources_used),
            metadata_acquired=MetadataAcquired(**values),
            enrichment_metadata=EnrichmentMetadata(
                waterfall_attempts=[WaterfallAttempt(**attempt) for attempt in enrichment.attempts],
                total_api_calls=enrichment.api_calls,
                total_cache_hits=enrichment.cache_hits,
                quality_score=enrichment.quality_score,
            ),
            cached=enrichment.cache_hits > 0,
            timestamp=enrichment.completed_at,
        )


class BatchResponse(BaseModel):
    """Responses in the order of the request."""

    results: list[EnrichResponse]


class Health(BaseModel):
    """State of the service."""

    status: Literal["ok"] = "ok"


class ProviderInfo(BaseModel):
    """A provider: on, or why not, and the fields that it gives."""

    name: str
    title: str
    is_on: bool
    off_because: str | None
    gives: list[str]
    unverified: list[str]

    @classmethod
    def of(cls, state: ProviderState) -> "ProviderInfo":
        """Return the answer for a provider's state."""
        return cls(
            name=state.name,
            title=state.title,
            is_on=state.off_because is None,
            off_because=state.off_because,
            gives=sorted(state.gives),
            unverified=sorted(state.unverified),
        )


class ProviderList(BaseModel):
    """All providers."""

    providers: list[ProviderInfo]
