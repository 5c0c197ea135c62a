"""Rules of politeness as pure functions from the state of a host to its next state.

Times are seconds since 1970 by one clock that all processes share (Redis's), durations seconds. There is one
request at a time to a host, and the pause counts from the end of the last one: so neither a slow connection
nor a slow response brings two requests closer together than the pause.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Literal

from producers.fetch.quiet_hours import QuietHours

HOUR_S = 3600.0
DAY_HOURS = 24
#: A pause is up to a quarter longer than required, never shorter: regular intervals strain a server more.
JITTER = 0.25
#: Lease of a request in flight; its process renews it every quarter. A killed process blocks the host until
#: its lease ends.
LEASE_S = 4.0
#: A failing host is retried after 2, 4, 8 ... pauses, at most this long.
MAX_BACKOFF_S = 900.0
#: Multiplier after 429: rate limits count minutes, so the host rests longer than after a failure.
LIMIT_PAUSES = 30
MAX_BLOCK_S = 48 * HOUR_S
#: Blocks closer together than this belong together: each cooldown is twice the one before.
BLOCK_RESET_S = 7 * 24 * HOUR_S

#: "unused": nothing was sent. "dropped": cancelled by us, so nothing was learned about the site.
Ending = Literal["fetched", "failed", "limited", "blocked", "unused", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPolicy:
    """Limits for a host: the pause in seconds, requests within 24 hours, quiet hours, and the seconds of the
    first cooldown after a block.
    """

    pause: float
    budget: int
    quiet: QuietHours | None = None
    block_hold: float = 2 * HOUR_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """The request in flight: its owner's token, its start, and the end of its lease."""

    token: str
    began: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """State of a host. `spent` counts requests by hour since 1970; counters never decrease."""

    ended: float = 0.0
    jitter: float = 0.0
    flight: Flight | None = None
    held_until: float = 0.0
    why: str | None = None
    failures: int = 0
    blocks: int = 0
    last_block: float = 0.0
    spent: dict[int, int] = field(default_factory=dict)
    fetched: int = 0
    failed: int = 0
    blocked: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchOutcome:
    """Outcome of a request; `hold` is the minimum cooldown in seconds that the site requests, if any."""

    ending: Ending
    hold: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """No slot now: retry at `until`. `is_cooldown` is True when the reason is more than the normal pause."""

    until: float
    why: str
    is_cooldown: bool


def start(host: Host, policy: HostPolicy, now: float, token: str, jitter: float) -> Host | Wait:
    """Return the host with the caller's request in flight, or a Wait. `jitter` is between 0 and 1."""
    if host.held_until > now:
        return Wait(until=host.held_until, why=host.why or "held", is_cooldown=True)
    if host.flight and host.flight.until > now:  # it ends now at the earliest, and then there is the pause
        return Wait(until=now + max(policy.pause, 0.005), why="turn", is_cooldown=False)
    due = next_turn(host, policy)
    if due > now:
        return Wait(until=due, why="turn", is_cooldown=False)
    if policy.quiet and policy.quiet.covers(now):
        return Wait(until=policy.quiet.end(now), why="quiet hours", is_cooldown=True)
    if budget_left(host, policy, now) <= 0:
        return Wait(until=_next_budget(host, policy, now), why="budget spent", is_cooldown=True)
    spent = _requests_by_hour(host, now)
    spent[_hour_number(now)] = spent.get(_hour_number(now), 0) + 1
    flight = Flight(token=token, began=now, until=now + LEASE_S)
    return replace(host, flight=flight, jitter=jitter, spent=spent)


def renew(host: Host, now: float, token: str) -> Host | None:
    """Return the host with a renewed lease; None when the request is no longer in flight."""
    if host.flight is None or host.flight.token != token or host.flight.until <= now:
        return None
    return replace(host, flight=replace(host.flight, until=now + LEASE_S))


