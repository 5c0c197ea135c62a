"""Pages that list sets: searches, the home page, and pages of DJs, events and labels, which use one markup.

Seen on six real searches and the home page; no page of a DJ could be obtained. Search results are ordered by
date, not by fit, and a search for a set that does not exist still lists 30: a listing names sets, it proves
nothing about them.
"""

import re

from parsel import Selector

from producers.sources import bodies
from producers.sources.errors import ForwardingPage, LimitPage, TruncatedPage
from producers.sources.page import Link
from producers.sources.tracklists1001 import addresses, reading, tracklist
from songnodes.domain.records import Page

ITEM = "div.bItm.oItm"
IDENTIFIED_OF_ALL = re.compile(r"^(all|\d{1,5})\s*/\s*(\d{1,5})$")
SPAN = re.compile(r"^(?:(\d{1,3})h)?\s*(?:(\d{1,2})m)?$")
SHORT = re.compile(r"^(\d{1,9}(?:\.\d{1,3})?)\s*([kM])?$")
SCALE = {None: 1, "k": 1_000, "M": 1_000_000}


def links(page: Page) -> list[Link]:
    """Return the sets that a page lists, each once. A search may have none; a blocked page is refused."""
    text = bodies.decode(page["body"], page["content_type"]).text
    selector = Selector(text=text, type="html")
    items = selector.css(ITEM)
    if not items:
        blocked = tracklist.blocked(text)
        if blocked == LimitPage.reason:
            raise LimitPage(page["page_id"])
        if blocked == ForwardingPage.reason:
            raise ForwardingPage(page["page_id"])
        if not tracklist.CLOSING.search(text[-tracklist.TAIL :]):
            raise TruncatedPage(page["page_id"], ends=text[-40:])
    links_of: dict[str, Link] = {}
    for item in items:
        link = _link(item)
        if link:
            links_of.setdefault(link.found.native_id, link)
    return list(links_of.values())


def _link(item: Selector) -> Link | None:
    anchor = item.css('.bTitle a[href*="/tracklist/"]')
    url = addresses.absolute(anchor.xpath("./@href").get())  # `attrib` refuses names with control characters
    set_ref = addresses.by_url(url) if url else None
    if set_ref is None or set_ref.kind != tracklist.KIND:
        return None
    identified, total = share(_cell(item, "IDed tracks / total tracks"))
    views = item.css('[title="tracklist views"]::attr(data-count)').get()
    return Link(
        found=set_ref,
        title=reading.inner_text(anchor),
        date_text=_cell(item, "tracklist date"),
        identified=identified,
        total=total,
        duration_seconds=span(_cell(item, "play time")),
        views=about(views),
        styles=styles(_cell(item, "musicstyle(s)")),
    )


def _cell(item: Selector, title: str) -> str | None:
    return reading.inner_text(item.xpath(".//div[@title=$title]", title=title))


def share(text: str | None) -> tuple[int | None, int | None]:
    """Parse identified and all tracks: "09/13", and "all/27" for 27 of 27."""
    match = IDENTIFIED_OF_ALL.match(text or "")
    if not match:
        return None, None
    total = int(match[2])
    return (total if match[1] == "all" else int(match[1])), total


def span(text: str | None) -> int | None:
    """Seconds of "1h 56m", "2h", "11m"."""
    match = SPAN.match(text or "")
    if not match or match.group(1, 2) == (None, None):
        return None
    return (int(match[1] or 0) * 60 + int(match[2] or 0)) * 60


def about(text: str | None) -> int | None:
    """Parse a count as shown: "384", "3.7k", "1.5M": exact only below a thousand."""
    match = SHORT.match((text or "").strip())
    if not match:
        return None
    value = round(float(match[1]) * SCALE[match[2]])
    return value if value <= reading.LARGEST else None


def styles(text: str | None) -> tuple[str, ...]:
    """Styles between commas; a style can have a slash in its name."""
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))
