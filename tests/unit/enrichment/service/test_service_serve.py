"""Start of the service: where it listens, and with which access."""

import asyncio
import socket

import pytest
import uvicorn

from enrichment.service import serve
from enrichment.service.app import create_app
from songnodes.http.server import TokenMissing
from songnodes.settings import Settings
from tests.support.in_memory_enricher import InMemoryEnricher


def test_other_addresses_than_loopback_need_a_token() -> None:
    with pytest.raises(TokenMissing):
        serve.run_forever(Settings(service_host="0.0.0.0"))  # noqa: S104


def test_the_service_is_on_loopback_by_default() -> None:
    settings = Settings()
    assert (settings.service_host, settings.service_port) == ("127.0.0.1", 8020)
    assert "zebra" not in repr(Settings(service_token="zebra" * 8))


async def test_it_answers_over_http() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(InMemoryEnricher()), log_config=None))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        writer.write(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        server.should_exit = True
        await task
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b'{"status":"ok"}')
