"""Probe of the schema registry: only one that lists its subjects to this login has answered."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from songnodes import probes
from songnodes.access import Access

ELSEWHERE = "http://127.0.0.1:1/"


class Responder(HTTPServer):
    """A server with one response."""

    response: tuple[int, bytes] = (200, b"[]")


class Handler(BaseHTTPRequestHandler):
    server: Responder

    def do_GET(self) -> None:
        status, body = self.server.response
        self.send_response(status)
        self.send_header("Location", ELSEWHERE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def responder() -> Iterator[Responder]:
    with Responder(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("response", "is_up"),
    [
        ((200, b'["bronze.pages-value"]'), True),
        ((200, b"[]"), True),
        ((200, b"<html>"), False),
        ((302, b""), False),
        ((401, b"who are you"), False),
        ((404, b"{}"), False),
        ((429, b""), False),
        ((503, b'{"error_code": 503, "message": "starting"}'), False),
    ],
)
def test_a_registry_has_answered_if_it_lists_subjects(
    responder: Responder, response: tuple[int, bytes], is_up: bool
) -> None:
    responder.response = response
    assert probes.registry(Access(schema_registry_url=f"http://127.0.0.1:{responder.server_port}/")) is is_up


@pytest.mark.parametrize(
    "access",
    [
        Access(schema_registry_url=ELSEWHERE),
        Access(schema_registry_url="https://127.0.0.1:1", schema_registry_ssl_ca="/none"),
        Access(
            schema_registry_url="https://127.0.0.1:1",
            schema_registry_ssl_certificate="/none",
            schema_registry_ssl_key="/none",
        ),
        Access(schema_registry_url="https://127.0.0.1:1", schema_registry_ssl_key="/none"),
    ],
    ids=["refused", "no authorities", "no certificate", "a key alone"],
)
def test_a_registry_that_cannot_be_asked_has_not_answered(access: Access) -> None:
    assert not probes.registry(access)
