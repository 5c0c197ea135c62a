"""HTTP servers of the providers: one port each on loopback, faults, limits, and a record of all arrivals."""

import asyncio
import math
import time
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256

from aiohttp import web

from demo.providers import faults as fault_rules
from demo.providers.beatport import Beatport
from demo.providers.deezer import Deezer
from demo.providers.discogs import Discogs
from demo.providers.exchange import HTML, Api, ApiRequest, Reply, Routed, reply
from demo.providers.faults import LONG_RETRY_AFTER_S, FaultKind, Faults, Limit
from demo.providers.holdings import PROVIDERS, Holdings, Provider
from demo.providers.lastfm import LastFm
from demo.providers.listenbrainz import ListenBrainz
from demo.providers.musicbrainz import MusicBrainz
from demo.providers.reccobeats import ReccoBeats
from demo.providers.spotify import Spotify
from demo.providers.tidal import Tidal
from demo.serving import in_thread

LOOPBACK = "127.0.0.1"
MAX_ARRIVALS = 500_000
UNKNOWN_PATH = reply({"error": "not found"}, 404)
PAGE = b"<!DOCTYPE html><html><head><title>Please wait</title></head><body>Just a moment...</body></html>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A request at a server. `at` is seconds of the monotonic clock when its head was complete; `account` is
    the key, token or client that limits count, empty for the address."""

    at: float
    provider: Provider
    operation: str
    account: str
    path: str
    status: int
    fault: FaultKind | None


class Providers:
    """The servers of all providers over one catalogue. Faults may be changed while they run."""

    def __init__(
        self, holdings: Holdings, faults: Mapping[Provider, Faults] | Faults = fault_rules.NONE
    ) -> None:
        self.holdings = holdings
        self.faults: dict[Provider, Faults] = (
            dict.fromkeys(PROVIDERS, faults)
            if isinstance(faults, Faults)
            else {provider: faults.get(provider, fault_rules.NONE) for provider in PROVIDERS}
        )
        self.arrivals: deque[Arrival] = deque(maxlen=MAX_ARRIVALS)
        self.base_urls: dict[Provider, str] = {}
        self.tidal, self.spotify = Tidal(holdings), Spotify(holdings)
        self._apis: dict[Provider, Api] = {
            "deezer": Deezer(holdings),
            "reccobeats": ReccoBeats(holdings),
            "musicbrainz": MusicBrainz(holdings),
            "listenbrainz": ListenBrainz(holdings),
            "tidal": self.tidal,
            "beatport": Beatport(holdings),
            "spotify": self.spotify,
            "lastfm": LastFm(holdings),
            "discogs": Discogs(holdings),
        }
        self._ports: dict[int, Provider] = {}
        self._attempts: Counter[str] = Counter()
        self._starts: dict[tuple[Provider, str], deque[float]] = defaultdict(deque)
        self._started_at = 0.0

    @contextmanager
    def running(self) -> Iterator["Providers"]:
        """Serve on free loopback ports in a thread."""
        with in_thread("demo-providers", self._start):
            yield self

    def busiest(self, provider: Provider, window_s: float, operation: str | None = None) -> int:
        """Return the most arrivals at a provider within any window of so many seconds."""
        times = [
            arrival.at
            for arrival in self.arrivals
            if arrival.provider == provider and operation in (None, arrival.operation)
        ]
        most, first = 0, 0
        for place, at in enumerate(times):
            while at - times[first] >= window_s:
                first += 1
            most = max(most, place - first + 1)
        return most

    def handle(self, provider: Provider, request: ApiRequest) -> tuple[Routed, FaultKind | None]:
        """Return the reply to a request with the fault that it meets; without HTTP."""
        faults = self.faults[provider]
        for issuer in (self.tidal, self.spotify):
            issuer.tokens.ttl_s = faults.token_ttl_s
        api = self._apis[provider]
        routed = api(request)
        if routed is None:
            return Routed(operation="unknown", account="", reply=UNKNOWN_PATH), None
        kind, retry_after_s = self._fault(provider, faults, request, routed)
        if kind is None or kind in ("slow", "cut"):
            return routed, kind
        answer = api.fault(kind, retry_after_s) or _general(kind, retry_after_s)
        return Routed(operation=routed.operation, account=routed.account, reply=answer), kind

    def _fault(
        self, provider: Provider, faults: Faults, request: ApiRequest, routed: Routed
    ) -> tuple[FaultKind | None, int | None]:
        """Return the fault of a request and its Retry-After in whole seconds."""
        starts = self._starts[provider, routed.account]
        if faults.forbidden:
            return "forbidden", None
        if faults.is_out(request.now - self._started_at):
            return "failing", None
        if faults.quota and (wait := _wait(starts, faults.quota, request.now)) is not None:
            return "quota", math.ceil(wait)
        waits = [wait for limit in faults.limits if (wait := _wait(starts, limit, request.now)) is not None]
        starts.append(request.now)
        if waits:
            return "limited_until", max(1, math.ceil(max(waits)))
        digest = sha256(request.body).hexdigest()[:8] if request.body else ""
        key = f"{provider}{request.path}{sorted(request.query.items())}{digest}"
        self._attempts[key] += 1
        kind = faults.of(key, self._attempts[key])
        return kind, {"limited_until": faults.retry_after_s, "limited_for_hours": LONG_RETRY_AFTER_S}.get(
            kind or ""
        )

    async def _start(self) -> web.AppRunner:
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._started_at = time.monotonic()
        for provider in PROVIDERS:
            await web.TCPSite(runner, LOOPBACK, 0).start()
            port = runner.addresses[-1][1]
            self._ports[port] = provider
            self.base_urls[provider] = f"http://{LOOPBACK}:{port}"
        return runner

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        at = time.monotonic()
        assert request.transport is not None  # noqa: S101
        provider = self._ports[request.transport.get_extra_info("sockname")[1]]
        api_request = ApiRequest(
            method=request.method,
            path=request.rel_url.path,
            query={name: tuple(request.query.getall(name)) for name in request.query},
            headers={name.lower(): value for name, value in request.headers.items()},
            body=await request.read(),
            now=at,
        )
        routed, kind = self.handle(provider, api_request)
        answer = routed.reply
        self.arrivals.append(
            Arrival(
                at=at,
                provider=provider,
                operation=routed.operation,
                account=routed.account,
                path=request.path_qs,
                status=answer.status,
                fault=kind,
            )
        )
        if kind == "slow":
            await asyncio.sleep(self.faults[provider].slow_s)
        body = answer.body[: len(answer.body) // 2] if kind == "cut" else answer.body
        headers = {"Content-Type": answer.content_type, **answer.headers}
        return web.Response(status=answer.status, body=body, headers=headers)


def _wait(starts: deque[float], limit: Limit, now: float) -> float | None:
    """Return the seconds until a window has room again; None if it has room now."""
    within = [start for start in starts if now - start < limit.seconds]
    return within[-limit.starts] + limit.seconds - now if len(within) >= limit.starts else None


def _general(kind: FaultKind, retry_after_s: int | None) -> Reply:
    """Return the form that a fault has at most providers."""
    match kind:
        case "html":
            return Reply(body=PAGE, content_type=HTML)
        case "failing":
            return Reply(status=503, body=b"Service unavailable", content_type=HTML)
        case "forbidden":
            return reply({"error": "Forbidden"}, 403)
        case "error_body":
            return reply({"error": {"status": 500, "message": "Internal error"}})
        case _:
            waits = {} if retry_after_s is None else {"Retry_After": str(retry_after_s)}
            return reply({"error": "Too many requests"}, 429, **waits)
