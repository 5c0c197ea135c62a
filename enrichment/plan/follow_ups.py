"""Follow-ups of an attempt at a call, by its status, and their times. Pure.

FOLLOW_UPS has every status: a call is answered, checked again with a later request, or sent again by itself.
So no call ends without one of these.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from enrichment.plan.types import ArchivedAnswer, Closure, Skipped
from songnodes.domain.waterfall import AttemptStatus

#: `none`: the call is answered. `recheck`: the provider has no such track; the call is sent again for a later
#: request. `backoff`: it is sent again after RETRY_AFTER, doubling with errors. `daily`: it is planned again
#: after REFUSED_RETRY_AFTER, since an operator has to act first.
FollowUp = Literal["none", "recheck", "backoff", "daily"]

FOLLOW_UPS: Mapping[AttemptStatus, FollowUp] = {
    "hit": "none",
    "stale_cache": "none",
    "miss": "recheck",
    "rejected": "recheck",
    "error": "backoff",
    "rate_limited": "backoff",
    "quota_exhausted": "backoff",
    "breaker_open": "backoff",
    "disabled": "daily",
    "skipped": "daily",  # in mode `replay`: the answer is not in the cache, and nothing is sent
}
#: A failed call is not planned again before: the gateway has its own retries.
RETRY_AFTER = timedelta(hours=1)
REFUSED_RETRY_AFTER = timedelta(days=1)
FIRST_RECHECK = timedelta(days=1)
MAX_DOUBLINGS = 5  # 32 days
MAX_RETRY_DOUBLINGS = 10  # the next power of two of hours above 32 days
MAX_DELAY = FIRST_RECHECK * (1 << MAX_DOUBLINGS)


def recheck_at(observed: datetime, recheck: int) -> datetime:
    """Return the time at which a miss is checked again: after 1 day, doubling to 32."""
    return observed + FIRST_RECHECK * (1 << min(recheck, MAX_DOUBLINGS))


def retry_at(failed: datetime, errors: int) -> datetime:
    """Return the time at which a failed call is sent again: after 1 hour, doubling with errors to 32 days."""
    delay = RETRY_AFTER * (1 << min(max(errors - 1, 0), MAX_RETRY_DOUBLINGS))
    return failed + min(delay, MAX_DELAY)


def next_attempt_at(failures: Sequence[ArchivedAnswer]) -> datetime:
    """Return the time at which a call is sent again after these failed attempts, the newest one last."""
    newest = failures[-1]
    if follow_up(newest["status"]) == "daily":
        return newest["observed_at"] + REFUSED_RETRY_AFTER
    return retry_at(newest["observed_at"], sum(failure["status"] == "error" for failure in failures))


def follow_up(status: str) -> FollowUp:
    """Return what follows an attempt; one with a status of a later version is sent again."""
    return FOLLOW_UPS.get(status, "backoff")  # type: ignore[call-overload, no-any-return]


def is_failure(entry: ArchivedAnswer) -> bool:
    """Return True for an attempt that is sent again by itself."""
    return follow_up(entry["status"]) in ("backoff", "daily")


def opens_at(closure: Closure | None, now: datetime) -> datetime:
    """Return the time from which a track is planned again that found an operation closed; now without one.

    An operation that is refused may open earlier, if the operator acts. Tracks wait for a day nevertheless,
    so that a provider that stays refused costs little.
    """
    if closure is None:
        return now
    if follow_up(closure.status) == "daily":
        return max(closure.until, now + REFUSED_RETRY_AFTER)
    return closure.until


def failures_of(
    entries: Iterable[ArchivedAnswer], by_call: Mapping[str, ArchivedAnswer]
) -> dict[str, list[ArchivedAnswer]]:
    """Return per call the failed attempts since its newest answer, the oldest first."""
    failures: dict[str, list[ArchivedAnswer]] = {}
    failed = [entry for entry in entries if is_failure(entry)]
    for entry in sorted(failed, key=lambda entry: (entry["observed_at"], entry["attempt_id"])):
        newest = by_call.get(entry["call"])
        if newest is None:
            continue
        if is_failure(newest) or entry["observed_at"] > newest["observed_at"]:
            failures.setdefault(entry["call"], []).append(entry)
    return failures


def waiting(
    entry: ArchivedAnswer | None,
    failures: Sequence[ArchivedAnswer],
    now: datetime,
    recheck: int,
    *,
    renewed_after: timedelta | None = None,
) -> tuple[str, datetime | None] | None:
    """Return why an archived call is not sent again now; None for one to send.

    With the reason comes the time of the next attempt at a failed call, None for an answered one. A call with
    values is sent again `renewed_after` its answer, None: never.
    """
    if entry is None:
        return None
    due = entry["observed_at"]
    match follow_up(entry["status"]):
        case "none":
            if renewed_after is None:
                return "it is answered", None
            due += renewed_after
        case "recheck":
            due = recheck_at(due, recheck)
    if failures:
        entry = failures[-1]
        due = max(due, next_attempt_at(failures))
    if now >= due:
        return None
    reason = f"{entry['status']} on {entry['observed_at']:%Y-%m-%d}, again after {due:%Y-%m-%d %H:%M} UTC"
    return reason, due if failures else None


def skip_closed(name: str, closure: Closure, retries: Sequence[datetime], now: datetime) -> Skipped:
    """Return the decision about a provider whose next call finds its operation closed."""
    at = min([*retries, opens_at(closure, now)])
    return Skipped(provider=name, status=closure.status, reason=closure.reason, retry_at=at)