def finish(host: Host, policy: HostPolicy, now: float, token: str, outcome: FetchOutcome) -> Host:
    """Return the host after a request. The outcome of a request that lost its slot counts as well."""
    flight = host.flight
    if flight is not None and flight.token == token:
        if outcome.ending == "unused":
            return _release_unused(host, flight, now)
        flight = None
    return apply_outcome(replace(host, flight=flight, ended=max(host.ended, now)), policy, now, outcome)


def apply_outcome(host: Host, policy: HostPolicy, now: float, outcome: FetchOutcome) -> Host:
    """Return the host after an outcome. A longer cooldown is never shortened."""
    match outcome.ending:
        case "fetched":
            host = replace(host, fetched=host.fetched + 1, failures=0)
            return _cool_down(host, now, outcome.hold, outcome) if outcome.hold else host
        case "failed" | "limited":
            host = replace(host, failed=host.failed + 1, failures=host.failures + 1)
            return _cool_down(host, now, _cooldown_seconds(host, policy, outcome), outcome)
        case "blocked":
            is_repeated = now - host.last_block < BLOCK_RESET_S
            host = replace(
                host, blocked=host.blocked + 1, blocks=host.blocks + 1 if is_repeated else 1, last_block=now
            )
            cooldown = _exponential(policy.block_hold, host.blocks - 1, max(MAX_BLOCK_S, policy.block_hold))
            return _cool_down(host, now, max(cooldown, outcome.hold or 0.0), outcome)
    return host


def next_turn(host: Host, policy: HostPolicy) -> float:
    """Return the earliest time of the next request, cooldowns and limits aside; 0 before the first request.

    A request whose process was killed counts as ended when its lease ends.
    """
    ended = max(host.ended, host.flight.until if host.flight else 0.0)
    return ended + policy.pause * (1 + JITTER * host.jitter) if ended else 0.0


def budget_left(host: Host, policy: HostPolicy, now: float) -> int:
    """Return the requests left in the budget. Hours count as a whole, so that no 24 hours exceed it."""
    return policy.budget - sum(_requests_by_hour(host, now).values())


def _cooldown_seconds(host: Host, policy: HostPolicy, outcome: FetchOutcome) -> float:
    """Return the cooldown after consecutive failures: growing, and at least what the site requests.

    A Retry-After of 0, or one in the past (from a cache), must not shorten the cooldown of a failing host.
    """
    pauses = LIMIT_PAUSES if outcome.ending == "limited" else 1
    backoff = _exponential(policy.pause * pauses, host.failures, max(MAX_BACKOFF_S, policy.pause))
    return max(backoff, outcome.hold or 0.0)


def _exponential(first: float, times: int, limit: float) -> float:
    return min(math.ldexp(first, min(times, 60)), limit)


def _cool_down(host: Host, now: float, cooldown: float, outcome: FetchOutcome) -> Host:
    until = now + cooldown
    if until <= host.held_until:
        return host
    return replace(host, held_until=until, why=outcome.why or outcome.ending)


def _release_unused(host: Host, flight: Flight, now: float) -> Host:
    hour = _hour_number(flight.began)
    spent = _requests_by_hour(host, now)
    if spent.get(hour):
        spent[hour] -= 1
    return replace(host, flight=None, spent=spent)


def _hour_number(time: float) -> int:
    return int(time // HOUR_S)


def _requests_by_hour(host: Host, now: float) -> dict[int, int]:
    """Return the requests by hour within a window of 24 hours that ends now."""
    return {hour: count for hour, count in host.spent.items() if hour >= _hour_number(now) - DAY_HOURS}


def _next_budget(host: Host, policy: HostPolicy, now: float) -> float:
    """Return when enough hours have left the window for a request to fit; in an hour if none ever fits."""
    over = 1 - budget_left(host, policy, now)
    for hour, count in sorted(_requests_by_hour(host, now).items()):
        over -= count
        if over <= 0:
            return (hour + DAY_HOURS + 1) * HOUR_S
    return now + HOUR_S
