"""Listings of events: their addresses, the events they lead to, their next pages."""

from urllib.parse import parse_qsl, urlencode

from producers.sources import json_values as js
from producers.sources.page import Found, Link
from producers.sources.ra import events, queries
from songnodes.domain.records import Page

ASKED = ("area", "from", "to", "page")  # what an address of a listing says after "#listing?"
MARK = "listing?"


def listing(area: str, first: str, last: str, page: str = "1") -> Found:
    """Return a page, counted from 1, of the events of an area from one day to another (YYYY-MM-DD)."""
    asked = urlencode(dict(zip(ASKED, (area, first, last, page or "1"), strict=True)), errors="replace")
    return Found(
        source=events.NAME,
        kind=events.LISTING,
        native_id=asked,
        url=f"{queries.ENDPOINT}#{MARK}{asked}",
    )


def by_fragment(fragment: str) -> Found | None:
    """Return the listing in the fragment of an address."""
    if not fragment.startswith(MARK):
        return None
    asked = dict(parse_qsl(fragment.removeprefix(MARK)))
    return listing(*(asked.get(name, "") for name in ASKED))


def links(page: Page) -> list[Link]:
    """Return the events of a listing, and its next page if there is one."""
    found = events.links(page)
    asked = by_fragment(page["url"].partition("#")[2])
    number = js.whole(dict(parse_qsl(asked.native_id)).get("page")) if asked else None
    if asked is None or number is None or not found:
        return found
    if events.total(page) <= number * queries.PAGE_SIZE:
        return found
    area, first, last, _ = (dict(parse_qsl(asked.native_id)).get(name, "") for name in ASKED)
    return [*found, Link(found=listing(area, first, last, str(number + 1)))]
