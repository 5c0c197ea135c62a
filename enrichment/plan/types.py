"""Types of the plan: the track in question, the configuration, and the calls planned or skipped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from enrichment.types import Call
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.records import AttemptClaim, EnrichmentRequest
from songnodes.domain.waterfall import AttemptStatus, Config

#: Statuses of an operation that takes no calls now.
ClosedStatus = Literal["rate_limited", "quota_exhausted", "breaker_open", "disabled"]

#: An archived answer, evaluated (`enrichment.answers.evaluate`).
ArchivedAnswer = AnswerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackQuestion:
    """A track to enrich. `known` are the fields that pages or an operator supply, `ids` theirs."""

    track_id: str
    request_id: str
    artist: str
    title: str
    text: str
    duration_ms: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    plays: int = 1
    first_played: date | None = None
    artist_id: None = None

    @property
    def claim(self) -> AttemptClaim:
        """Return the track as it goes into the record of each attempt."""
        return {"text": self.text, "duration_ms": self.duration_ms, "ids": dict(self.ids)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtistQuestion:
    """An artist whose profiles to look up. `ids` are by site; several of one site are joined by commas."""

    artist_id: str
    request_id: str
    name: str
    ids: Mapping[str, str]
    plays: int = 1
    first_played: date | None = None
    track_id: str = ""

    @property
    def claim(self) -> AttemptClaim:
        """Return the artist as it goes into the record of each attempt."""
        return {"text": self.name, "duration_ms": None, "ids": dict(self.ids)}


SubjectQuestion = TrackQuestion | ArtistQuestion


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanConfiguration:
    """Decisions of the operator. `off`: provider -> why it is off; `now` is the time of the plan.

    Without `rechecks`, a call that is answered is not planned, even if it is due again.
    """

    waterfall: Config
    now: datetime
    rechecks: bool = True
    off: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """An operation that takes no calls before `until`, with the status and the reason."""

    status: ClosedStatus
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Budgets:
    """Providers, or "provider.operation", that take no calls now."""

    closed: Mapping[str, Closure] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedCall:
    """A call to send; of an operation with batches, its parameter has this track's item only.

    `again`: it was answered before. It is a recheck of a miss, or the renewal of a profile.
    """

    call: Call
    lookup: str
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A provider that is not called, with the status of the waterfall and the reason.

    `retry_at` is the time from which a call of it is sent that cannot be sent now; None where none is left:
    it is off, can add nothing, or has answered. `recheck_at` is the time at which a call that is answered is
    sent again; None for never.
    """

    provider: str
    status: AttemptStatus
    reason: str
    retry_at: datetime | None = None
    recheck_at: datetime | None = None


def question_of(request: EnrichmentRequest, fields: frozenset[str]) -> SubjectQuestion:
    """Return the question of a request; `fields` are all that the waterfall has."""
    if request["artist_id"] is not None:
        return ArtistQuestion(
            artist_id=request["artist_id"],
            request_id=request["request_id"],
            name=request["artist_name"],
            ids=request["known_ids"],
            plays=request["plays"],
        )
    return TrackQuestion(
        track_id=request["track_id"],
        request_id=request["request_id"],
        artist=request["artist_name"],
        title=request["track_title"],
        text=request["text"] or f"{request['artist_name']} - {request['track_title']}",
        duration_ms=request["duration_ms"],
        ids=request["known_ids"],
        known=fields.difference(request["missing"]),
        plays=request["plays"],
        first_played=request["first_set_date"],
    )
