"""Local providers behind servers that record when the kernel received each request, and what was answered."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from urllib.parse import parse_qsl, urlsplit

from demo.providers import Providers
from demo.providers.exchange import ApiRequest
from demo.providers.holdings import PROVIDERS, Provider
from tests.support import timestamping_server
from tests.support.timestamping_server import HttpRequest, TimestampingServer


class TimestampedProviders:
    """Servers over `providers`, whose faults may be changed meanwhile. `requests` are paths by provider."""

    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self.servers: dict[Provider, TimestampingServer] = {}
        self.requests: dict[Provider, list[str]] = {provider: [] for provider in PROVIDERS}
        self._lock = threading.Lock()

    @contextmanager
    def serving(self) -> Iterator["TimestampedProviders"]:
        """Serve each provider on a port of its own."""
        with ExitStack() as stack:
            for provider in PROVIDERS:
                server = stack.enter_context(timestamping_server.serving(self._responder(provider)))
                self.servers[provider] = server
                self.providers.base_urls[provider] = server.base
            yield self

    def arrivals(self, provider: Provider) -> list[float]:
        """Return the times of arrival at a provider, in seconds since 1970."""
        return list(self.servers[provider].arrivals)

    def total(self) -> int:
        """Return the number of requests at all providers."""
        return sum(map(len, self.requests.values()))

    def _responder(self, provider: Provider) -> timestamping_server.Responder:
        def respond(request: HttpRequest) -> bytes:
            return self._respond(provider, request)

        return respond

    def _respond(self, provider: Provider, request: HttpRequest) -> bytes:
        parts = urlsplit(request.target)
        query: dict[str, tuple[str, ...]] = {}
        for name, value in parse_qsl(parts.query, keep_blank_values=True):
            query[name] = (*query.get(name, ()), value)
        api_request = ApiRequest(
            method=request.method,
            path=parts.path,
            query=query,
            headers=request.headers,
            body=request.body,
            now=time.monotonic(),
        )
        with self._lock:
            self.requests[provider].append(request.target)
            routed, kind = self.providers.handle(provider, api_request)
        if kind == "slow":
            time.sleep(self.providers.faults[provider].slow_s)
        reply = routed.reply
        body = reply.body[: len(reply.body) // 2] if kind == "cut" else reply.body
        status = HTTPStatus(reply.status)
        headers = {
            "Content-Type": reply.content_type,
            "Content-Length": str(len(body)),
            **reply.headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {status.value} {status.phrase}\r\n{head}\r\n".encode() + body
