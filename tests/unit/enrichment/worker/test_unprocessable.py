"""Requests that fail: dead letters for those that fail always, an error of the process for all others."""

import logging
from types import SimpleNamespace
from typing import Any, cast

import pytest

from enrichment.plan.types import TrackQuestion
from enrichment.worker import process
from enrichment.worker.intake import Requested
from enrichment.worker.process import Worker
from enrichment.worker.track import Finished, SubjectArchive
from enrichment.worker.unprocessable import DeadLetters
from songnodes.attempts import Unforeseen
from songnodes.clock import ManualClock
from songnodes.errors import NotAcknowledged, Poison, TooManyDeadLetters
from songnodes.messaging.dead_letter_budget import DeadLetterLimits
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from tests.unit.enrichment.worker.test_track import NOW


class Letters(DeadLetters):
    """Collects letters; the limits are those of the worker."""

    def __init__(self) -> None:
        super().__init__(Settings())
        self.sent: list[tuple[Any, Poison]] = []
        self._producer = cast(Any, SimpleNamespace(send=lambda stage, letters: self.sent.extend(letters)))


class Tracks:
    """Raises an error for a track, if one is prepared."""

    def __init__(self, error: Exception | None) -> None:
        self.error = error

    async def enrich(self, track: TrackQuestion, archive: SubjectArchive, *, wait: bool) -> Finished:
        if self.error is not None:
            raise self.error
        return Finished(answers=1, retry_at=None)


class Archived:
    """An archive without answers, and a schedule without rows."""

    async def of_subject(self, subject: str) -> SubjectArchive:
        return SubjectArchive()

    async def fetch(self, statement: str, *arguments: object) -> list[Any]:
        return []


class FakeIntake:
    """Counts the requests that are finished."""

    def __init__(self) -> None:
        self.finished: list[Requested] = []

    def finish(self, requested: Requested) -> None:
        self.finished.append(requested)

    def is_current(self, requested: Requested) -> bool:
        return True


REQUEST: dict[str, Any] = {
    "track_id": "t",
    "request_id": "r",
    "artist_name": "A",
    "track_title": "B",
    "text": "A - B",
    "duration_ms": None,
    "known_ids": {},
    "missing": ["bpm"],
    "recheck": 0,
    "plays": 1,
    "first_set_date": None,
    "artist_id": None,
}
REQUESTED = cast(
    Requested,
    SimpleNamespace(
        request=REQUEST,
        message=SimpleNamespace(topic=lambda: "enrichment.requests"),
        partition=Partition("enrichment.requests", 0),
    ),
)


def worker(error: Exception | None, letters: Letters, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setattr(process, "DeadLetters", lambda settings: letters)
    unused: Any = None
    archived: Any = Archived()
    tracks: Any = Tracks(error)
    return Worker(Settings(), unused, unused, archived, tracks, ManualClock(NOW))


async def test_a_track_that_fails_whenever_it_is_repeated_becomes_a_dead_letter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letters, intake = Letters(), FakeIntake()
    await worker(KeyError("x"), letters, monkeypatch)._enrich(cast(Any, intake), REQUESTED, wait=False)
    assert [poison.reason for _, poison in letters.sent] == [Unforeseen.reason]
    assert intake.finished == [REQUESTED]


async def test_an_error_of_a_server_is_no_dead_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    letters, intake = Letters(), FakeIntake()
    with pytest.raises(NotAcknowledged):
        await worker(NotAcknowledged("away"), letters, monkeypatch)._enrich(
            cast(Any, intake), REQUESTED, wait=False
        )
    assert not letters.sent
    assert not intake.finished


async def test_a_worker_at_fault_stops(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    letters, intake = Letters(), FakeIntake()
    failing = worker(KeyError("x"), letters, monkeypatch)
    limit = DeadLetterLimits().max_consecutive or 0
    for _ in range(limit):
        await failing._enrich(cast(Any, intake), REQUESTED, wait=False)
    with pytest.raises(TooManyDeadLetters):
        await failing._enrich(cast(Any, intake), REQUESTED, wait=False)
    assert len(intake.finished) == limit
