"""Connections of clients: limits on their number, and on the time that a client takes for its headers."""

import asyncio
import json

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from songnodes.http.problems import MEDIA_TYPE, problem

#: Seconds from the connection, or from the first byte of a further request, to the end of the headers.
HEADERS_TIMEOUT_S = 10.0
#: Connections beyond are closed at once; each one is a file descriptor.
MAX_CONNECTIONS = 500


class HttpConnection(H11Protocol):
    """A connection that is closed if its headers do not arrive in time; invalid requests get a problem."""

    headers_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the timer of the first request."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            transport.close()
        else:
            self._start_timer()

    def data_received(self, data: bytes) -> None:
        """Read; with the end of the headers the timer ends, since the body has one of its own."""
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._cancel_timer()
        elif self.headers_timer is None:
            self._start_timer()

    def on_response_complete(self) -> None:
        """Leave the timer to further data: until then the timeout of idle connections applies."""
        self._cancel_timer()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Cancel the timer."""
        self._cancel_timer()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer bytes that are no HTTP request, and close."""
        self._cancel_timer()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()  # within a response
            return
        body = json.dumps(problem(400, msg)).encode()
        headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        response = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (response, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _start_timer(self) -> None:
        self.headers_timer = self.loop.call_later(HEADERS_TIMEOUT_S, self.transport.close)

    def _cancel_timer(self) -> None:
        if self.headers_timer is not None:
            self.headers_timer.cancel()
            self.headers_timer = None
