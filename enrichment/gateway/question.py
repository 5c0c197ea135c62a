"""Input and output of the gateway: one question per track, one answer per question."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from enrichment.types import Call, Response
from songnodes.domain.enrichments import subject_of
from songnodes.domain.waterfall.answers import AttemptStatus

Requester = Literal["worker", "service", "cli"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A call for one track or, with an empty `track_id`, for one artist.

    Of a batch operation, `call` has one item.
    `attempt` counts from 1 the attempts at this call for this request; None: each response is an attempt of
    its own, so the same one from the cache is archived once. `lookup` and `claim` are those of
    `bronze.enrichments`: how the track is looked up, and the track as requested. With `renew`, an answer of
    the cache is not used: the provider is asked.
    """

    track_id: str
    request_id: str
    call: Call
    requested_by: Requester = "worker"
    attempt: int | None = 1
    lookup: str = ""
    claim: Mapping[str, Any] | None = field(default=None)
    artist_id: str | None = None
    renew: bool = False

    @property
    def subject(self) -> str:
        """Return the subject under which the answer is archived."""
        return subject_of(self.track_id, self.artist_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The answer to a question; `response` is None where no answer with a body exists.

    `attempts` counts the requests sent for it: 0 from the cache. `retry_at` is the time before which the same
    question gets no better answer; None if it has a final one, or if none is known. `replaced` is the status
    of the failed answer whose place one from the cache has taken. `record` is that of the archive.
    """

    status: AttemptStatus
    replaced: AttemptStatus | None = None
    response: Response | None = None
    note: str | None = None
    attempts: int = 0
    retry_at: datetime | None = None
    batch_id: str | None = None
    batch_size: int = 1
    is_slice: bool = False
    record: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)
