"""The plan of a track: which providers to call next, and why others are skipped. Pure.

Call `plan` again after the answers of its calls are archived, until it plans none: each round has one call of
a provider at most, since an answer of one often makes the call of another unnecessary or better. It ends: a
call that is archived is not planned again before its time.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache

from enrichment.plan.artists import plan_artist
from enrichment.plan.follow_ups import LaterCalls, recheck_at, retry_at, waiting
from enrichment.plan.known import Archive
from enrichment.plan.routes import NAMES, ROUTES, TEXT, URL, WITH_LAST_RESORT, Route
from enrichment.plan.types import (
    ArchivedAnswer,
    ArtistQuestion,
    Budgets,
    Closure,
    PlanConfiguration,
    PlannedCall,
    Skipped,
    SubjectQuestion,
    TrackQuestion,
    question_of,
)
from enrichment.providers import ALL
from enrichment.types import Call, Provider, join_items

__all__ = [
    "ArchivedAnswer",
    "ArtistQuestion",
    "Budgets",
    "Closure",
    "PlanConfiguration",
    "PlannedCall",
    "Skipped",
    "TrackQuestion",
    "plan",
    "plan_artist",
    "question_of",
    "recheck_at",
    "retry_at",
    "worth",
]

HALF_LIFE_DAYS = 182.0


def worth(question: SubjectQuestion, today: date) -> float:
    """Return the worth of the calls of a track or artist, above 0: the highest goes first.

    Plays, halved for each half year since the first one; a track of many plays ages more slowly. An artist is
    worth as much as a track of as many sets that was first played two years ago.
    """
    age = max(0, (today - question.first_played).days) if question.first_played else 4 * HALF_LIFE_DAYS
    return float(question.plays * 0.5 ** (age / HALF_LIFE_DAYS / max(1, question.plays.bit_length())))


def plan(
    track: TrackQuestion,
    archive: Sequence[ArchivedAnswer],
    configuration: PlanConfiguration,
    budgets: Budgets,
    providers: Mapping[str, Provider] = ALL,
) -> tuple[PlannedCall | Skipped, ...]:
    """Return one entry per provider: its next call, or the reason that it has none."""
    facts = Archive(track, archive, configuration, providers)
    decisions: dict[str, PlannedCall | Skipped] = {}
    for late in (False, True):
        if late and any(isinstance(decision, PlannedCall) for decision in decisions.values()):
            break  # an answer of this round may bring what a last resort would
        for name in WITH_LAST_RESORT if late else ROUTES:
            if name in providers:
                decisions[name] = _next(name, providers[name], facts, budgets, late)
    return tuple(decisions.values())


def _next(
    name: str, provider: Provider, facts: Archive, budgets: Budgets, late: bool
) -> PlannedCall | Skipped:
    if reason := facts.configuration.off.get(name):
        return _off(name, reason)
    weights = facts.configuration.waterfall.providers.get(name)
    if weights is None or not weights.enabled:
        return _off(name, "not enabled in the waterfall configuration")
    if not facts.wanted(name, provider):
        return _unneeded(name)
    now = facts.configuration.now
    later, reason = LaterCalls(now), "no id or answer leads to the track"
    if name in budgets.closed:
        return later.closed(name, budgets.closed[name])
    for route in _open_routes(name, provider, facts, late):
        closure = budgets.closed.get(f"{name}.{route.operation}")
        for value in facts.inputs(route):
            call = Call(provider=name, operation=route.operation, parameters=_parameters(route, value))
            history = facts.histories.of(call.key)
            if wait := waiting(history, now, rechecks=facts.configuration.rechecks):
                reason = wait.reason
                later.note(wait, closure)
                continue
            if closure is not None:
                return later.closed(name, closure, again=history.is_answered)
            lookup = facts.lookup(route, value)
            return PlannedCall(call=call, lookup=lookup, again=history.is_answered)
    return later.skipped(name, reason)


@lru_cache(maxsize=256)
def _off(name: str, reason: str) -> Skipped:
    return Skipped(provider=name, status="disabled", reason=reason)


@lru_cache(maxsize=256)
def _unneeded(name: str) -> Skipped:
    return Skipped(provider=name, status="skipped", reason="it can add nothing that is missing")


def _open_routes(name: str, provider: Provider, facts: Archive, late: bool) -> list[Route]:
    """Return the routes that can add something: to find the track, or details of it once it is found."""
    is_matched = facts.has_track(name)
    open_routes: list[Route] = []
    for route in ROUTES[name]:
        operation = provider.operations.get(route.operation)
        if operation is None or (route.kind == "find") == is_matched:
            continue
        if route.kind == "detail":
            fields = (
                facts.missing(name, operation.gives)
                if route.last_resort
                else facts.open(name, operation.gives)
            )
            if not fields or facts.has_hit(name, route.equal_to) or (route.last_resort and not late):
                continue
        open_routes.append(route)
    return open_routes


def _parameters(route: Route, value: str) -> dict[str, str]:
    if route.input == TEXT:
        artist, _, title = value.partition("\n")
        return {"artist": artist, "title": title}
    batched = route.input in (NAMES, URL) or route.parameter in ("ids", "mbids", "isrcs", "resources")
    return {route.parameter: join_items([value]) if batched else value}
