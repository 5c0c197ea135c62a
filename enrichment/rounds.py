"""Rounds of one track: plan, ask the gateway, evaluate, plan again, until no call is left."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from enrichment.answers import evaluate
from enrichment.gateway.archive import attempt_record
from enrichment.gateway.question import Answered, Question, Requester
from enrichment.plan import (
    ArchivedAnswer,
    Budgets,
    PlanConfiguration,
    PlannedCall,
    Skipped,
    TrackQuestion,
    plan,
)
from songnodes.domain.records import Attempt

#: Rounds of one track: the longest chain of ids has six.
MAX_ROUNDS = 12

Ask = Callable[[Question], Awaitable[Answered]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Evaluated answers of a track, the providers that were skipped at the end, and what was sent."""

    answers: tuple[ArchivedAnswer, ...]
    skipped: tuple[Skipped, ...]
    requests: int
    cache_hits: int


async def enrich(
    track: TrackQuestion,
    ask: Ask,
    configuration: PlanConfiguration,
    *,
    requested_by: Requester,
    budgets: Budgets | None = None,
    now: Callable[[], datetime],
    archive: Sequence[ArchivedAnswer] = (),
) -> Outcome:
    """Return the outcome of a track. Every answer is archived by `ask` before it is used."""
    answers = list(archive)
    requests, cache_hits = 0, 0
    decisions: Sequence[PlannedCall | Skipped] = ()
    for _ in range(MAX_ROUNDS):
        configuration = replace(configuration, now=now())
        decisions = plan(track, answers, configuration, budgets or Budgets())
        calls = [decision for decision in decisions if isinstance(decision, PlannedCall)]
        if not calls:
            break
        questions = [_question(track, call, requested_by) for call in calls]
        answered = await asyncio.gather(*map(ask, questions))
        for question, answer in zip(questions, answered, strict=True):
            requests += answer.attempts
            cache_hits += bool(answer.response and answer.response.cached)
            answers.append(evaluate(_attempt(question, answer, now())))
    skipped = tuple(decision for decision in decisions if isinstance(decision, Skipped))
    return Outcome(answers=tuple(answers), skipped=skipped, requests=requests, cache_hits=cache_hits)


def _question(track: TrackQuestion, planned: PlannedCall, requested_by: Requester) -> Question:
    return Question(
        track_id=track.track_id,
        request_id=track.request_id,
        call=planned.call,
        requested_by=requested_by,
        lookup=planned.lookup,
        claim=cast(Mapping[str, object], track.claim),
    )


def _attempt(question: Question, answered: Answered, now: datetime) -> Attempt:
    return cast(Attempt, attempt_record(question, answered, now))
