"""In-process cache of scripts that pages share: each fetch costs the site a request and us a pause."""

import re
from collections import OrderedDict

from producers.fetch.http import HttpResponse

TTL_S = 3600.0
MAX_SCRIPTS = 128
MAX_SCRIPT_BYTES = 1024 * 1024
#: Cache-Control of responses that must not be reused.
UNCACHEABLE = re.compile(r"no-store|no-cache|private|max-age=0\b", re.IGNORECASE)


class ScriptCache:
    """Responses by address. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[float, HttpResponse]] = OrderedDict()

    def get(self, url: str, now: float) -> HttpResponse | None:
        """Return a response that was stored less than TTL_S ago, or None."""
        stored_at, response = self._entries.get(url, (0.0, None))
        return response if response is not None and now - stored_at < TTL_S else None

    def put(self, url: str, response: HttpResponse, now: float) -> None:
        """Store a successful response that may be reused; evict the oldest when the cache is full."""
        if response.status != 200 or len(response.body) > MAX_SCRIPT_BYTES:
            return
        if UNCACHEABLE.search(response.headers.get("cache-control", "")):
            return
        self._entries[url] = (now, response)
        self._entries.move_to_end(url)
        if len(self._entries) > MAX_SCRIPTS:
            self._entries.popitem(last=False)
