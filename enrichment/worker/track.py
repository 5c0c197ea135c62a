"""Enrichment of one track or artist: rounds of planned calls until the plan has none."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, cast

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
from enrichment.types import Call, Provider
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
#: A recheck waits so long for its turn: a new request for the track waits meanwhile.
MAX_RECHECK_WAIT_S = 600.0
#: A recheck that finds no spare budget is planned again after this.
BUDGET_PAUSE = timedelta(days=1)


class AdmitsRechecks(Protocol):
    """Budgets that rechecks may use."""

    async def admit(self, call: Call) -> bool:
        """Return True if this recheck may be sent; `end` follows."""
        ...

    def end(self, call: Call) -> None:
        """Note that a recheck that was admitted is answered, or was not sent."""
        ...


class Postponed(Exception):
    """A call of a recheck is not sent now"""

    def __init__(self, reason: str, pause: timedelta) -> None:
        super().__init__(reason)
        self.reason = reason
        self.pause = pause


@dataclass(slots=True)
class SubjectArchive:
    """Evaluated answers of a track or artist, and the highest attempt number per request and call."""

    entries: list[ArchivedAnswer] = field(default_factory=list)
    attempts: dict[tuple[str, str], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """End of a track's enrichment: the answers of this run, the providers skipped at its end, and when to
    continue; None for not at all.

    `recheck_at` is the time at which an answered call is sent again: of a miss, or for an artist.
    """

    answers: int
    retry_at: datetime | None
    recheck_at: datetime | None = None
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
        budgets: AdmitsRechecks | None = None,
    ) -> None:
        self._requested_by = requested_by
        self._budgets = budgets
        self._batches = batches
        self._providers = providers
        self._waterfall = waterfall
        self._off = off
        self._clock = clock
        self._closed = ClosedCalls()

    async def enrich(
        self, track: SubjectQuestion, archive: SubjectArchive, *, wait: bool, is_recheck: bool = False
    ) -> Finished:
        """Send the planned calls of a track or artist, and those that follow from their answers.

        Calls that wait are sent in the order of their tracks' worth, those of a recheck last. Only a recheck
        sends answered calls again. With `wait`, none is postponed because too many wait. The archive gets the
        answers. Raises NotAcknowledged.
        """
        value = worth(track, self._clock.now().date())
        send = partial(self._send, wait=wait, worth=value)
        if is_recheck:
            send = partial(self._send_recheck, worth=value)
        refused: dict[str, Closure] = {}
        decisions = self._plan(track, archive, refused, is_recheck)
        answers = 0
        for _ in range(MAX_ROUNDS):
            planned = [decision for decision in decisions if isinstance(decision, PlannedCall)]
            if not planned:
                break
            calls = [self._ask(track, archive, planned_call, send, refused) for planned_call in planned]
            results = [await calls[0]] if len(calls) == 1 else await asyncio.gather(*calls)
            answers += sum(result is not None for result in results)
            decisions = self._plan(track, archive, refused, is_recheck)
        skipped = tuple(decision for decision in decisions if isinstance(decision, Skipped))
        return Finished(
            answers=answers,
            retry_at=self._retry_at(decisions),
            recheck_at=min(filter(None, (decision.recheck_at for decision in skipped)), default=None),
            skipped=skipped,
        )

    def _plan(
        self,
        track: SubjectQuestion,
        archive: SubjectArchive,
        refused: Mapping[str, Closure],
        is_recheck: bool,
    ) -> tuple[PlannedCall | Skipped, ...]:
        now = self._clock.now()
        configuration = PlanConfiguration(
            waterfall=self._waterfall, now=now, off=self._off(), rechecks=is_recheck
        )
        budgets = Budgets(closed={**self._closed.budgets(now).closed, **refused})
        if isinstance(track, ArtistQuestion):
            return plan_artist(track, archive.entries, configuration, budgets, self._providers)
        return plan(track, archive.entries, configuration, budgets, self._providers)

    async def _send(self, question: Question, *, wait: bool, worth: float) -> Answered:
        """Return the answer to a question. Raises Postponed."""
        try:
            return await self._batches.ask(question, wait=wait, worth=worth)
        except QueueFull:
            raise Postponed("too many calls wait", POSTPONED_FOR) from None

    async def _send_recheck(self, question: Question, *, worth: float) -> Answered:
        """Return the answer to a question of a recheck. Raises Postponed."""
        budgets, call = self._budgets, question.call
        if budgets is not None and not await budgets.admit(call):
            raise Postponed("the rest of its budget is left to new tracks", BUDGET_PAUSE)
        try:
            sent = self._batches.ask(question, wait=False, worth=worth, is_recheck=True)
            return await asyncio.wait_for(sent, MAX_RECHECK_WAIT_S)
        except (QueueFull, TimeoutError):
            raise Postponed("other calls wait", POSTPONED_FOR) from None
        finally:
            if budgets is not None:
                budgets.end(call)

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
            renew=planned.again,
        )
        try:
            answered = await send(question)
        except Postponed as postponed:
            refused[f"{call.provider}.{call.operation}"] = Closure(
                status="rate_limited",
                reason=postponed.reason,
                until=self._clock.now() + postponed.pause,
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
