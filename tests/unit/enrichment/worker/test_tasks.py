"""Tasks of tracks under way: the end of one is noticed, whatever it was."""

import asyncio
import gc

import pytest

from enrichment.worker.tasks import TrackCancelled, raise_first
from songnodes.process.retries import is_transient


async def succeed() -> None:
    return None


async def fail() -> None:
    raise ValueError("failed")


async def test_the_error_of_a_track_is_raised_and_ended_tasks_are_dropped() -> None:
    under_way = {asyncio.create_task(succeed())}
    await asyncio.wait(under_way)
    raise_first(under_way)
    assert not under_way
    under_way = {asyncio.create_task(fail())}
    await asyncio.wait(under_way)
    with pytest.raises(ValueError, match="failed"):
        raise_first(under_way)


async def test_one_error_of_several_tracks_is_raised_and_none_is_logged_as_never_retrieved() -> None:
    unretrieved: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: unretrieved.append(context))
    under_way = {asyncio.create_task(fail()) for _ in range(3)}
    await asyncio.wait(under_way)
    with pytest.raises(ValueError, match="failed"):
        raise_first(under_way)
    del under_way
    gc.collect()
    assert not unretrieved


async def test_a_cancelled_track_does_not_end_the_work_on_its_topic_in_silence() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()
    await asyncio.wait([task])
    with pytest.raises(TrackCancelled) as raised:
        raise_first({task})
    assert is_transient(raised.value)
