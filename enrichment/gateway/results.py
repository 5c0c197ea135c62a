"""Results of calls: from outcomes to the statuses of the archive. Pure."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from enrichment.gateway import cache_rules
from enrichment.gateway.account import Closed
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.exchange import Exchanged
from enrichment.gateway.question import Answered
from enrichment.types import Call, Outcome, Provider, Response
from songnodes.domain.waterfall.answers import AttemptStatus

TOO_MANY_REQUESTS = 429
#: A limit that opens later than this is a budget.
MAX_RATE_LIMIT_S = 3600.0
#: Statuses for which a stale answer is better than none.
REPLACED_BY_STALE: frozenset[AttemptStatus] = frozenset(
    {"error", "rate_limited", "quota_exhausted", "breaker_open"}
)

_STATUS_OF_OUTCOME: dict[Outcome, AttemptStatus] = {
    "hit": "hit",
    "miss": "miss",
    "ours": "error",
    "configuration": "disabled",
    "quota": "quota_exhausted",
    "busy": "error",
    "broken": "error",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of an answer for one item of a call; of an answer for one track alone, all of it."""

    key: str
    outcome: Outcome
    response: Response
    is_slice: bool


def parts_of(provider: Provider, call: Call, items: dict[str, str], exchanged: Exchanged) -> list[Part]:
    """Return the parts of an answer that is a hit or a miss. `items` are the keys of item calls by item."""
    response, outcome = exchanged.response, exchanged.classified.outcome
    if response is None:
        return []
    if not items:
        return [Part(key=call.key, outcome=outcome, response=response, is_slice=False)]
    bodies = provider.split(call, response.body) if outcome == "hit" else {}
    return [
        Part(
            key=key,
            outcome="hit" if item in bodies else "miss",
            response=replace(response, body=bodies.get(item, b"")),
            is_slice=item in bodies,
        )
        for item, key in items.items()
    ]


def failed(exchanged: Exchanged, attempts: int, now: datetime) -> Answered:
    """Return the answer of a call without a hit or a miss."""
    classified, closed = exchanged.classified, exchanged.closed
    if not exchanged.sent and closed is not None:
        status = _status_of_closed(closed, now)
    elif exchanged.response is not None and exchanged.response.status == TOO_MANY_REQUESTS:
        status = "quota_exhausted" if classified.outcome == "quota" else "rate_limited"
    else:
        status = _STATUS_OF_OUTCOME[classified.outcome]
    note = classified.note
    if classified.outcome == "ours":
        note = f"a fault of this program: {note or 'the provider refuses the request'}"
    return Answered(
        status=status,
        response=exchanged.response,
        note=note,
        attempts=attempts,
        retry_at=moment(closed.until) if closed is not None else None,
    )


def cached(entry: Entry) -> Answered:
    """Return the answer of a fresh entry."""
    return Answered(
        status="hit" if entry.outcome == "hit" else "miss",
        response=response_of(entry, stale=False),
        note=entry.note,
        is_slice=entry.is_slice,
    )


def with_stale(answered: Answered, entry: Entry | None) -> Answered:
    """Return the answer with the body of an entry past its time, where the provider gave none."""
    if entry is None or entry.outcome != "hit" or answered.status not in REPLACED_BY_STALE:
        return answered
    return replace(
        answered,
        status="stale_cache",
        replaced=answered.status,
        response=response_of(entry, stale=True),
        note=f"{answered.status}: {answered.note}" if answered.note else answered.status,
        is_slice=entry.is_slice,
    )


def replayed(entry: Entry | None) -> Answered:
    """Return the answer without a network: that of the cache, however old."""
    if entry is None:
        return Answered(status="skipped", note="replay: the answer is not in the cache")
    return cached(entry)


def response_of(entry: Entry, *, stale: bool) -> Response:
    """Return the response of an entry."""
    return Response(
        status=entry.status,
        headers=entry.headers,
        body=entry.body,
        latency_ms=entry.latency_ms,
        received=datetime.fromtimestamp(entry.received, UTC),
        cached=True,
        stale=stale,
    )


def entry_of_part(
    provider: Provider, call: Call, part: Part, previous: Entry | None, note: str | None, now: float
) -> Entry:
    """Return the entry of a part."""
    operation = provider.operations[call.operation]
    return cache_rules.entry_of(
        part.response, part.outcome, operation, previous, now=now, note=note, is_slice=part.is_slice
    )


def moment(seconds: float) -> datetime | None:
    """Return seconds since 1970 as a time; None for an infinite one."""
    return None if seconds == float("inf") else datetime.fromtimestamp(seconds, UTC)


def _status_of_closed(closed: Closed, now: datetime) -> AttemptStatus:
    match closed.cause:
        case "failures":
            return "breaker_open"
        case "busy":
            return "rate_limited"
        case "disabled":
            return "disabled"
        case "quota":
            return "quota_exhausted"
    is_budget = closed.until - now.timestamp() > MAX_RATE_LIMIT_S
    return "quota_exhausted" if is_budget else "rate_limited"
