"""Enrichment of a track with Deezer's adapter and a prepared gateway: rounds, repeats, closed operations."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from enrichment.gateway import cache_rules, results
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.question import Answered, Question
from enrichment.plan.follow_ups import FOLLOW_UPS
from enrichment.plan.types import TrackQuestion
from enrichment.providers import ALL
from enrichment.types import Call, Response
from enrichment.worker import track as track_module
from enrichment.worker.batches import Batches
from enrichment.worker.track import SubjectArchive, TrackWorker
from songnodes.clock import ManualClock
from songnodes.domain.waterfall import DEFAULT, AttemptStatus

NOW = datetime(2026, 11, 29, tzinfo=UTC)
TRACK = TrackQuestion(
    track_id="t",
    request_id="r",
    artist="Deadmau5",
    title="Strobe",
    text="Deadmau5 - Strobe",
    ids={"isrc": "GBTDG0900141"},
)
OFF: Mapping[str, str] = {name: "off" for name in ALL if name != "deezer"}
TRACK_BODY = {
    "id": 3135556,
    "title": "Strobe",
    "isrc": "GBTDG0900141",
    "duration": 637,
    "bpm": 128,
    "release_date": "2009-09-22",
    "artist": {"id": 1, "name": "Deadmau5"},
    "album": {"id": 2, "title": "For Lack of a Better Name"},
}


class PreparedGateway:
    """Answers by a function of the question and records the calls."""

    def __init__(self, answer: Callable[[Question], Answered]) -> None:
        self.calls: list[str] = []
        self.attempts: list[int | None] = []
        self.renewed: list[bool] = []
        self._answer = answer

    async def ask(self, question: Question) -> Answered:
        """Return the prepared answer."""
        self.calls.append(question.call.operation)
        self.attempts.append(question.attempt)
        self.renewed.append(question.renew)
        return self._answer(question)

    async def ask_batch(self, questions: Sequence[Question]) -> tuple[Answered, ...]:
        """Return prepared answers."""
        return tuple([await self.ask(question) for question in questions])


def hit(question: Question) -> Answered:
    """Return the track."""
    body = json.dumps(TRACK_BODY if question.call.operation.startswith("track") else {}).encode()
    response = Response(status=200, headers={}, body=body, latency_ms=5, received=NOW)
    return Answered(status="hit", response=response, attempts=1)


def entry_of(question: Question) -> Entry:
    """Return a cached hit."""
    response = hit(question).response
    assert response is not None
    operation = ALL["deezer"].operations[question.call.operation]
    return cache_rules.entry_of(response, "hit", operation, None, now=NOW.timestamp())


def failed(_: Question) -> Answered:
    """Return an error."""
    return Answered(status="error", note="500", attempts=4)


def worker(
    gateway: PreparedGateway, clock: ManualClock | None = None, off: Mapping[str, str] = OFF
) -> TrackWorker:
    """Return a worker for Deezer alone."""
    return TrackWorker(Batches(gateway, ALL), ALL, DEFAULT, lambda: off, clock or ManualClock(NOW))


async def test_what_is_archived_is_not_asked_again() -> None:
    gateway = PreparedGateway(hit)
    archive = SubjectArchive()
    finished = await worker(gateway).enrich(TRACK, archive, wait=False)
    assert gateway.calls[0] == "track_by_isrc"
    assert finished.answers == len(gateway.calls) == len(archive.entries)
    assert finished.retry_at is None
    again = PreparedGateway(hit)
    assert (await worker(again).enrich(TRACK, archive, wait=False)).answers == 0
    assert again.calls == []


async def test_a_closed_operation_postpones_the_track_and_is_asked_after_its_time() -> None:
    clock, opens = ManualClock(NOW), NOW + timedelta(hours=13)
    gateway = PreparedGateway(lambda _: Answered(status="quota_exhausted", note="quota", retry_at=opens))
    tracks = worker(gateway, clock)
    archive = SubjectArchive()
    finished = await tracks.enrich(TRACK, archive, wait=False)
    first = list(gateway.calls)
    assert finished.retry_at == opens
    assert (await tracks.enrich(TRACK, archive, wait=False)).retry_at == opens
    assert gateway.calls == first
    clock.move(opens + timedelta(minutes=1))
    gateway._answer = hit
    assert (await tracks.enrich(TRACK, archive, wait=False)).answers >= 1
    assert gateway.attempts[len(first)] == 2  # the failed attempt stays in the archive


async def test_an_error_is_retried_an_hour_later() -> None:
    clock = ManualClock(NOW)
    finished = await worker(PreparedGateway(failed), clock).enrich(TRACK, SubjectArchive(), wait=False)
    assert finished.retry_at is not None
    assert timedelta(minutes=30) < finished.retry_at - NOW <= timedelta(hours=1)


async def test_a_refused_provider_postpones_its_tracks_by_a_day() -> None:
    clock = ManualClock(NOW)
    gateway = PreparedGateway(lambda _: Answered(status="disabled", note="premium"))
    tracks, archive, second = worker(gateway, clock), SubjectArchive(), SubjectArchive()
    assert (await tracks.enrich(TRACK, archive, wait=False)).retry_at == NOW + timedelta(days=1)
    sent = len(gateway.calls)
    clock.move(NOW + timedelta(minutes=2))
    finished = await tracks.enrich(replace(TRACK, track_id="u"), second, wait=False)
    assert len(gateway.calls) == sent  # known to be closed
    assert finished.retry_at == NOW + timedelta(days=1, minutes=2)
    gateway._answer = hit
    clock.move(NOW + timedelta(minutes=10))
    assert (await tracks.enrich(TRACK, archive, wait=False)).retry_at == NOW + timedelta(days=1)
    clock.move(NOW + timedelta(days=1))
    for track, entries in ((TRACK, archive), (replace(TRACK, track_id="u"), second)):
        finished = await tracks.enrich(track, entries, wait=False)
        assert finished.answers >= 1 and finished.retry_at is None


async def test_a_provider_that_is_off_postpones_nothing() -> None:
    gateway = PreparedGateway(hit)
    tracks = worker(gateway, off={**OFF, "deezer": "no credentials"})
    assert (await tracks.enrich(TRACK, SubjectArchive(), wait=False)).retry_at is None
    assert gateway.calls == []


@pytest.mark.parametrize("status", ["rate_limited", "quota_exhausted", "breaker_open", "disabled"])
async def test_a_track_is_postponed_that_finds_an_operation_closed_behind_a_stale_answer(
    status: AttemptStatus,
) -> None:
    opens = NOW + timedelta(hours=13)

    def stale(question: Question) -> Answered:
        return results.with_stale(Answered(status=status, note="busy", retry_at=opens), entry_of(question))

    gateway = PreparedGateway(stale)
    tracks = worker(gateway)
    await tracks.enrich(TRACK, SubjectArchive(), wait=False)
    sent = len(gateway.calls)
    finished = await tracks.enrich(replace(TRACK, track_id="u"), SubjectArchive(), wait=False)
    assert len(gateway.calls) == sent
    assert finished.retry_at is not None


@pytest.mark.parametrize("status", get_args(AttemptStatus))
@pytest.mark.parametrize("closed", [False, True], ids=["open", "closed"])
async def test_no_status_ends_a_call_that_is_neither_answered_nor_sent_again(
    status: AttemptStatus, closed: bool
) -> None:
    opens = NOW + timedelta(hours=13) if closed else None

    def answer(question: Question) -> Answered:
        return replace(hit(question), status=status, retry_at=opens)

    tracks = worker(PreparedGateway(answer))
    first = await tracks.enrich(TRACK, SubjectArchive(), wait=False)
    second = await tracks.enrich(replace(TRACK, track_id="u"), SubjectArchive(), wait=False)
    for finished in (first, second):
        assert (finished.retry_at is None) == (FOLLOW_UPS[status] in ("none", "recheck"))


async def test_a_track_whose_rounds_are_used_up_continues(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_module, "MAX_ROUNDS", 1)
    gateway = PreparedGateway(lambda question: replace(hit(question), status="miss"))
    finished = await worker(gateway).enrich(TRACK, SubjectArchive(), wait=False)
    assert gateway.calls == ["track_by_isrc"]
    assert finished.retry_at == NOW + track_module.CONTINUED_AFTER


async def test_a_failed_call_postpones_nothing_once_another_route_has_the_track() -> None:
    def answer(question: Question) -> Answered:
        if question.call.operation == "track_by_isrc":
            return failed(question)
        body = json.dumps({"data": [TRACK_BODY], "total": 1}).encode()
        response = Response(status=200, headers={}, body=body, latency_ms=5, received=NOW)
        is_search = question.call.operation == "search"
        return Answered(status="hit", response=response) if is_search else hit(question)

    gateway = PreparedGateway(answer)
    finished = await worker(gateway).enrich(TRACK, SubjectArchive(), wait=False)
    assert gateway.calls[:2] == ["track_by_isrc", "search"]
    assert finished.retry_at is None


async def test_a_failed_call_of_a_provider_that_is_off_postpones_nothing() -> None:
    archive = SubjectArchive()
    assert (await worker(PreparedGateway(failed)).enrich(TRACK, archive, wait=False)).retry_at
    off = worker(PreparedGateway(failed), off={**OFF, "deezer": "off"})
    assert (await off.enrich(TRACK, archive, wait=False)).retry_at is None


async def test_a_permanent_error_is_called_8_times_in_10_days() -> None:
    clock, gateway, archive = ManualClock(NOW), PreparedGateway(failed), SubjectArchive()
    tracks = worker(gateway, clock)
    for hour in range(240):
        clock.move(NOW + timedelta(hours=hour))
        finished = await tracks.enrich(TRACK, archive, wait=False)
    assert gateway.calls == ["track_by_isrc", "search"] * 8
    assert finished.retry_at == NOW + timedelta(hours=127 + 128)


async def test_calls_have_the_worth_of_their_track() -> None:
    worths: list[float] = []

    class Recorder(Batches):
        async def ask(
            self, question: Question, *, wait: bool, worth: float = 0.0, is_recheck: bool = False
        ) -> Answered:
            worths.append(worth)
            return await super().ask(question, wait=wait, worth=worth, is_recheck=is_recheck)

    tracks = TrackWorker(Recorder(PreparedGateway(failed), ALL), ALL, DEFAULT, lambda: OFF, ManualClock(NOW))
    for plays, first_played in ((1, NOW.date()), (9, NOW.date()), (9, NOW.date() - timedelta(days=3650))):
        await tracks.enrich(
            replace(TRACK, plays=plays, first_played=first_played), SubjectArchive(), wait=False
        )
    once, often, long_ago = worths[::2]
    assert 0 < once < often
    assert long_ago < often


async def test_misses_are_looked_up_after_1_2_4_to_32_days_and_only_by_a_recheck() -> None:
    clock, archive = ManualClock(NOW), SubjectArchive()
    gateway = PreparedGateway(lambda question: Answered(status="miss", attempts=1))
    tracks = worker(gateway, clock)
    days = []
    for day in range(130):
        clock.move(NOW + timedelta(days=day))
        sent = len(gateway.calls)
        await tracks.enrich(TRACK, archive, wait=False)  # another request for the track
        assert len(gateway.calls) == sent or day == 0
        finished = await tracks.enrich(TRACK, archive, wait=False, is_recheck=True)
        if len(gateway.calls) > sent:
            days.append(day)
        assert finished.retry_at is None
    assert days == [0, 1, 3, 7, 15, 31, 63, 95, 127]
    assert gateway.calls == ["track_by_isrc", "search"] * 9
    assert gateway.renewed == [False] * 2 + [True] * 16
    assert finished.recheck_at == NOW + timedelta(days=127 + 32)


class Budgets:
    """Admits so many rechecks."""

    def __init__(self, left: int) -> None:
        self.left = left
        self.under_way = 0

    async def admit(self, call: Call) -> bool:
        self.left -= 1
        self.under_way += self.left >= 0
        return self.left >= 0

    def end(self, call: Call) -> None:
        self.under_way -= 1


async def test_a_recheck_without_spare_budget_waits_for_a_day_and_other_requests_do_not() -> None:
    clock, archive, budgets = ManualClock(NOW), SubjectArchive(), Budgets(1)
    gateway = PreparedGateway(lambda question: Answered(status="miss", attempts=1))
    tracks = TrackWorker(Batches(gateway, ALL), ALL, DEFAULT, lambda: OFF, clock, budgets=budgets)
    await tracks.enrich(TRACK, archive, wait=False)
    assert budgets.left == 1  # new tracks have the whole budget
    clock.move(NOW + timedelta(days=1))
    sent = len(gateway.calls)
    finished = await tracks.enrich(TRACK, archive, wait=False, is_recheck=True)
    assert gateway.calls[sent:] == ["track_by_isrc"]
    assert finished.recheck_at == NOW + timedelta(days=2)
    await tracks.enrich(replace(TRACK, track_id="u"), SubjectArchive(), wait=False)
    assert len(gateway.calls) == sent + 3
    assert budgets.under_way == 0


async def test_a_recheck_whose_turn_does_not_come_is_continued_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(track_module, "MAX_RECHECK_WAIT_S", 0.01)
    clock, archive = ManualClock(NOW), SubjectArchive()
    gateway = PreparedGateway(lambda question: Answered(status="miss", attempts=1))
    tracks = worker(gateway, clock)
    await tracks.enrich(TRACK, archive, wait=False)
    clock.move(NOW + timedelta(days=1))

    async def hang(question: Question) -> Answered:
        await asyncio.sleep(60)
        raise AssertionError

    monkeypatch.setattr(gateway, "ask", hang)
    finished = await tracks.enrich(TRACK, archive, wait=False, is_recheck=True)
    assert finished.answers == 0
    assert finished.recheck_at == clock.now() + track_module.POSTPONED_FOR
