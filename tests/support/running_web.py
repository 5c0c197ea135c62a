"""The web as a process serves it: uvicorn on a loopback port, over the real database, in a thread."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from songnodes.http import server
from songnodes.settings import Settings
from web.app import create_app
from web.database import Database

START_TIMEOUT_S = 30.0


@contextmanager
def running_web(settings: Settings) -> Iterator[str]:
    """Yield the address of the web of these settings, without a slash at the end."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        servers: list[uvicorn.Server] = []

        async def serve() -> None:
            async with Database.opened(settings) as database:
                app = create_app(database, settings)
                servers.append(uvicorn.Server(server.configuration(app, "127.0.0.1", 0, stop_timeout_s=1)))
                await servers[0].serve(sockets=[listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
        thread.start()
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (servers and servers[0].started):
            assert thread.is_alive() and time.monotonic() < deadline, "the server does not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        servers[0].should_exit = True
        thread.join(START_TIMEOUT_S)
