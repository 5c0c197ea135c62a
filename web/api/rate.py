"""Rate limit per client and token."""

import json
import time
from collections import OrderedDict
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from songnodes.http.problems import MEDIA_TYPE, problem

REQUESTS_PER_S = 10.0
BURST = 50
#: Clients that are remembered; the one that was silent longest is forgotten first.
MAX_CLIENTS = 10_000


class RateLimit:
    """Middleware that refuses requests beyond the rate with 429."""

    def __init__(self, app: ASGIApp, *, prefix: str, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._prefix = prefix
        self._now = now
        self._buckets: OrderedDict[tuple[str, bytes], tuple[float, float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefix):
            wait_s = self._wait_s(scope)
            if wait_s > 0:
                await _refuse(send, wait_s)
                return
        await self._app(scope, receive, send)

    def _wait_s(self, scope: Scope) -> float:
        """Return the seconds until the client may ask again; 0 if it may now, which uses one request."""
        client = (scope.get("client") or ("", 0))[0]
        token = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        now = self._now()
        left, at = self._buckets.pop((client, token), (float(BURST), now))
        left = min(float(BURST), left + (now - at) * REQUESTS_PER_S)
        allowed = left >= 1
        self._buckets[client, token] = (left - 1 if allowed else left, now)
        if len(self._buckets) > MAX_CLIENTS:
            self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - left) / REQUESTS_PER_S


async def _refuse(send: Send, wait_s: float) -> None:
    body = json.dumps(problem(429, f"{REQUESTS_PER_S:g} requests a second are allowed.")).encode()
    headers = [
        (b"content-type", MEDIA_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(int(wait_s) + 1).encode()),
    ]
    await send({"type": "http.response.start", "status": 429, "headers": headers})
    await send({"type": "http.response.body", "body": body})
