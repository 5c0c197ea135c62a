"""Frames between the rows that name another tracklist of the site as identical with all or some of them.

Seen on one real page: "identical tracklist start" with a link in front of the rows, "identical tracklist end"
behind them. A broadcast and the performance that it repeats are marked so.
"""

import re
from collections.abc import Iterable

from producers.sources.tracklists1001 import addresses
from producers.sources.tracklists1001.outline import ROW
from producers.sources.tracklists1001.tree import Element, links, text_of
from songnodes.domain.records import IdenticalTracklist

#: A start without an end reaches to the last row, an end without a start begins with the first one.
MARK = re.compile(r"\bidentical tracklist (?P<edge>start|end)\b", re.IGNORECASE)
WHOLE_MARK = re.compile(r"\btracklist is identical to\b", re.IGNORECASE)
KIND = "tracklist"


def read(items: Iterable[Element], native_id: str) -> list[IdenticalTracklist]:
    """Return the tracklists that the page marks as identical with it, sorted by id."""
    starts: dict[str, int] = {}
    ends: dict[str, int] = {}
    rows = 0
    for item in items:
        if ROW in item.get("class", "").split():
            rows += 1
            continue
        text = text_of(item) or ""
        mark = MARK.search(text)
        if mark is None and WHOLE_MARK.search(text) is None:
            continue
        for linked_id in _linked(item) - {native_id}:
            if mark is None or mark["edge"].lower() == "start":
                starts.setdefault(linked_id, rows if mark else 0)
            else:
                ends[linked_id] = rows
    return [
        IdenticalTracklist(
            playlist_id=addresses.playlist_id(linked_id),
            whole=starts.get(linked_id, 0) == 0 and ends.get(linked_id, rows) == rows,
        )
        for linked_id in sorted(starts.keys() | ends.keys())
    ]


def _linked(frame: Element) -> set[str]:
    """Return the native ids of the tracklists that a frame links."""
    urls = (addresses.absolute(link.get("href")) for link in links(frame))
    pages = (addresses.by_url(url) for url in urls if url)
    return {page.native_id for page in pages if page is not None and page.kind == KIND}
