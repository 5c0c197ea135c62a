"""Tasks of asyncio that run beside the work of another."""

import asyncio


async def end_task(task: asyncio.Task[None]) -> None:
    """Cancel a task and wait until it has ended. Raises its error.

    `await task` with its CancelledError suppressed would also suppress that of the caller, which is the same
    exception: a process that is stopped at this moment would go on.
    """
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()
