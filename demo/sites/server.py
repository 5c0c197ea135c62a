"""HTTP server of the sites: dispatch by host, faults, ETags, and a log of all requests."""

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from urllib.parse import parse_qsl

from aiohttp import web

from demo.serving import in_thread
from demo.shapes import tracklists1001 as shapes
from demo.sites import faults as fault_rates
from demo.sites import mixcloud, mixesdb, ra, tracklists1001
from demo.sites.exchange import HTML, NOT_FOUND, Reply, Site, SiteRequest
from demo.sites.faults import Fault, Faults
from demo.sites.library import Library

LOOPBACK = "127.0.0.1"
MAX_LOGGED_REQUESTS = 100_000  # requests
CRAWL_DELAY_S = 0.05  # seconds that robots.txt asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRequest:
    """A received request. `at` is seconds of the monotonic clock, when it was complete."""

    at: float
    host: str
    path: str
    status: int
    user_agent: str


class Sites:
    """All four sites over one library. `edition` may be moved at any time, from any thread."""

    def __init__(
        self,
        library: Library,
        *,
        faults: Faults = fault_rates.NONE,
        delay: float = CRAWL_DELAY_S,
        scripted: frozenset[str] = frozenset(),
    ) -> None:
        self.library = library
        self.edition = 1
        self.request_log: deque[LoggedRequest] = deque(maxlen=MAX_LOGGED_REQUESTS)
        self.base = ""
        self._faults = faults
        self._attempts: Counter[str] = Counter()
        self.mixesdb = mixesdb.MixesDB(library, delay=delay)
        self._sites: dict[str, Site] = {
            **dict.fromkeys(
                tracklists1001.HOSTS,
                tracklists1001.Tracklists1001(library, delay=delay, scripted=scripted),
            ),
            **dict.fromkeys(mixesdb.HOSTS, self.mixesdb),
            **dict.fromkeys(mixcloud.HOSTS, mixcloud.Mixcloud(library, delay=delay)),
            **dict.fromkeys(ra.HOSTS, ra.ResidentAdvisor(library, delay=delay)),
        }

    @property
    def mapping(self) -> dict[str, str]:
        """Return the setting `sites`: every host with its address."""
        return dict.fromkeys(self._sites, self.base)

    @contextmanager
    def running(self, port: int = 0) -> Iterator["Sites"]:
        """Serve on loopback in a thread, on a free port unless one is given."""
        with in_thread("demo-sites", partial(self._start, port)):
            yield self

    async def _start(self, port: int) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        site = web.TCPSite(runner, LOOPBACK, port)
        await site.start()
        self.base = f"http://{LOOPBACK}:{runner.addresses[0][1]}"
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        host = request.host.partition(":")[0].lower()
        site = self._sites.get(host)
        body = await request.read()
        if site is None:
            return self._control(request)
        address = f"{host}{request.rel_url}{sha256(body).hexdigest()[:8] if body else ''}"
        self._attempts[address] += 1
        fault = None
        if request.path != "/robots.txt":
            fault = self._faults.of(address, self._attempts[address])
        reply = (
            self._fault_reply(fault) or site(_site_request(request, host, body, self.edition)) or NOT_FOUND
        )
        if fault == "slow":
            await asyncio.sleep(self._faults.slowness)
        self._log_request(request, host, reply.status)
        if fault == "broken":
            return await _broken(request, reply)
        return _response(request, reply)

    def _fault_reply(self, fault: Fault | None) -> Reply | None:
        """Return the response that replaces that of the site."""
        match fault:
            case "limited":
                waits = {"Retry-After": str(self._faults.retry_after)}
                return Reply(status=429, body=b"Too many requests", content_type=HTML, headers=waits)
            case "failing":
                return Reply(status=503, body=b"Service unavailable", content_type=HTML)
            case "forbidden":
                return Reply(status=403, body=b"Forbidden", content_type=HTML)
            case "blocked":
                return Reply(body=shapes.limit_page(), content_type=HTML)
            case _:
                return None

    def _control(self, request: web.Request) -> web.Response:
        """Answer at the server's own address: PUT /edition/2 moves the clock, GET /seen counts requests."""
        if request.method == "PUT" and request.path.startswith("/edition/"):
            self.edition = int(request.path.rpartition("/")[2])
            return web.json_response({"edition": self.edition})
        if request.path == "/seen":
            by_host = Counter(entry.host for entry in self.request_log)
            return web.json_response({"edition": self.edition, "requests": by_host})
        return web.Response(status=404, text="no such site")

    def _log_request(self, request: web.Request, host: str, status: int) -> None:
        agent = request.headers.get("User-Agent", "")
        self.request_log.append(
            LoggedRequest(
                at=time.monotonic(), host=host, path=request.path_qs, status=status, user_agent=agent
            )
        )


def environment(mapping: Mapping[str, str]) -> dict[str, str]:
    """Return the setting as a variable of a process's environment."""
    return {"SONGNODES_SITES": json.dumps(mapping)}


def _site_request(request: web.Request, host: str, body: bytes, edition: int) -> SiteRequest:
    is_form = request.content_type == "application/x-www-form-urlencoded"
    form = dict(parse_qsl(body.decode("utf-8", "replace"))) if is_form else {}
    path = request.rel_url.path
    return SiteRequest(host=host, path=path, query=dict(request.query), form=form, body=body, edition=edition)


def _response(request: web.Request, reply: Reply) -> web.Response:
    headers = {"Content-Type": reply.content_type, **reply.headers}
    if request.method == "GET" and reply.status == 200:
        tag = f'"{sha256(reply.body).hexdigest()[:24]}"'
        headers["ETag"] = tag
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers={"ETag": tag})
    return web.Response(status=reply.status, body=reply.body, headers=headers)


async def _broken(request: web.Request, reply: Reply) -> web.StreamResponse:
    """Send a response that announces its whole length and ends in the middle."""
    length = str(len(reply.body))
    response = web.StreamResponse(headers={"Content-Type": reply.content_type, "Content-Length": length})
    await response.prepare(request)
    await response.write(reply.body[: len(reply.body) // 2])
    if request.transport is not None:
        request.transport.close()
    return response
