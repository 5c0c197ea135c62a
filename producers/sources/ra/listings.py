"""Listings of events: their addresses, the events they lead to, their next pages."""

from urllib.parse import parse_qsl, urlencode

from producers.sources import json_values as js
from producers.sources.page import Found, Link
from producers.sources.ra import events, queries
from songnodes.domain.records import Page

PARAMETERS = ("area", "from", "to", "page")  # of a listing's address, after "#listing?"
MARK = "listing?"


def listing(area: str, first: str, last: str, page: str = "1") -> Found:
    """Return a page, counted from 1, of the events of an area from one day to another (YYYY-MM-DD)."""
    query = urlencode(dict(zip(PARAMETERS, (area, first, last, page or "1"), strict=True)), errors="replace")
    return Found(
        source=events.NAME,
        kind=events.LISTING,
        native_id=query,
        url=f"{queries.ENDPOINT}#{MARK}{query}",
    )


def by_fragment(fragment: str) -> Found | None:
    """Return the listing in the fragment of an address."""
    if not fragment.startswith(MARK):
        return None
    query = dict(parse_qsl(fragment.removeprefix(MARK)))
    return listing(*(query.get(name, "") for name in PARAMETERS))


def links(page: Page) -> list[Link]:
    """Return the events of a listing, and its next page if there is one."""
    event_links = events.links(page)
    current = by_fragment(page["url"].partition("#")[2])
    number = js.whole(dict(parse_qsl(current.native_id)).get("page")) if current else None
    if current is None or number is None or not event_links:
        return event_links
    if events.total(page) <= number * queries.PAGE_SIZE:
        return event_links
    area, first, last, _ = (dict(parse_qsl(current.native_id)).get(name, "") for name in PARAMETERS)
    return [*event_links, Link(found=listing(area, first, last, str(number + 1)))]
