"""Scripts that pages share, kept for a while in this process: each fetched one costs the site a request and
us a pause."""

import re
from collections import OrderedDict

from producers.fetch.http import Incoming

KEPT = 3600.0  # seconds
ROOM = 128  # scripts
LARGEST = 1024 * 1024  # bytes of one
#: What a site says of answers that must not be used twice.
ONCE = re.compile(r"no-store|no-cache|private|max-age=0\b", re.IGNORECASE)


class Shelf:
    """Answers by address. Times are seconds of one clock that only moves forward."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[float, Incoming]] = OrderedDict()

    def find(self, url: str, now: float) -> Incoming | None:
        """What was put there less than an hour ago."""
        put, incoming = self._kept.get(url, (0.0, None))
        return incoming if incoming is not None and now - put < KEPT else None

    def put(self, url: str, incoming: Incoming, now: float) -> None:
        """Keep a good answer that may be used again; the oldest goes where there is no room."""
        if incoming.status != 200 or len(incoming.body) > LARGEST:
            return
        if ONCE.search(incoming.headers.get("cache-control", "")):
            return
        self._kept[url] = (now, incoming)
        self._kept.move_to_end(url)
        if len(self._kept) > ROOM:
            self._kept.popitem(last=False)
