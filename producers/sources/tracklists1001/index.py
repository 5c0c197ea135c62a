"""Set lists of DJs as JSON: arrays of {tracklist_id, title, url, date, ided_tracks, total_tracks, ...}.

They lead to sets and hold no tracks. One set is in the lists of all its DJs.
"""

from typing import Any

from producers.sources import json_values as js
from producers.sources.errors import UnexpectedShape
from producers.sources.page import Found, Link
from producers.sources.tracklists1001 import addresses, listing
from songnodes.domain.records import Page

KIND = "index"
FIELDS = frozenset({"tracklist_id", "title", "url"})


def is_index(value: Any) -> bool:
    """Return True if a JSON value is such a list."""
    return (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict) and value[0].keys() >= FIELDS
    )


def links(page: Page) -> list[Link]:
    """Return the sets of a list, each once."""
    value = js.load(page)
    if not is_index(value):
        raise UnexpectedShape(page["page_id"], wanted=sorted(FIELDS))
    links_of: dict[str, Link] = {}
    for item in js.mappings(value):
        link = _link(item)
        if link:
            links_of.setdefault(link.found.native_id, link)
    return list(links_of.values())


def unread(page: Page) -> list[str]:
    """Return the entries of a list that lead to no set: their titles, or places if they have none."""
    value = js.load(page)
    if not isinstance(value, list):
        return []
    names = []
    for place, item in enumerate(value, start=1):
        if not isinstance(item, dict):
            names.append(f"entry {place}: not an object")
        elif _link(item) is None:
            names.append(f"entry {place}: {js.text(item.get('title')) or 'without a title'}")
    return names


def _link(item: js.Object) -> Link | None:
    native = js.text(item.get("tracklist_id"))
    by_url = addresses.by_url(js.text(item.get("url")) or "")
    if by_url is not None and by_url.kind == "tracklist" and native in (None, by_url.native_id):
        set_ref = by_url
    elif native and native.isalnum() and native.isascii():
        set_ref = Found(
            source=addresses.NAME, kind="tracklist", native_id=native, url=addresses.tracklist_url(native)
        )
    else:
        return None
    return Link(
        found=set_ref,
        title=js.text(item.get("title")),
        date_text=js.text(item.get("date")),
        identified=js.whole(item.get("ided_tracks")),
        total=js.whole(item.get("total_tracks")),
        duration_seconds=listing.span(js.text(item.get("play_time"))),
        views=js.whole(item.get("views")),
        styles=listing.styles(js.text(item.get("styles"))),
    )
