"""The rules of politeness, as pure functions: what is known of a host, what is asked, what follows.

Times are seconds since 1970 by one clock that all processes share (Redis's), durations seconds. There is one
request at a time to a host, and the pause counts from the end of the last one: so neither a slow connection
nor a slow answer brings two requests closer together than the pause.
"""

import math
from dataclasses import dataclass, field, replace
from typing import Literal

from producers.fetch.quiet import Quiet

HOUR = 3600.0
DAY_HOURS = 24
#: A pause is up to a quarter longer than it has to be, never shorter: a machine's beat strains a server more.
JITTER = 0.25
#: Seconds that a request in flight is known to be alive for; its process says so again every third of it.
#: What a killed process leaves behind blocks the host for so long.
LEASE = 4.0
#: A failing host is asked again after 2, 4, 8 ... pauses, at most this long.
LONGEST_BACKOFF = 900.0
#: After 429 the limit counts minutes, so more pauses than after a failure.
LIMIT_PAUSES = 30
LONGEST_BLOCK = 48 * HOUR
#: Blocks closer together than this are one story: each hold is twice the one before.
BLOCK_MEMORY = 7 * 24 * HOUR

#: "unused": nothing was sent. "dropped": we gave up on it, which says nothing of the site.
Ending = Literal["fetched", "failed", "limited", "blocked", "unused", "dropped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How a host is to be treated: the pause in seconds, requests within any 24 hours, quiet hours, the first
    hold after a block in seconds."""

    pause: float
    budget: int
    quiet: Quiet | None = None
    block_hold: float = 2 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Flight:
    """The one request that is under way: whose it is, when it began, and until when its process is alive."""

    token: str
    began: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """All that is remembered of a host. `spent` are requests by hour since 1970; counters never fall."""

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
class Conclusion:
    """How a request ended; `hold` is the least number of seconds of rest that the site asks for, if any."""

    ending: Ending
    hold: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Not now. `until` is when asking again makes sense; `held` says that it is more than taking turns."""

    until: float
    why: str
    held: bool


def ask(host: Host, terms: Terms, now: float, token: str, jitter: float) -> Host | Wait:
    """The host with the caller's request in flight, or why not yet. `jitter` is between 0 and 1."""
    if host.held_until > now:
        return Wait(until=host.held_until, why=host.why or "held", held=True)
    if host.flight and host.flight.until > now:  # it ends now at the earliest, and then there is the pause
        return Wait(until=now + max(terms.pause, 0.005), why="turn", held=False)
    due = next_turn(host, terms)
    if due > now:
        return Wait(until=due, why="turn", held=False)
    if terms.quiet and terms.quiet.covers(now):
        return Wait(until=terms.quiet.end(now), why="quiet hours", held=True)
    if left(host, terms, now) <= 0:
        return Wait(until=_budget_again(host, terms, now), why="budget spent", held=True)
    spent = _recent(host, now)
    spent[_hour(now)] = spent.get(_hour(now), 0) + 1
    flight = Flight(token=token, began=now, until=now + LEASE)
    return replace(host, flight=flight, jitter=jitter, spent=spent)


def renew(host: Host, now: float, token: str) -> Host | None:
    """The same request for a further while; None when it is no longer the one in flight."""
    if host.flight is None or host.flight.token != token or host.flight.until <= now:
        return None
    return replace(host, flight=replace(host.flight, until=now + LEASE))


def end(host: Host, terms: Terms, now: float, token: str, conclusion: Conclusion) -> Host:
    """The host after a request. One that lost its turn ends late, and what it learnt counts all the same."""
    flight = host.flight
    if flight is not None and flight.token == token:
        if conclusion.ending == "unused":
            return _unused(host, flight, now)
        flight = None
    return conclude(replace(host, flight=flight, ended=max(host.ended, now)), terms, now, conclusion)


def conclude(host: Host, terms: Terms, now: float, conclusion: Conclusion) -> Host:
    """The host after what was learnt of it. A longer hold is never shortened."""
    match conclusion.ending:
        case "fetched":
            return replace(host, fetched=host.fetched + 1, failures=0)
        case "failed" | "limited":
            host = replace(host, failed=host.failed + 1, failures=host.failures + 1)
            return _held(host, now, _rest(host, terms, conclusion), conclusion)
        case "blocked":
            again = now - host.last_block < BLOCK_MEMORY
            host = replace(
                host, blocked=host.blocked + 1, blocks=host.blocks + 1 if again else 1, last_block=now
            )
            rest = _doubled(terms.block_hold, host.blocks - 1, max(LONGEST_BLOCK, terms.block_hold))
            return _held(host, now, max(rest, conclusion.hold or 0.0), conclusion)
    return host


def next_turn(host: Host, terms: Terms) -> float:
    """The earliest time of the next request, holds and limits aside; 0 for a host never asked.

    A request whose process was killed counts as ended when it was last known to be alive.
    """
    ended = max(host.ended, host.flight.until if host.flight else 0.0)
    return ended + terms.pause * (1 + JITTER * host.jitter) if ended else 0.0


def left(host: Host, terms: Terms, now: float) -> int:
    """How many requests the budget still has. Hours count as a whole, so that no 24 hours hold more."""
    return terms.budget - sum(_recent(host, now).values())


def _rest(host: Host, terms: Terms, conclusion: Conclusion) -> float:
    """Return the seconds of rest after failures in a row: growing, and at least what the site asks for.

    A Retry-After of 0, or one in the past (from a cache), must not shorten the rest of a failing host.
    """
    pauses = LIMIT_PAUSES if conclusion.ending == "limited" else 1
    growing = _doubled(terms.pause * pauses, host.failures, max(LONGEST_BACKOFF, terms.pause))
    return max(growing, conclusion.hold or 0.0)


def _doubled(first: float, times: int, most: float) -> float:
    return min(math.ldexp(first, min(times, 60)), most)


def _held(host: Host, now: float, rest: float, conclusion: Conclusion) -> Host:
    until = now + rest
    if until <= host.held_until:
        return host
    return replace(host, held_until=until, why=conclusion.why or conclusion.ending)


def _unused(host: Host, flight: Flight, now: float) -> Host:
    hour = _hour(flight.began)
    spent = _recent(host, now)
    if spent.get(hour):
        spent[hour] -= 1
    return replace(host, flight=None, spent=spent)


def _hour(time: float) -> int:
    return int(time // HOUR)


def _recent(host: Host, now: float) -> dict[int, int]:
    """Requests by hour, those that a window of 24 hours ending now touches."""
    return {hour: count for hour, count in host.spent.items() if hour >= _hour(now) - DAY_HOURS}


def _budget_again(host: Host, terms: Terms, now: float) -> float:
    """When so many hours have left the window that the budget has room; in an hour if it never has."""
    over = 1 - left(host, terms, now)
    for hour, count in sorted(_recent(host, now).items()):
        over -= count
        if over <= 0:
            return (hour + DAY_HOURS + 1) * HOUR
    return now + HOUR
