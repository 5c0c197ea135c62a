"""State of an account at a provider, shared by all processes: starts, breakers, refused access. Pure.

One state has all operations, since some limits are over all of them: a start is reserved in both logs, or in
none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Literal

import msgspec
from msgspec import structs

from enrichment.gateway import breaker as breakers
from enrichment.gateway import limits
from enrichment.gateway.breaker import Breaker
from enrichment.gateway.limits import StartLog
from enrichment.types import Classified, Window
from songnodes.provider_settings import LATENESS_S
from songnodes.shared_state.store import Form

#: Name of the log and of the breaker for all operations together.
ALL = ""
#: A quota without Retry-After closes an operation for its shortest window, at least for so long.
MIN_QUOTA_HOLD_S = 5.0
#: Starts further ahead are not reserved: the call is refused with the time of the next one.
MAX_WAIT_S = 60.0
#: Starts are reserved at most so long before: to one further ahead, another process that is late would have
#: to yield each time, and on a loaded machine no start would ever be used.
HORIZON_S = 0.05
#: Lease of a probe, beyond the timeout of its request.
PROBE_MARGIN_S = 10.0


class AccountState(msgspec.Struct, frozen=True, kw_only=True):
    """Logs and breakers by operation. `disabled` is the reason, a sentence, for which no call is admitted.

    `run` is that of Redis when the state was stored. Starts of other processes before `known_since` may be
    missing in the logs of windows that are no budgets, before `budgets_known_since` in those of budgets.
    """

    logs: Mapping[str, StartLog] = msgspec.field(default_factory=dict)
    breakers: Mapping[str, Breaker] = msgspec.field(default_factory=dict)
    disabled: str | None = None
    run: str = ""
    known_since: float = 0.0
    budgets_known_since: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Limits of one operation: its own windows, those over all operations, the timeout of a request.

    `lateness_s` is the time after its start at which a request that was not sent needs a new one.
    """

    operation: str
    windows: tuple[Window, ...]
    all_windows: tuple[Window, ...]
    timeout_s: float
    lateness_s: float = LATENESS_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The right to send one request, at `start`. A probe decides whether a breaker closes.

    `due` is the start in the time of the event loop of the process that has the slot.
    """

    start: float
    is_probe: bool = False
    due: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """No slot now: retry at `until`. An early reservation would delay other operations."""

    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """No call now: retry at `until` (never if infinite), because of `cause`."""

    until: float
    cause: Literal["failures", "busy", "quota", "limit", "disabled"]
    why: str | None


def closed(state: AccountState, limits_: Limits, now: float, *, is_check: bool = False) -> Closed | None:
    """Return the reason for which no call is admitted, limits aside; None if one is."""
    if state.disabled is not None and not is_check:
        return Closed(until=float("inf"), cause="disabled", why=state.disabled)
    names = (ALL, limits_.operation)
    until, breaker = max(
        ((breakers.closed_until(breaker, now), breaker) for breaker in map(partial(_breaker, state), names)),
        key=itemgetter(0),
    )
    if until <= now:
        return None
    return Closed(until=until, cause=breaker.cause or "failures", why=breaker.why)


def reserve(
    state: AccountState,
    limits_: Limits,
    now: float,
    *,
    max_wait_s: float = MAX_WAIT_S,
    is_check: bool = False,
) -> tuple[AccountState | None, Slot | Wait | Closed]:
    """Return the state with a reserved start, or the reason for none.

    A check is sent to a disabled provider, too.
    """
    if (reason := closed(state, limits_, now, is_check=is_check)) is not None:
        return None, reason
    start = _next_start(state, limits_, now)
    if start - now > max_wait_s:
        return None, Closed(until=start, cause="limit", why="the limit of requests is used")
    if start - now > HORIZON_S:
        return None, Wait(until=start - HORIZON_S)
    half_open = [name for name in (ALL, limits_.operation) if not breakers.is_closed(_breaker(state, name))]
    until = start + limits_.timeout_s + PROBE_MARGIN_S
    probes = {name: breakers.begin_probe(state.breakers[name], until) for name in half_open}
    state = structs.replace(state, breakers={**state.breakers, **probes}, logs=_add(state, limits_, start))
    return state, Slot(start=start, is_probe=bool(half_open))


def move(state: AccountState, limits_: Limits, slot: Slot, now: float) -> tuple[AccountState, Slot]:
    """Return the state and the slot with a start from now on: the old one was too late to be used."""
    state = structs.replace(state, logs=_remove(state, limits_, slot.start))
    start = _next_start(state, limits_, now)
    return structs.replace(state, logs=_add(state, limits_, start)), replace(slot, start=start)


def correct(state: AccountState, limits_: Limits, slot: Slot, start: float) -> AccountState:
    """Return the state with the time at which a request was sent in place of its start."""
    return add_starts(structs.replace(state, logs=_remove(state, limits_, slot.start)), [(limits_, start)])


def cancel(state: AccountState, limits_: Limits, slot: Slot) -> AccountState:
    """Return the state after a slot whose request was not sent; its start stays reserved."""
    return _end_probe(state, limits_) if slot.is_probe else state


def record(
    state: AccountState, limits_: Limits, slot: Slot | None, classified: Classified, now: float
) -> AccountState | None:
    """Return the state after an outcome; None if it stays as it is.

    A request without a slot got no connection: to a half-open breaker that is a failed probe.
    """
    is_probe = slot.is_probe if slot else closed(state, limits_, now, is_check=True) is None
    new = structs.replace(state, breakers=_breakers_after(state, limits_, is_probe, classified, now))
    if classified.outcome == "configuration":
        new = structs.replace(new, disabled=classified.note or "the provider refuses the credentials")
    elif classified.outcome in ("hit", "miss") and state.disabled is not None:
        new = structs.replace(new, disabled=None)
    return None if new == state else new


def only_counts(state: AccountState, limits_: Limits, classified: Classified) -> bool:
    """Return True for an outcome that is a success among others: it opens, closes and enables nothing."""
    is_answer = classified.outcome in ("hit", "miss")
    names = (ALL, limits_.operation)
    return is_answer and state.disabled is None and all(breakers.is_closed(_breaker(state, n)) for n in names)


def add_starts(state: AccountState, starts: Iterable[tuple[Limits, float]]) -> AccountState:
    """Return the state with starts that were reserved elsewhere, in any order."""
    for limits_, start in starts:
        merged = {
            name: limits.merge_start(state.logs.get(name, StartLog()), windows, start)
            for name, windows in _scopes(limits_)
            if windows
        }
        state = structs.replace(state, logs={**state.logs, **merged})
    return state


def merge(state: AccountState, copy: AccountState) -> AccountState:
    """Return the state with what only a copy of it has: starts, and longer openings of breakers."""
    logs = {
        name: limits.merge_logs(state.logs.get(name, StartLog()), copy.logs.get(name, StartLog()))
        for name in {*state.logs, *copy.logs}
    }
    return merge_breakers(structs.replace(state, logs=logs), copy)


def merge_breakers(state: AccountState, copy: AccountState) -> AccountState:
    """Return the state with the breakers of a copy that are open for longer."""
    longer = {
        name: breaker
        for name, breaker in copy.breakers.items()
        if breaker.open_until > _breaker(state, name).open_until
    }
    return structs.replace(state, breakers={**state.breakers, **longer}) if longer else state


def hold(state: AccountState, now: float, *, budgets: bool = False) -> AccountState:
    """Return the state whose logs may lack starts before now, those of budgets only where requested."""
    if budgets:
        state = structs.replace(state, budgets_known_since=max(state.budgets_known_since, now))
    return structs.replace(state, known_since=max(state.known_since, now))


def _breakers_after(
    state: AccountState, limits_: Limits, is_probe: bool, classified: Classified, now: float
) -> dict[str, Breaker]:
    windows = limits_.windows or limits_.all_windows
    hold = max(min((window.seconds for window in windows), default=0.0), MIN_QUOTA_HOLD_S)
    names = [limits_.operation]
    is_quota_of_all = classified.outcome == "quota" and bool(limits_.all_windows)
    if is_quota_of_all or not breakers.is_closed(_breaker(state, ALL)):
        names.append(ALL)
    new = dict(state.breakers)
    for name in names:
        outcome = classified
        if name == ALL and is_quota_of_all:  # other operations rest for one window
            shortest = min(window.seconds for window in limits_.all_windows)
            rest = min(shortest, classified.retry_after_s or shortest)
            outcome = replace(classified, retry_after_s=rest)
        breaker = _breaker(state, name)
        new[name] = breakers.apply_outcome(
            breaker,
            outcome,
            now,
            is_probe=is_probe and not breakers.is_closed(breaker) and outcome is classified,
            quota_hold_s=hold,
        )
    return new


def _breaker(state: AccountState, name: str) -> Breaker:
    return state.breakers.get(name, Breaker())


def _end_probe(state: AccountState, limits_: Limits) -> AccountState:
    ended = {
        name: breakers.end_unsent_probe(state.breakers[name])
        for name in (ALL, limits_.operation)
        if name in state.breakers
    }
    return structs.replace(state, breakers={**state.breakers, **ended})


def _scopes(limits_: Limits) -> tuple[tuple[str, tuple[Window, ...]], ...]:
    return (ALL, limits_.all_windows), (limits_.operation, limits_.windows)


def _next_start(state: AccountState, limits_: Limits, now: float) -> float:
    """Return the earliest start by both logs; a start that a log allows is allowed later, too."""
    windows = (*limits_.windows, *limits_.all_windows)
    start = max(now, state.known_since + limits.hold_s(windows))
    if state.budgets_known_since:
        start = max(start, state.budgets_known_since + limits.budget_hold_s(windows))
    for name, windows in _scopes(limits_):
        start = limits.next_start(state.logs.get(name, StartLog()), windows, start)
    return start


def _add(state: AccountState, limits_: Limits, start: float) -> dict[str, StartLog]:
    added = {
        name: limits.add_start(state.logs.get(name, StartLog()), windows, start)
        for name, windows in _scopes(limits_)
        if windows
    }
    return {**state.logs, **added}


def _remove(state: AccountState, limits_: Limits, start: float) -> dict[str, StartLog]:
    removed = {
        name: limits.remove_start(state.logs[name], windows, start)
        for name, windows in _scopes(limits_)
        if name in state.logs
    }
    return {**state.logs, **removed}


def _load(text: str) -> AccountState:
    return msgspec.json.decode(text, type=AccountState)


def _dump(state: AccountState) -> str:
    return msgspec.json.encode(state).decode()


ACCOUNT_FORM = Form(AccountState(), _dump, _load)
