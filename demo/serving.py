"""Local servers of the demo: aiohttp applications in a thread with an event loop of its own."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from aiohttp import web

START_TIMEOUT_S = 30.0


@contextmanager
def in_thread(name: str, start: Callable[[], Awaitable[web.AppRunner]]) -> Iterator[None]:
    """Serve in a thread of this name what `start` starts. Raises the errors of `start`."""
    loop = asyncio.new_event_loop()
    started = threading.Event()
    failed: list[BaseException] = []

    def serve() -> None:
        asyncio.set_event_loop(loop)
        try:
            runner = loop.run_until_complete(start())
        except BaseException as error:
            failed.append(error)
            return
        finally:
            started.set()
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())

    thread = threading.Thread(target=serve, name=name, daemon=True)
    thread.start()
    started.wait(START_TIMEOUT_S)
    if failed:
        raise failed[0]
    try:
        yield
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
