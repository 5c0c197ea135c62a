"""Errors of Redis connections: all mean that Redis does not respond, those of uvloop included."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop

from songnodes.errors import RedisUnreachable
from songnodes.shared_state.redis_store import translate_redis_errors

Use = Callable[[asyncio.StreamWriter], Awaitable[None]]


async def use_closed_connection(use: Use) -> None:
    """Connect to a server on loopback and use the connection after the loop has closed it."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.transport.abort()
        await asyncio.sleep(0.05)
        with translate_redis_errors():
            await use(writer)


async def write(writer: asyncio.StreamWriter) -> None:
    """Write as the client of Redis does."""
    writer.writelines([b"PING"])
    await writer.drain()


@pytest.mark.parametrize("run", [asyncio.run, uvloop.run])
def test_a_write_to_a_closed_connection_is_an_outage(run: Callable[[Any], None]) -> None:
    with pytest.raises(RedisUnreachable):
        run(use_closed_connection(write))


def test_another_error_stays_as_it_is() -> None:
    with pytest.raises(RuntimeError, match="of the caller"), translate_redis_errors():
        raise RuntimeError("of the caller")
