"""Input and output types of the waterfall."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypedDict

AttemptStatus = Literal[
    "hit",
    "miss",
    "skipped",
    "rejected",
    "error",
    "rate_limited",
    "quota_exhausted",
    "breaker_open",
    "disabled",
    "stale_cache",
]

#: The field of an answer, or an attempt, that is about a provider as a whole.
EVERY_FIELD = "*"

OVERRIDE = "override"
PAGE = "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A provider's value for one field or, for `EVERY_FIELD`, the outcome of its request.

    `match_confidence` 0 to 1 is the certainty that the answer is about this track. `observed` is the time of
    the answer; of two answers of one provider with equal confidence the newer counts. `response` identifies
    the archived response, of which one serves many fields; the page has none.
    """

    provider: str
    field: str
    value: Any = None
    match_confidence: float = 1.0
    observed: datetime | None = None
    cached: bool = False
    note: str | None = None
    status: AttemptStatus = "hit"
    response: str | None = None
    response_time_ms: int | None = None


class Tried(TypedDict):
    """A provider considered for a field. `recorded` is its entry of `waterfall_attempts`."""

    field: str
    provider: str
    value: Any
    confidence: float | None
    timestamp: str | None
    cached: bool
    chosen: bool
    status: AttemptStatus
    note: str | None
    response_time_ms: int | None
    config_version: str


#: Members of an attempt without a value.
_LEFT_OUT_WHEN_EMPTY = ("confidence", "timestamp", "cached", "chosen", "note", "response_time_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """The chosen values by table column, with their reasons.

    `confidences` are those of the columns that have a value (0 to 1), `provenance` their providers.
    `recorded` has the attempts as `waterfall_attempts` has them. `conflicts` are fields on which providers
    contradict each other without a majority. `alternatives` has the other octave of an ambiguous tempo.
    """

    values: Mapping[str, Any]
    confidences: Mapping[str, float]
    provenance: Mapping[str, str]
    attempts: tuple[Tried, ...]
    recorded: tuple[Mapping[str, Any], ...]
    conflicts: tuple[str, ...] = ()
    alternatives: Mapping[str, Any] = field(default_factory=dict)
    unobtainable: tuple[str, ...] = ()
    config_version: str = ""
    api_calls: int = 0
    cache_hits: int = 0
    duration_ms: int = 0
    last_enriched: datetime | None = None

    @property
    def bpm_ambiguous(self) -> bool:
        """Return True if providers agree on the tempo only after doubling or halving."""
        return "bpm" in self.alternatives

    def metadata(self, scores: Mapping[str, float]) -> dict[str, Any]:
        """Return the document's `enrichment_metadata`; `scores`: completeness, confidence, validation."""
        return {
            "waterfall_attempts": list(self.recorded),
            "providers_used": list(dict.fromkeys(self.provenance.values())),
            "total_api_calls": self.api_calls,
            "total_cache_hits": self.cache_hits,
            "enrichment_duration_ms": self.duration_ms,
            "quality_scores": dict(scores),
        }

    def details(self) -> dict[str, Any]:
        """Return what the document's metadata have no field for."""
        return {
            "provenance": dict(self.provenance),
            "conflicts": list(self.conflicts),
            "alternatives": dict(self.alternatives),
            "unobtainable": list(self.unobtainable),
            "config_version": self.config_version,
        }


def recorded(attempt: Tried) -> Mapping[str, Any]:
    """Return an attempt as it is in `waterfall_attempts`: one without a value without its empty members.

    Most attempts of most tracks name a provider that was not asked: whole they were 2.7 of the 3.4 kB of a
    record. Their `config_version` is that of the record.
    """
    if attempt["value"] is not None:
        return attempt
    members: Mapping[str, Any] = attempt
    short = {name: members[name] for name in ("field", "provider", "status")}
    for name in _LEFT_OUT_WHEN_EMPTY:
        if members[name]:
            short[name] = members[name]
    return short


def page_answers(
    values: Mapping[str, Any], observed: datetime | None = None, *, notes: Mapping[str, str] | None = None
) -> tuple[Answer, ...]:
    """Return the values of a page, by column, as answers; key and key_mode become one.

    A list with a note and without a value is an answer too: it is refused, and its attempt has the note.
    """
    noted = notes or {}
    return tuple(
        Answer(provider=PAGE, field=name, value=value, observed=observed, note=noted.get(name))
        for name, value in page_fields(values, noted).items()
    )


def page_fields(values: Mapping[str, Any], notes: Iterable[str]) -> dict[str, Any]:
    """Return the values of a page by field; one with a note and without a value is an empty list."""
    return {**{name: [] for name in notes}, **united(values)}


def united(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with key and key_mode as one: neither has a meaning without the other."""
    merged = {name: value for name, value in values.items() if name != "key_mode"}
    key = values.get("key")
    if isinstance(key, int) or (isinstance(key, str) and key.isdigit()):
        merged["key"] = (key, values.get("key_mode"))
    elif key is None and "key_mode" in values:
        merged["key"] = (0, values["key_mode"])
    return merged


def count_responses(answers: Iterable[Answer]) -> tuple[int, int, int]:
    """Return calls, cached responses and milliseconds waited; a response counts once for all its fields."""
    responses: dict[tuple[str, str], Answer] = {}
    for answer in answers:
        if answer.response is not None:
            first = responses.setdefault((answer.provider, answer.response), answer)
            if first.cached and not answer.cached:
                responses[answer.provider, answer.response] = answer
    cached = sum(answer.cached for answer in responses.values())
    waited = sum(answer.response_time_ms or 0 for answer in responses.values() if not answer.cached)
    return len(responses) - cached, cached, waited
