"""HTTP client of the gateway: the start of a request is awaited on its open connection.

A new connection takes longer than the margin of the limits. So the slot is acquired after it is established,
and the request is written at once. Errors name no address: it may hold a key.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp.client_reqrep import ClientRequest

from enrichment.types import HttpRequest, Response
from songnodes.errors import Transient
from songnodes.messaging.limits import MAX_VALUE_BYTES

#: Bytes of an answer after decompression: it is archived in one record, with its other fields.
MAX_BODY_BYTES = MAX_VALUE_BYTES - 64 * 1024
CONNECT_TIMEOUT_S = 10.0
KEEP_ALIVE_S = 30.0
CONNECTIONS_PER_HOST = 8

BeforeSending = Callable[[], Awaitable[float]]
"""Waits for the start; returns the seconds that the request may take from then on."""

Sent = Callable[[], None]
"""Called when the request is written."""

_sent: ContextVar[Sent] = ContextVar("sent")
_before_sending: ContextVar[BeforeSending] = ContextVar("before_sending")
_limit: ContextVar[asyncio.Timeout] = ContextVar("limit")


class RequestFailed(Transient):
    """The provider did not answer a request"""


class AnswerTooLarge(Transient):
    """The answer of the provider is larger than a record may be"""


class _Request(ClientRequest):
    """A request that waits for its start after its connection is established."""

    async def send(self, conn: Any) -> Any:
        """Wait for the start, then write the request."""
        seconds = await _before_sending.get()()
        _limit.get().reschedule(asyncio.get_running_loop().time() + seconds)
        answer = await super().send(conn)
        _sent.get()()
        return answer


class Client:
    """Sends requests; a context manager. Redirects are answers: the caller may send another request."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Client":
        """Open the session."""
        self._session = aiohttp.ClientSession(
            request_class=_Request,
            connector=aiohttp.TCPConnector(
                limit=0, limit_per_host=CONNECTIONS_PER_HOST, keepalive_timeout=KEEP_ALIVE_S
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=CONNECT_TIMEOUT_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=True,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def send(self, request: HttpRequest, before_sending: BeforeSending, sent: Sent) -> Response:
        """Return the answer. Raises RequestFailed, AnswerTooLarge, and what `before_sending` raises."""
        assert self._session is not None  # noqa: S101
        began = 0.0

        async def wait_for_start() -> float:
            nonlocal began
            seconds = await before_sending()
            began = asyncio.get_running_loop().time()
            return seconds

        _before_sending.set(wait_for_start)
        _sent.set(sent)
        try:
            async with asyncio.timeout(None) as limit:
                _limit.set(limit)
                async with self._session.request(
                    request.method,
                    request.url,
                    headers=request.headers,
                    data=request.body,
                    allow_redirects=False,
                ) as answer:
                    body = await _read(answer)
        except TimeoutError as error:
            raise RequestFailed("no answer in time") from error
        except (aiohttp.ClientError, OSError) as error:
            raise RequestFailed(type(error).__name__) from None
        return Response(
            status=answer.status,
            headers=joined(answer.headers.items()),
            body=body,
            latency_ms=round((asyncio.get_running_loop().time() - began) * 1000),
            received=datetime.now(UTC),
        )


def joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by lower case name; the values of repeated ones are one list."""
    joined: dict[str, str] = {}
    for name, value in headers:
        lower = name.lower()
        joined[lower] = f"{joined[lower]}, {value}" if lower in joined else value
    return joined


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    parts, size = [], 0
    async for part in answer.content.iter_chunked(64 * 1024):
        size += len(part)
        if size > MAX_BODY_BYTES:
            raise AnswerTooLarge(limit=MAX_BODY_BYTES)
        parts.append(part)
    return b"".join(parts)
