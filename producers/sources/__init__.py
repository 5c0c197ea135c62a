"""The sites: recognising what a saved body is, and reading it into records.

`recognise` and `parse` are pure: the same bytes give the same answer everywhere.
"""

from collections.abc import Mapping
from urllib.parse import urljoin

from producers.sources import mixcloud, mixesdb, outputs, ra, tracklists1001
from producers.sources.errors import NoParser
from producers.sources.page import Found, Link, Material, Output, Request, Source
from producers.sources.question import QueryNotSupported, Question
from songnodes.domain.records import Page

#: By name. The order is the order of asking.
SOURCES: Mapping[str, Source] = {
    source.name: source for source in (tracklists1001.SOURCE, mixcloud.SOURCE, ra.SOURCE, mixesdb.SOURCE)
}

#: Statuses of a page that its site has removed.
ABSENT = frozenset({404, 410})
#: Statuses of a page that its site has moved; `location` has the new address.
REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
#: The kind of page, by source, that is a set: where it is removed or moved, the set is withdrawn.
SET_PAGES = {"1001tracklists": "tracklist", "mixcloud": "cloudcast", "mixesdb": "mix"}

#: The site whose pages may be plain text: wikitext.
TEXT_SOURCE = mixesdb.SOURCE.name


def recognise(material: Material) -> Found | None:
    """Return the page that a body is: its site, kind and id; None if no site recognises it.

    The identity in a body outranks the address it was stored with: saved files get wrong addresses,
    and a redirect changes the page.
    """
    return by_body(material) or (by_url(material.url) if material.url else None)


def by_body(material: Material) -> Found | None:
    """Return the page that a body names as itself; None if it names no page of a known site."""
    for source in SOURCES.values():
        page_ref = source.by_body(material)
        if page_ref:
            return page_ref
    return None


def why_refused(material: Material, found: Found | None) -> str | None:
    """Return why a saved file is no page although its address may be that of one; None for a page.

    A file of DJ software stays one under any address, and only MixesDB has pages of plain text.
    """
    if by_body(material) is not None:
        return None
    if material.foreign is not None:
        return f"this is {material.foreign}; such files are not read"
    if found is not None and found.source != TEXT_SOURCE and not material.is_html and material.json is None:
        return f"this is plain text, and {found.kind} pages of {found.source} are HTML or JSON"
    return None


def by_url(url: str) -> Found | None:
    """Return the page at an address; None for an unknown site or an unknown kind of page."""
    for source in SOURCES.values():
        page_ref = source.by_url(url)
        if page_ref:
            return page_ref
    return None


def why_not(material: Material) -> str:
    """Return why `recognise` has no answer for this body, for whoever saved it."""
    if material.foreign is not None:
        return f"this is {material.foreign}; such files are not read"
    if material.links:
        return f"the page says it is {material.links[0]}, which is no page of a known site"
    if material.is_html:
        return "HTML without an address of its own: --url may say which page it is"
    if material.json is not None:
        return "JSON that is no answer of a known site"
    return "plain text, which is read only as wikitext of MixesDB, with the address of its page as --url"


def has_parser(source: str, kind: str) -> bool:
    """Return True if pages of this kind are parsed into records."""
    return source in SOURCES and kind in SOURCES[source].parsers


def has_links(source: str, kind: str) -> bool:
    """Return True if pages of this kind link to other pages."""
    return source in SOURCES and kind in SOURCES[source].listings


def parse(page: Page) -> list[Output]:
    """Return all records of a page. Raises a Poison of `errors` when it has none to give.

    A page that only lists others gives none, and is read all the same: a broken one is Poison.
    """
    source = SOURCES.get(page["source"])
    if source is not None and (why := withdrawal_reason(_page_ref(page), page["status"], page["headers"])):
        return [_withdrawal(page, source, why)]
    parser = source.parsers.get(page["kind"]) if source else None
    if parser is not None:
        return parser(page)
    discover(page)
    return []


def is_removed_set(source: str, kind: str, status: int) -> bool:
    """Return True for the answer of a site that it has no such set (any more), whatever its body."""
    return status in ABSENT and SET_PAGES.get(source) == kind


def withdrawal_reason(page_ref: Found, status: int, headers: Mapping[str, str]) -> str | None:
    """Return why a response withdraws the set of the page that was requested; None for one that does not.

    The site has no such set (any more), or redirects to another set of its own.
    """
    if is_removed_set(page_ref.source, page_ref.kind, status):
        return f"status {status}"
    if status not in REDIRECT_STATUSES:
        return None
    target = moved_to(page_ref, headers.get("location", ""))
    return f"moved to {target.page_id}" if target else None


def moved_to(page_ref: Found, location: str) -> Found | None:
    """Return the other set of the same site that a redirect of a set's page leads to; None for any other
    address, and for the same set under another address."""
    if SET_PAGES.get(page_ref.source) != page_ref.kind or not location:
        return None
    try:
        target = by_url(urljoin(page_ref.url or "", location))
    except ValueError:
        return None
    if target is None or (target.source, target.kind) != (page_ref.source, page_ref.kind):
        return None
    return target if target.native_id != page_ref.native_id else None


def _page_ref(page: Page) -> Found:
    return Found(source=page["source"], kind=page["kind"], native_id=page["native_id"], url=page["url"])


def _withdrawal(page: Page, source: Source, why: str) -> Output:
    """Return the withdrawal of the set that a removed or moved page was about."""
    return outputs.withdrawal(
        page,
        outputs.Reader(source=source.name, version=source.card.version(page["kind"])),
        native_id=page["native_id"],
        kind=page["kind"],
        header=outputs.header(page["native_id"]),
        why=why,
    )


def discover(page: Page) -> list[Link]:
    """Return the pages that a page links to, each once. Raises a Poison of `errors`."""
    source = SOURCES.get(page["source"])
    reader = source.listings.get(page["kind"]) if source else None
    if reader is None:
        raise NoParser(page["page_id"])
    return reader(page)


def request(found: Found) -> Request | None:
    """Return the request for a page; None if it cannot be requested."""
    return SOURCES[found.source].request(found)


__all__ = [
    "ABSENT",
    "REDIRECT_STATUSES",
    "SOURCES",
    "Found",
    "Link",
    "Material",
    "Output",
    "QueryNotSupported",
    "Question",
    "Request",
    "by_url",
    "discover",
    "has_links",
    "has_parser",
    "parse",
    "recognise",
    "request",
    "why_not",
]
