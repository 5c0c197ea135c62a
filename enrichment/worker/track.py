"""Enrichment of one track or artist: rounds of planned calls until the plan has none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from enrichment.answers import evaluate
from enrichment.gateway.archive import attempt_record
from enrichment.gateway.question import Answered, Question, Requester
from enrichment.plan import PlanConfiguration, plan, plan_artist, worth
from enrichment.plan.types import (
    ArchivedAnswer,
    ArtistQuestion,
    Budgets,
    Closure,
    PlannedCall,
    Skipped,
    SubjectQuestion,
)
from enrichment.types import Provider
from enrichment.worker.batches import Batches, QueueFull
from enrichment.worker.closed_calls import ClosedCalls
from songnodes.clock import Clock
from songnodes.domain.records import Attempt
from songnodes.domain.waterfall import Config

#: Rounds of one track; a plan has about five.
MAX_ROUNDS = 16
#: A call that was refused because too many wait is planned again after this.
POSTPONED_FOR = timedelta(minutes=55)
#: A track whose rounds are used up continues after this.
CONTINUED_AFTER = timedelta(days=1)


@dataclass(slots=True)
class SubjectArchive:
    """Evaluated answers of a track or artist, and the highest attempt number per request and call."""

    entries: list[ArchivedAnswer] = field(default_factory=list)
    attempts: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """End of a track's enrichment: the answers of this run, the providers skipped at its end, and when to
    continue; None for not at all.
    """

    answers: int
    retry_at: datetime | None
    skipped: tuple[Skipped, ...] = ()


class TrackWorker:
    """Enriches tracks. `off` returns the providers that are off, each with the reason.

    A worker numbers the attempts of a request by the archive of the track. For other requesters, which read
    no archive, each response is an attempt of its own.
    """

    def __init__(
        self,
        batches: Batches,
        providers: Mapping[str, Provider],
        waterfall: Config,
        off: Callable[[], Mapping[str, str]],
        clock: Clock,
        requested_by: Requester = "worker",
    ) -> None:
        self._requested_by = requested_by
        self._batches = batches
        self._providers = providers
        self._waterfall = waterfall
        self._off = off
        self._clock = clock
        self._closed = ClosedCalls()

    async def enrich(self, track: SubjectQuestion, archive: SubjectArchive, *, wait: bool) -> Finished:
        """Send the planned calls of a track or artist, and those that follow from their answers.

        Calls that wait are sent in the order of their tracks' worth. With `wait`, none is postponed because
        too many wait. The archive gets the answers. Raises NotAcknowledged.
        """
        value = worth(track, self._clock.now().date())
        send = partial(self._batches.ask, wait=wait, worth=value)
        refused: dict[str, Closure] = {}
        decisions = self._plan(track, archive, refused)
        answers = 0
        for _ in range(MAX_ROUNDS):
            planned = [decision for decision in decisions if isinstance(decision, PlannedCall)]
            if not planned:
                break
            calls = [self._ask(track, archive, planned_call, send, refused) for planned_call in planned]
            results = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
            answers += sum(result is not None for result in results)
            decisions = self._plan(track, archive, refused)
        skipped = tuple(decision for decision in decisions if isinstance(decision, Skipped))
        return Finished(answers=answers, retry_at=self._retry_at(decisions), skipped=skipped)

    def _plan(
        self, track: SubjectQuestion, archive: SubjectArchive, refused: Mapping[str, Closure]
    ) -> tuple[PlannedCall | Skipped, ...]:
        now = self._clock.now()
        configuration = PlanConfiguration(waterfall=self._waterfall, now=now, off=self._off())
        budgets = Budgets(closed={**self._closed.budgets(now).closed, **refused})
        if isinstance(track, ArtistQuestion):
            return plan_artist(track, archive.entries, configuration, budgets, self._providers)
        return plan(track, archive.entries, configuration, budgets, self._providers)

    async def _ask(
        self,
        track: SubjectQuestion,
        archive: SubjectArchive,
        planned: PlannedCall,
        send: Callable[[Question], Awaitable[Answered]],
        refused: dict[str, Closure],
    ) -> Answered | None:
        """Send one call and add its answer to the archive; None if the call was postponed."""
        call = planned.call
        number = archive.attempts.get((track.request_id, call.key), 0) + 1
        question = Question(
            track_id=track.track_id,
            artist_id=track.artist_id,
            request_id=track.request_id,
            call=call,
            requested_by=self._requested_by,
            attempt=number if self._requested_by == "worker" else None,
            lookup=planned.lookup,
            claim=dict(track.claim),
        )
        try:
            answered = await send(question)
        except QueueFull:
            refused[f"{call.provider}.{call.operation}"] = Closure(
                status="rate_limited",
                reason="too many calls wait",
                until=self._clock.now() + POSTPONED_FOR,
            )
            return None
        now = self._clock.now()
        self._closed.note(call, answered, now)
        archive.attempts[track.request_id, call.key] = number
        record = answered.record or attempt_record(question, answered, now)
        archive.entries.append(evaluate(cast(Attempt, record), self._providers, call=call))
        return answered

    def _retry_at(self, decisions: Sequence[PlannedCall | Skipped]) -> datetime | None:
        """Return when a call can be sent that could not be now; None if every provider is done.

        Failed calls that the plan would not send again, whatever the time, have no effect.
        """
        times = [
            decision.retry_at if isinstance(decision, Skipped) else self._clock.now() + CONTINUED_AFTER
            for decision in decisions
        ]
        return min((time for time in times if time is not None), default=None)
