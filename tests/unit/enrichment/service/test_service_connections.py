"""Clients that are slow, or send what is no HTTP request; a server on a real socket."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
import uvicorn

from enrichment.service import serve
from enrichment.service.app import create_app
from songnodes.http import connections, guard
from songnodes.settings import Settings
from tests.support.in_memory_enricher import InMemoryEnricher

HEAD = b"POST /enrich HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture
async def address() -> AsyncIterator[tuple[str, int]]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(serve.configuration(create_app(InMemoryEnricher()), Settings()))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listener.getsockname()
        server.should_exit = True
        await task


async def answer(address: tuple[str, int], *parts: bytes) -> bytes:
    """Return all that the server sends until it closes the connection."""
    reader, writer = await asyncio.open_connection(*address)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(0.01)
    received = await reader.read()
    writer.close()
    return received


def status_and_type(received: bytes) -> tuple[int, str]:
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head
    return int(head.split()[1]), json.loads(body)["type"].rpartition(":")[2]


@pytest.mark.parametrize("parts", [(), (HEAD,), (HEALTH, HEAD)], ids=["no byte", "half", "after a request"])
async def test_headers_that_do_not_arrive_end_the_connection(
    address: tuple[str, int], parts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEADERS_TIMEOUT_S", 0.3)
    received = await answer(address, *parts)
    assert received.count(b"HTTP/1.1 200") == (HEALTH in parts)


async def test_a_body_that_does_not_arrive_is_refused(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_TIMEOUT_S", 0.3)
    received = await answer(address, HEAD + b'Content-Length: 100\r\n\r\n{"track_id"')
    assert status_and_type(received) == (408, "body-too-slow")


async def test_a_client_that_sends_a_large_body_reads_the_refusal(address: tuple[str, int]) -> None:
    reader, writer = await asyncio.open_connection(*address)
    body = b" " * 4 * guard.MAX_BODY_BYTES
    for head in (b"Content-Length: %d\r\n\r\n" % len(body), b"Transfer-Encoding: chunked\r\n\r\n"):
        chunked = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        writer.write(HEAD + head + (chunked if b"chunked" in head else body))
        await writer.drain()
        received = await reader.readuntil(b"}")
        assert status_and_type(received) == (413, "body-too-large")
    writer.write(HEALTH)
    assert b" 200 " in await reader.readuntil(b'"ok"}')
    writer.close()


async def test_a_body_that_arrives_byte_by_byte_is_refused(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "BODY_TIMEOUT_S", 0.3)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n")
    response = asyncio.create_task(reader.read())
    while not response.done():
        writer.write(b" ")
        await asyncio.sleep(0.02)
    writer.close()
    with suppress(ConnectionResetError):  # bytes that arrive after the response reset the connection
        assert status_and_type(response.result()) == (408, "body-too-slow")


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nA\0: b\r\n\r\n"]
)
async def test_bytes_that_are_no_request_get_a_problem(address: tuple[str, int], garbage: bytes) -> None:
    assert status_and_type(await answer(address, garbage)) == (400, "bad-request")


async def test_more_connections_than_allowed_are_closed(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 1)
    reader, writer = await asyncio.open_connection(*address)
    writer.write(HEALTH)
    await reader.readuntil(b'"ok"}')
    assert await answer(address) == b""
    writer.write(HEALTH)
    await reader.readuntil(b'"ok"}')
    writer.close()
