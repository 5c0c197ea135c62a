"""Follow-ups of an attempt at a call, by its status, and their times. Pure.

FOLLOW_UPS has every status: a call is answered, looked up again by the schedule of rechecks, or sent again by
itself. So no call ends without one of these.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from enrichment.plan.types import ArchivedAnswer, Closure, Skipped
from songnodes.domain.waterfall import AttemptStatus

#: `none`: the call is answered. `recheck`: the provider has no such track; the call is sent again at
#: `recheck_at`. `backoff`: it is sent again after RETRY_AFTER, doubling with errors. `daily`: it is planned
#: again after REFUSED_RETRY_AFTER, since an operator has to act first.
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


def recheck_at(observed: datetime, misses: int) -> datetime:
    """Return the time at which the last of so many misses in succession is looked up again.

    That is after 1 day, doubling to 32.
    """
    return observed + FIRST_RECHECK * (1 << min(max(misses - 1, 0), MAX_DOUBLINGS))


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


def misses_of(entries: Iterable[ArchivedAnswer]) -> dict[str, int]:
    """Return per call the misses since its newest answer with values; failed attempts are none."""
    answered = {entry["attempt_id"]: entry for entry in entries if not is_failure(entry)}
    misses: dict[str, int] = {}
    for entry in sorted(answered.values(), key=lambda entry: (entry["observed_at"], entry["attempt_id"])):
        is_miss = follow_up(entry["status"]) == "recheck"
        misses[entry["call"]] = misses.get(entry["call"], 0) + 1 if is_miss else 0
    return misses


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHistory:
    """Archived attempts at one call: the answer that counts, failures since, misses in succession."""

    entry: ArchivedAnswer | None = None
    failures: Sequence[ArchivedAnswer] = ()
    misses: int = 0

    @property
    def is_answered(self) -> bool:
        """Return True if the provider has responded: the next attempt is a recheck, or a renewal."""
        return self.entry is not None and not is_failure(self.entry)


class Histories:
    """Histories of the calls of a track or artist."""

    def __init__(self, entries: Sequence[ArchivedAnswer], by_call: Mapping[str, ArchivedAnswer]) -> None:
        self._by_call = by_call
        self._failures = failures_of(entries, by_call)
        self._misses = misses_of(entries)

    def of(self, call: str) -> CallHistory:
        """Return the history of a call, by its key."""
        return CallHistory(
            entry=self._by_call.get(call),
            failures=self._failures.get(call, ()),
            misses=self._misses.get(call, 0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The reason for which a call is not sent now.

    `retry_at` is the time of the next attempt at a call that has failed, `recheck_at` at an answered one.
    """

    reason: str
    retry_at: datetime | None = None
    recheck_at: datetime | None = None


def waiting(
    history: CallHistory, now: datetime, *, rechecks: bool, renewed_after: timedelta | None = None
) -> Waiting | None:
    """Return why an archived call is not sent again now; None for one to send.

    Without `rechecks`, a call that is answered is left to the schedule even if it is due. A call with values
    is sent again `renewed_after` its answer, None: never.
    """
    entry, failures = history.entry, history.failures
    if entry is None:
        return None
    due = entry["observed_at"]
    match follow_up(entry["status"]):
        case "none":
            if renewed_after is None:
                return Waiting(reason="it is answered")
            due += renewed_after
        case "recheck":
            due = recheck_at(due, history.misses)
    if failures:
        entry = failures[-1]
        due = max(due, next_attempt_at(failures))
    if now >= due and (rechecks or not history.is_answered):
        return None
    reason = f"{entry['status']} on {entry['observed_at']:%Y-%m-%d}, again after {due:%Y-%m-%d %H:%M} UTC"
    if history.is_answered:
        return Waiting(reason=reason, recheck_at=due)
    return Waiting(reason=reason, retry_at=due)


@dataclass(slots=True)
class LaterCalls:
    """Times of the calls of one provider that are not sent now: retries, and rechecks."""

    now: datetime
    retries: list[datetime] = field(default_factory=list)
    rechecks: list[datetime] = field(default_factory=list)

    def note(self, wait: Waiting, closure: Closure | None) -> None:
        """Add the times of a call, at which its operation has to be open."""
        if wait.retry_at is not None:
            self.retries.append(max(wait.retry_at, opens_at(closure, self.now)))
        if wait.recheck_at is not None:
            opens = wait.recheck_at if closure is None else opens_at(closure, self.now)
            self.rechecks.append(max(wait.recheck_at, opens))

    def skipped(self, provider: str, reason: str) -> Skipped:
        """Return the decision about a provider without a call to send."""
        return Skipped(
            provider=provider,
            status="skipped",
            reason=reason,
            retry_at=min(self.retries, default=None),
            recheck_at=min(self.rechecks, default=None),
        )

    def closed(self, provider: str, closure: Closure, *, again: bool = False) -> Skipped:
        """Return the decision about a provider whose next call finds its operation closed."""
        (self.rechecks if again else self.retries).append(opens_at(closure, self.now))
        skipped = self.skipped(provider, closure.reason)
        return replace(skipped, status=closure.status)
