"""HTTP server on loopback that records when the kernel received each request.

Its own process may wait for a processor long after a request arrived, so its clock would show windows that
are exceeded where none is: the times are those of the packets (socket option SO_TIMESTAMPNS).
"""

import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

SO_TIMESTAMPNS = 35  # asm-generic/socket.h; Python has no name for it
TIMESPEC = struct.Struct("@qq")
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
END_OF_HEAD = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request; names of headers are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


Responder = Callable[[HttpRequest], bytes]
"""Returns the whole response to a request; called by several threads."""


class TimestampingServer:
    """`arrivals` are seconds since 1970, one per request."""

    def __init__(self, respond: Responder = lambda _: RESPONSE) -> None:
        self.arrivals: list[float] = []
        self._respond = respond
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._listener.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.base = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def serve(self) -> None:
        """Accept connections until the server is closed."""
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """Accept no further connections."""
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _answer(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        with connection, suppress(ConnectionError):  # the client was killed
            received = b""
            while True:
                data, ancillary, _, _ = connection.recvmsg(65536, 1024)
                if not data:
                    return
                received += data
                request = _parse(received)
                if request is not None:
                    self.arrivals.append(_timestamp(ancillary))
                    received = b""
                    connection.sendall(self._respond(request))


def _parse(received: bytes) -> HttpRequest | None:
    """Return the request; None if it is not complete."""
    head, end, body = received.partition(END_OF_HEAD)
    if not end:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if len(body) < int(headers.get("content-length", "0")):
        return None
    return HttpRequest(method=method, target=target, headers=headers, body=body)


def _timestamp(ancillary: list[tuple[int, int, bytes]]) -> float:
    for level, kind, value in ancillary:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanoseconds = TIMESPEC.unpack_from(value)
            return float(seconds + nanoseconds / 1e9)
    raise AssertionError("the kernel gave no time of arrival")


@contextmanager
def serving(respond: Responder = lambda _: RESPONSE) -> Iterator[TimestampingServer]:
    """Serve in threads."""
    server = TimestampingServer(respond)
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()
