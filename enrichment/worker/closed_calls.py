"""Operations that take no calls now, as the gateway's last answers had it."""

from datetime import datetime, timedelta

from enrichment.gateway.question import Answered
from enrichment.plan.types import Budgets, ClosedStatus, Closure
from enrichment.types import Call

#: A disabled provider is asked again after this: a check of the operator may have succeeded.
DISABLED_FOR = timedelta(minutes=5)


class ClosedCalls:
    """Closed operations, by "provider.operation"."""

    def __init__(self) -> None:
        self._closed: dict[str, Closure] = {}

    def note(self, call: Call, answered: Answered, now: datetime) -> None:
        """Remember an operation that the answer found closed."""
        status = _closed_status(answered)
        if status is None:
            return
        until = now + DISABLED_FOR if status == "disabled" else answered.retry_at
        if until is not None and until > now:
            reason = f"{answered.note or status}, closed until {until:%Y-%m-%d %H:%M} UTC"
            self._closed[f"{call.provider}.{call.operation}"] = Closure(
                status=status, reason=reason, until=until
            )

    def budgets(self, now: datetime) -> Budgets:
        """Return what is closed at this time, for the plan."""
        self._closed = {key: closure for key, closure in self._closed.items() if closure.until > now}
        return Budgets(closed=dict(self._closed))


def _closed_status(answered: Answered) -> ClosedStatus | None:
    """Return the status of the closed operation; None for an answer that shows none.

    A stale answer has taken the place of a failed one, whose status it is.
    """
    status = answered.replaced or answered.status
    match status:
        case "rate_limited" | "quota_exhausted" | "breaker_open" | "disabled":
            return status
    return None
