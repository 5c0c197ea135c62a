"""Refresh once, and refresh for ever."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import date

import uvloop

from sinks import database
from sinks.main import connected, current
from sinks.refresh import network, playlists, transitions
from sinks.refresh.loop import Loop
from sinks.refresh.publisher import Publisher
from sinks.refresh.refresher import Refresher
from songnodes import gc_tuning
from songnodes.clock import Clock, SystemClock
from songnodes.errors import PostgresUnreachable
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.postgres_errors import is_server_error
from songnodes.process import shell
from songnodes.process.shell import Retries
from songnodes.settings import Settings

#: Topics that refresh writes.
TOPICS = (playlists.TOPIC, transitions.TOPIC)


def run(settings: Settings, as_of: date | None = None) -> date:
    """Compute everything once and return the day it is of.

    A day given stays until the next call: midnight does not move it. Without one it is today (UTC), and
    moves. Raises Transient when a server does not answer.
    """
    return asyncio.run(_once(settings, as_of, SystemClock()))


def run_forever(settings: Settings, names: Iterable[str] | None = None) -> None:
    """Follow the sinks until SIGTERM or SIGINT. `names` is not used."""
    gc_tuning.tune()
    loop = Loop(SystemClock())
    shell.run_async(settings, lambda: _follow(settings, loop), loop_factory=uvloop.new_event_loop)


async def _once(settings: Settings, as_of: date | None, clock: Clock) -> date:
    day = as_of or clock.now().date()
    codec = await asyncio.to_thread(Codec.connect, settings)
    try:
        async with opened(settings, codec) as refresher:
            await refresher.tick(day, pinned=as_of is not None)
            await refresher.everything(day)
    except Exception as error:
        if is_server_error(error):
            raise PostgresUnreachable(str(error)) from error
        raise
    return day


async def _follow(settings: Settings, loop: Loop) -> None:
    await current(settings)
    codec = await connected(settings)

    async def work() -> None:
        async with opened(settings, codec, pairs_rest_s=network.PAIRS_REST_S) as refresher:
            await loop.run(refresher)

    await shell.retry(work, Retries(event="refresh_retry"))


@asynccontextmanager
async def opened(settings: Settings, codec: Codec, *, pairs_rest_s: float = 0.0) -> AsyncIterator[Refresher]:
    """Return a refresher on a connection of its own."""
    await asyncio.to_thread(topics.check, clients.admin(settings), settings, TOPICS)
    publisher = Publisher(settings, codec, clients.producer(settings, log_level=0))
    connection = await database.connect(settings, "songnodes-refresh")
    try:
        # A plan for any number of ids would look at all rows, even for three.
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        yield Refresher(connection, publisher, pairs_rest_s=pairs_rest_s)
    finally:
        connection.terminate()
