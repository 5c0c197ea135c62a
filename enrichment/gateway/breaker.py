"""Circuit breaker of an operation as a pure rule over its shared state.

Closed: every call is admitted, and outcomes are counted. Open: no call until `open_until`, which comes from
the share of failures, from Retry-After, or from a quota. Half-open: then one call is admitted, the probe, in
all processes together; its outcome closes the breaker or opens it for longer.
"""

import math
from typing import Literal

import msgspec
from msgspec.structs import replace

from enrichment.types import Classified

#: Outcomes are counted over one to two periods.
PERIOD_S = 30.0
MIN_FAILURES = 5  # fewer in a window never open the breaker
MAX_FAILURE_RATIO = 0.5
#: First opening by failures; doubled by each further one, at most MAX_OPEN_S.
OPEN_S = 30.0
MAX_OPEN_S = 900.0
#: Longer values of Retry-After are errors or traps; a provider repeats a real one.
MAX_RETRY_AFTER_S = 7 * 86400.0

Cause = Literal["failures", "busy", "quota"]


class Breaker(msgspec.Struct, frozen=True, kw_only=True):
    """State of a breaker. `open_until` is 0 while it is closed. Counts are of this period and the last one.

    `probe_until` is the end of the probe's lease: a process that was killed holds up no other for longer.
    """

    open_until: float = 0.0
    cause: Cause | None = None
    why: str | None = None
    openings: int = 0
    probe_until: float = 0.0
    period: int = 0
    successes: int = 0
    failures: int = 0
    last_successes: int = 0
    last_failures: int = 0


def is_closed(breaker: Breaker) -> bool:
    """Return True if all calls are admitted."""
    return breaker.open_until == 0.0


def closed_until(breaker: Breaker, now: float) -> float:
    """Return the time before which no call is admitted; `now` or earlier if one is admitted now."""
    return 0.0 if is_closed(breaker) else max(breaker.open_until, breaker.probe_until)


def begin_probe(breaker: Breaker, until: float) -> Breaker:
    """Return the breaker with its probe under way; the probe's outcome is due before `until`."""
    return replace(breaker, probe_until=until)


def end_unsent_probe(breaker: Breaker) -> Breaker:
    """Return the breaker after a probe that was not sent, or that decided nothing: the next call is one."""
    return replace(breaker, probe_until=0.0)


def apply_outcome(
    breaker: Breaker, classified: Classified, now: float, *, is_probe: bool, quota_hold_s: float
) -> Breaker:
    """Return the breaker after an outcome. `quota_hold_s` applies to a quota without Retry-After, or with one
    that is 0 or a date in the past: it must not open the way to a provider that refuses.

    A request of ours that was wrong, and a fault of configuration, tell nothing about the provider.
    """
    match classified.outcome:
        case "hit" | "miss":
            return _succeed(breaker, now, is_probe)
        case "ours" | "configuration":
            return end_unsent_probe(breaker) if is_probe else breaker
        case "quota":
            hold = classified.retry_after_s or quota_hold_s
            if is_probe:  # refused again after the wait that was requested
                hold = max(hold, _growing_hold_s(breaker))
                breaker = replace(breaker, openings=breaker.openings + 1)
            return _open(breaker, now, hold, "quota", classified.note)
    return _fail(breaker, classified, now, is_probe)


def _succeed(breaker: Breaker, now: float, is_probe: bool) -> Breaker:
    if is_probe:
        return Breaker()
    breaker = _in_period(breaker, now)
    return replace(breaker, successes=breaker.successes + 1) if is_closed(breaker) else breaker


def _fail(breaker: Breaker, classified: Classified, now: float, is_probe: bool) -> Breaker:
    retry_after = classified.retry_after_s or 0.0
    if not is_probe and not is_closed(breaker):  # sent before it opened
        return _open(breaker, now, retry_after, "busy", classified.note) if retry_after else breaker
    breaker = _in_period(breaker, now)
    breaker = replace(breaker, failures=breaker.failures + 1)
    if is_probe or _has_failed(breaker):
        hold = _growing_hold_s(breaker)
        breaker = replace(breaker, openings=breaker.openings + 1)
        return _open(breaker, now, max(hold, retry_after), "failures", classified.note)
    return _open(breaker, now, retry_after, "busy", classified.note) if retry_after else breaker


def _growing_hold_s(breaker: Breaker) -> float:
    return min(math.ldexp(OPEN_S, min(breaker.openings, 20)), MAX_OPEN_S)


def _has_failed(breaker: Breaker) -> bool:
    failures = breaker.failures + breaker.last_failures
    total = failures + breaker.successes + breaker.last_successes
    return failures >= MIN_FAILURES and failures >= MAX_FAILURE_RATIO * total


def _open(breaker: Breaker, now: float, hold_s: float, cause: Cause, why: str | None) -> Breaker:
    """Return the breaker opened; a longer opening is never shortened."""
    until = now + min(max(hold_s, 0.0), MAX_RETRY_AFTER_S)
    if until <= breaker.open_until:
        return replace(breaker, probe_until=0.0)
    return replace(breaker, open_until=until, cause=cause, why=why, probe_until=0.0)


def _in_period(breaker: Breaker, now: float) -> Breaker:
    period = int(now // PERIOD_S)
    if period == breaker.period:
        return breaker
    is_next = period == breaker.period + 1
    return replace(
        breaker,
        period=period,
        successes=0,
        failures=0,
        last_successes=breaker.successes if is_next else 0,
        last_failures=breaker.failures if is_next else 0,
    )
