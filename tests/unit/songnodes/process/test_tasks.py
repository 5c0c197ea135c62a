"""End of a task that runs beside the work of another."""

import asyncio

import pytest

from songnodes.process.tasks import end_task


async def test_a_task_ends_and_its_error_is_raised() -> None:
    waiting = asyncio.create_task(asyncio.sleep(60))
    await end_task(waiting)
    assert waiting.cancelled()

    async def fail() -> None:
        raise ValueError("away")

    failed = asyncio.create_task(fail())
    await asyncio.sleep(0)
    with pytest.raises(ValueError, match="away"):
        await end_task(failed)


async def test_a_caller_that_is_cancelled_meanwhile_ends_too() -> None:
    """As a process that is stopped while it waits for the end of the task."""
    began = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            began.set()
            await asyncio.sleep(0.01)

    async def call() -> None:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        await end_task(task)
        await asyncio.sleep(60)

    caller = asyncio.create_task(call())
    await began.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(caller, 10)
