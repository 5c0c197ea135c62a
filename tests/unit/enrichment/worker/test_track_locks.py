"""Requests of one track: one after the other, those of other tracks meanwhile."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from enrichment.plan.types import TrackQuestion
from enrichment.worker.intake import Requested
from enrichment.worker.process import Worker
from enrichment.worker.track import Finished, SubjectArchive
from enrichment.worker.track_locks import TrackLocks
from songnodes.clock import ManualClock
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from tests.unit.enrichment.worker.test_track import NOW
from tests.unit.enrichment.worker.test_unprocessable import REQUEST, Archived, FakeIntake


class HangingTracks:
    """Records the requests that are enriched; each ends when `gate` is set."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.gate = asyncio.Event()

    async def enrich(self, track: TrackQuestion, archive: SubjectArchive, *, wait: bool) -> Finished:
        self.begun.append(track.request_id)
        await self.gate.wait()
        return Finished(answers=1, retry_at=None)


def requested(track_id: str, request_id: str) -> Requested:
    """Return a request of a track."""
    request = {**REQUEST, "track_id": track_id, "request_id": request_id}
    return cast(Requested, SimpleNamespace(request=request, message=None, partition=Partition("t", 0)))


async def settle() -> None:
    """Let all tasks run until they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_second_request_of_a_track_waits_for_the_first() -> None:
    tracks = HangingTracks()
    worker = Worker(
        Settings(),
        cast(Any, None),
        cast(Any, None),
        cast(Any, Archived()),
        cast(Any, tracks),
        ManualClock(NOW),
    )
    requests = [requested("t", "first"), requested("t", "second"), requested("u", "other")]
    intake = cast(Any, FakeIntake())
    tasks = [asyncio.create_task(worker._enrich(intake, entry, wait=False)) for entry in requests]
    await settle()
    assert tracks.begun == ["first", "other"]
    tracks.gate.set()
    await asyncio.gather(*tasks)
    assert tracks.begun == ["first", "other", "second"]
    assert len(worker._locks) == 0


async def test_a_lock_is_dropped_after_errors_and_cancellations() -> None:
    locks = TrackLocks()
    with pytest.raises(ValueError, match="failed"):
        async with locks.hold("t"):
            raise ValueError("failed")

    async def hold() -> None:
        async with locks.hold("t"):
            await asyncio.sleep(3600)

    tasks = [asyncio.create_task(hold()) for _ in range(3)]
    await settle()
    for task in reversed(tasks):
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert len(locks) == 0
