"""Answers of the MediaWiki API: pages with their wikitext, lists of pages, errors with status 200."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from producers.sources import json_values as js
from producers.sources.errors import ApiError, UnexpectedShape
from producers.sources.mixesdb import addresses
from producers.sources.page import Link

#: Lists of a query whose members are pages.
LISTS = ("categorymembers", "recentchanges", "search", "allpages", "backlinks", "embeddedin")
MAIN = 0  # the namespace of mixes


@dataclass(frozen=True, slots=True, kw_only=True)
class WikiPage:
    """A page with its wikitext; `text` is None where the site has none. `missing`: the site has no such page.
    `moved_to` is the title that a redirect leads to, where the site followed it."""

    title: str
    text: str | None
    missing: bool = False
    moved_to: str | None = None
    namespace: int = MAIN
    revision: int | None = None
    licence: str | None = None
    licence_url: str | None = None


def refuse_errors(answer: Any, page_id: str) -> None:
    """Raise ApiError for the error object of the action API and of the REST API."""
    response = js.mapping(answer)
    error = js.mapping(response.get("error")) or next(iter(js.mappings(response.get("errors"))), {})
    if error or "error" in response:
        raise ApiError(page_id, code=js.text(error.get("code")), info=js.text(error.get("info")))
    if js.whole(response.get("httpCode")) and ("errorKey" in response or "httpReason" in response):
        raise ApiError(page_id, code=js.text(response.get("errorKey") or response["httpCode"]))


def pages(answer: Any, page_id: str) -> list[WikiPage]:
    """Return the pages of a response, ordered by title: the API does not keep the order of the request."""
    refuse_errors(answer, page_id)
    response = js.mapping(answer)
    if "source" in response and js.text(response.get("title")):
        return [_rest_page(response)]
    if not isinstance(response.get("query"), dict) and "batchcomplete" not in response:
        raise UnexpectedShape(page_id, keys=sorted(map(str, response))[:8])
    listed = js.mapping(response.get("query")).get("pages")
    raw = js.mappings(list(listed.values())) if isinstance(listed, dict) else js.mappings(listed)
    described = (page for page in map(_query_page, raw) if page)
    return sorted((*described, *_followed(js.mapping(response.get("query")))), key=lambda page: page.title)


def _rest_page(raw: js.Object) -> WikiPage:
    latest, licence = js.mapping(raw.get("latest")), js.mapping(raw.get("license"))
    return WikiPage(
        title=js.text(raw.get("title")) or "",
        text=js.block(raw.get("source")),
        revision=js.whole(latest.get("id")),
        licence=js.text(licence.get("title")),
        licence_url=js.text(licence.get("url")),
    )


def _query_page(raw: js.Object) -> WikiPage | None:
    """One page of either format version: in version 1 the text is under "*" and flags are empty texts."""
    title = js.text(raw.get("title"))
    if not title or "invalid" in raw:
        return None
    revision = next(iter(js.mappings(raw.get("revisions"))), {})
    slot = js.mapping(js.mapping(revision.get("slots")).get("main")) or revision
    space = raw.get("ns")
    return WikiPage(
        title=title,
        text=js.block(slot.get("content", slot.get("*"))),
        missing="missing" in raw,
        namespace=space if isinstance(space, int) else MAIN,
        revision=js.whole(revision.get("revid")),
    )


def _followed(query: js.Object) -> Iterator[WikiPage]:
    """Yield the titles of a query that are redirects: the site answers with the pages that they lead to."""
    for redirect in js.mappings(query.get("redirects")):
        title, target = js.text(redirect.get("from")), js.text(redirect.get("to"))
        if title and target and title != target:
            yield WikiPage(title=title, text=None, moved_to=target)


def has_texts(answer: Any) -> bool:
    """Return True if a page of the response has revisions, or was requested and is missing."""
    response = js.mapping(answer)
    if "source" in response:
        return True
    listed = js.mapping(response.get("query")).get("pages")
    raw = js.mappings(list(listed.values())) if isinstance(listed, dict) else js.mappings(listed)
    return any("revisions" in page or "missing" in page for page in raw)


def links(answer: Any, page_id: str, url: str) -> list[Link]:
    """Return the mixes that a list names, and the address of its next part."""
    refuse_errors(answer, page_id)
    response = js.mapping(answer)
    query = js.mapping(response.get("query"))
    members = [member for name in LISTS for member in js.mappings(query.get(name))]
    members += js.mappings(response.get("pages"))  # the REST search
    listed = query.get("pages")
    if isinstance(listed, dict):
        members += js.mappings(list(listed.values()))
    else:
        members += js.mappings(listed)
    found_links: dict[str, Link] = {}
    for member in members:
        link = _link(member)
        if link:
            found_links.setdefault(link.found.page_id, link)
    more = _continuation(response, url)
    return [*found_links.values(), *([more] if more else [])]


def _link(member: js.Object) -> Link | None:
    title = js.text(member.get("title") or member.get("key"))
    if not title or member.get("ns", MAIN) != MAIN or "missing" in member:
        return None
    mix_ref = addresses.mix(title)
    if mix_ref is None:
        return None
    revision = js.whole(member.get("revid")) or None
    return Link(found=mix_ref, title=title, date_text=title[:10], revision=revision)


def _continuation(answer: js.Object, url: str) -> Link | None:
    parameters = {name: js.text(value) for name, value in js.mapping(answer.get("continue")).items()}
    more = {str(name): value for name, value in parameters.items() if value is not None}
    if not more or not addresses.by_url(url):
        return None
    next_ref = addresses.by_url(addresses.further(url, more))
    return Link(found=next_ref) if next_ref else None
