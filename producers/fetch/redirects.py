"""Follow redirects: every hop is checked again and waits for a request slot of its own."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime
from urllib.parse import urldefrag, urljoin

from producers.fetch.errors import NotFetchable
from producers.fetch.gate import Gate, RequestSlot
from producers.fetch.http import HttpClient, HttpRequest, HttpResponse
from producers.fetch.public_resolver import PrivateAddress
from producers.fetch.rules import FetchOutcome, HostPolicy
from producers.fetch.url_guard import AllowedUrl, UrlGuard
from producers.sources import REDIRECT_STATUSES
from songnodes import metrics
from songnodes.clock import Clock

MAX_REDIRECTS = 5  # RFC 9309 requires five for robots.txt
#: Those after which a POST becomes a GET, as every browser does (RFC 9110 section 15.4).
POST_TO_GET_STATUSES = frozenset({301, 302, 303})

Authorize = Callable[[str, AllowedUrl], Awaitable[HostPolicy]]
ClassifyResponse = Callable[[HttpResponse, datetime], FetchOutcome]


class AlreadyFetched(Exception):
    """Another process fetched the resource while this one waited for its request slot"""


class RedirectFollower:
    """Sends requests and follows their redirects."""

    def __init__(self, gate: Gate, http: HttpClient, url_guard: UrlGuard, clock: Clock) -> None:
        self._gate = gate
        self._http = http
        self._url_guard = url_guard
        self._clock = clock

    async def send(
        self,
        request: HttpRequest,
        hosts: Collection[str],
        authorize: Authorize,
        classify: ClassifyResponse,
        *,
        recheck: Callable[[], Awaitable[None]] | None = None,
    ) -> HttpResponse:
        """Return the last response.

        `authorize` returns the policy for the host of a hop, or raises; `classify` returns the outcome of a
        response; `recheck` may raise AlreadyFetched once the slot is granted.

        Raises what `authorize` raises, AlreadyFetched, HostCoolingDown, RedisUnreachable, SiteUnreachable,
        NotFetchable.
        """
        redirect_status: int | None = None
        for _ in range(MAX_REDIRECTS + 1):
            allowed_url = self._url_guard.check(request.url, hosts)
            policy = await authorize(request.url, allowed_url)
            async with self._gate.acquire(allowed_url.host, policy) as slot:
                if recheck:
                    try:
                        await recheck()
                    except AlreadyFetched:
                        slot.release_unused()
                        raise
                response = await self._send_hop(slot, allowed_url, request)
                slot.outcome = classify(response, self._clock.now())
            target = _redirect_target(response)
            if target is None:
                return replace(response, redirect_status=redirect_status)
            redirect_status = redirect_status or response.status
            request = _next_request(request, response.status, target)
        raise NotFetchable(url=request.url, reason=f"more than {MAX_REDIRECTS} redirects")

    async def _send_hop(
        self, slot: RequestSlot, allowed_url: AllowedUrl, request: HttpRequest
    ) -> HttpResponse:
        slot.ensure_valid()
        try:
            with metrics.FETCH_SECONDS.labels(allowed_url.host).time():
                return await self._http.send(allowed_url, request)
        except PrivateAddress:
            raise
        except NotFetchable:  # the site responded well, but with nothing usable
            slot.outcome = FetchOutcome(ending="fetched")
            raise


def _redirect_target(response: HttpResponse) -> str | None:
    """Return the target of a redirect, with the fragment that names the page; None for other responses."""
    location = response.headers.get("location", "").strip()
    if response.status not in REDIRECT_STATUSES or not location:
        return None
    base, fragment = urldefrag(response.url)
    try:
        target = urljoin(base, location)
    except ValueError as error:
        raise NotFetchable(url=response.url, reason="a redirect to an invalid address") from error
    return f"{target}#{fragment}" if fragment and "#" not in target else target


def _next_request(request: HttpRequest, status: int, target: str) -> HttpRequest:
    keeps_method = request.method != "POST" or status not in POST_TO_GET_STATUSES
    headers: Mapping[str, str] = request.headers if keeps_method else _without_content(request.headers)
    return HttpRequest(
        url=target,
        method=request.method if keeps_method else "GET",
        headers=headers,
        body=request.body if keeps_method else None,
    )


def _without_content(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
