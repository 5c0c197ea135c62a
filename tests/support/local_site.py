"""Site on loopback that records requests and returns prepared responses."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request received; `at` is in seconds of the monotonic clock."""

    at: float
    host: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class LocalSite:
    """`base` is its address. A page is a response's arguments, or a handler."""

    pages: dict[str, Mapping[str, object] | Handler] = field(default_factory=dict)
    arrivals: list[Arrival] = field(default_factory=list)
    base: str = ""
    robots: str | None = None
    #: Handler for other paths.
    anywhere: Handler | None = None

    def paths(self) -> list[str]:
        """Return the requested paths, except robots.txt."""
        return [arrival.path for arrival in self.arrivals if arrival.path != "/robots.txt"]

    def gaps(self) -> list[float]:
        """Return the seconds between requests, in order of arrival."""
        times = [arrival.at for arrival in self.arrivals]
        return [later - earlier for earlier, later in pairwise(times)]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        at = time.monotonic()
        body = await request.read()
        self.arrivals.append(
            Arrival(
                at=at,
                host=request.host,
                method=request.method,
                path=request.path_qs,
                headers=request.headers,
                body=body,
            )
        )
        if request.path == "/robots.txt" and self.robots is not None:
            return web.Response(text=self.robots)
        page = self.pages.get(request.path, self.anywhere)
        if page is None:
            return web.Response(status=404)
        return await page(request) if callable(page) else web.Response(**dict(page))  # type: ignore[arg-type]


@asynccontextmanager
async def serving(site: LocalSite) -> AsyncIterator[LocalSite]:
    """Serve the site on a free loopback port within the block."""
    application = web.Application(client_max_size=1024 * 1024)
    application.router.add_route("*", "/{path:.*}", site.answer)
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield site
    finally:
        await runner.cleanup()
        await asyncio.sleep(0)
