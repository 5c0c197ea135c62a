"""A provider of music data on loopback: a server that records arrivals, and its contract.

Answers are prepared by path. The default answer has an object per requested item.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from enrichment.gateway.terms import Terms
from enrichment.providers.base import BaseProvider, by_name
from enrichment.types import (
    Call,
    Classified,
    HttpRequest,
    Operation,
    ProviderAccess,
    Response,
    Token,
    Window,
    join_items,
)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MANY = Window(starts=10_000, seconds=1.0)


class LocalProvider(BaseProvider):
    """`track` has one id, `tracks` is a batch. Outcomes are by status; the body "no data" is a miss."""

    name = "local"
    title = "Local"
    base_url = ""
    operations = by_name(
        Operation(name="track", timeout_s=5.0, redirects=True),
        Operation(name="tracks", batch_parameter="ids", batch_size=20, timeout_s=5.0),
        Operation(name="token", secret=True, timeout_s=5.0),
    )
    probe = ("track", {"id": "1"})

    def __init__(self, *, windows: tuple[Window, ...] = (MANY,), needs_token: bool = False) -> None:
        self.windows = windows  # type: ignore[misc]
        self._needs_token = needs_token

    def authorise(self, access: ProviderAccess) -> Call | None:
        """Return the call of a token where one is needed."""
        return Call(provider="local", operation="token", parameters={}) if self._needs_token else None

    def read_token(self, response: Response) -> Token | None:
        """Return the token of an answer."""
        value = json.loads(response.body).get("token")
        return Token(value=value, lifetime_s=3600.0) if value else None

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call; credentials are in the address, as those of some real ones."""
        path = {"track": "/track/" + call.parameters.get("id", ""), "token": "/token"}.get(call.operation)
        if path is None:
            path = f"/tracks?ids={call.parameters['ids']}"
        separator = "&" if "?" in path else "?"
        key = access.credentials.get("key", "")
        headers = {"authorization": f"Bearer {access.token}"} if access.token else {}
        return HttpRequest(method="GET", url=f"{access.base_url}{path}{separator}key={key}", headers=headers)

    def classify(self, operation: str, response: Response) -> Classified:
        """Return the outcome by status and body."""
        wait = response.headers.get("retry-after")
        retry_after = float(wait) if wait else None
        match response.status:
            case 200 if response.body == b"no data":
                return Classified(outcome="miss")
            case 200 if not response.body.startswith(b"{"):
                return Classified(outcome="broken", note="no JSON")
            case 200:
                return Classified(outcome="hit")
            case 400:
                return Classified(outcome="ours", note="Invalid limit")
            case 401:
                return Classified(outcome="configuration", note="The token is refused.", token_expired=True)
            case 403:
                return Classified(outcome="configuration", note="Active premium subscription required")
            case 429:
                outcome = "quota" if retry_after and retry_after > 3600 else "busy"
                return Classified(outcome=outcome, note="429", retry_after_s=retry_after)  # type: ignore[arg-type]
        return Classified(outcome="busy", note=str(response.status), retry_after_s=retry_after)

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return the parts of a batch."""
        return {item: json.dumps(part).encode() for item, part in json.loads(body).items()}


def track_call(number: str = "1") -> Call:
    """Return the call of one track."""
    return Call(provider="local", operation="track", parameters={"id": number})


def item_call(item: str) -> Call:
    """Return the call of one item of a batch."""
    return Call(provider="local", operation="tracks", parameters={"ids": join_items([item])})


@dataclass(slots=True)
class LocalServer:
    """`arrivals` has path and monotonic time of each request. A page is a status, a body and headers."""

    pages: dict[str, list[tuple[int, str, dict[str, str]]] | Handler] = field(default_factory=dict)
    arrivals: list[tuple[str, float]] = field(default_factory=list)
    base: str = ""
    in_flight: int = 0

    def paths(self) -> list[str]:
        """Return the requested paths in their order."""
        return [path for path, _ in self.arrivals]

    def terms(self, provider: LocalProvider, **credentials: str) -> Terms:
        """Return the terms of the provider at this server."""
        access = ProviderAccess(base_url=self.base, credentials=credentials)
        return Terms(provider=provider, access=access, windows=provider.windows)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Record the arrival and return the next prepared answer; the last one repeats."""
        self.arrivals.append((request.path, time.monotonic()))
        page = self.pages.get(request.path)
        if callable(page):
            return await page(request)
        if page:
            status, body, headers = page.pop(0) if len(page) > 1 else page[0]
            return web.Response(status=status, text=body, headers=headers)
        items = request.query.get("ids", "").split(",")
        parts = {item: {"id": item} for item in reversed(items) if not item.startswith("gap")}
        return web.json_response(parts if request.path == "/tracks" else {"path": request.path})


@asynccontextmanager
async def serving(server: LocalServer) -> AsyncIterator[LocalServer]:
    """Serve on a free port of the loopback."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", server.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    server.base = f"http://{host}:{port}"
    try:
        yield server
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)
