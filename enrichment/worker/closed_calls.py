"""Operations that take no calls now, as the gateway's last answers had it."""

from datetime import datetime, timedelta

from enrichment.gateway.question import Answered
from enrichment.plan.types import Budgets
from enrichment.types import Call
from songnodes.domain.waterfall import AttemptStatus

#: A disabled provider is asked again after this: a check of the operator may have succeeded.
DISABLED_FOR = timedelta(minutes=5)
CLOSING = frozenset({"breaker_open", "quota_exhausted", "rate_limited", "disabled", "stale_cache"})


class ClosedCalls:
    """Closed operations, each with the end of its time, status and reason."""

    def __init__(self) -> None:
        self._closed: dict[str, tuple[datetime, AttemptStatus, str]] = {}

    def note(self, call: Call, answered: Answered, now: datetime) -> None:
        """Remember an operation that the answer found closed."""
        if answered.status not in CLOSING:
            return
        until = now + DISABLED_FOR if answered.status == "disabled" else answered.retry_at
        if until is not None and until > now:
            key = f"{call.provider}.{call.operation}"
            self._closed[key] = (until, answered.status, answered.note or answered.status)

    def budgets(self, now: datetime) -> Budgets:
        """Return what is closed at this time, for the plan."""
        self._closed = {key: entry for key, entry in self._closed.items() if entry[0] > now}
        return Budgets(
            closed={
                key: (status, f"{why}, closed until {until:%Y-%m-%d %H:%M} UTC")
                for key, (until, status, why) in self._closed.items()
            }
        )

    def opens_at(self, provider: str, now: datetime) -> datetime | None:
        """Return the first time at which a closed operation of the provider opens; None for none."""
        times = [
            until
            for key, (until, _, _) in self._closed.items()
            if key.partition(".")[0] == provider and until > now
        ]
        return min(times, default=None)
