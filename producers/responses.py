"""A response of a site, saved or fetched just now, and the record of `bronze.pages` that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from producers import sources
from producers.sources.page import Found, Material
from songnodes import __version__
from songnodes.domain import ids
from songnodes.domain.records import Origin, Page

#: Headers that say something of the page. All others may name the client, a proxy or a session.
KEPT_HEADERS = frozenset(
    {
        "content-type",
        "content-language",
        "date",
        "last-modified",
        "etag",
        "age",
        "cache-control",
        "retry-after",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A body with what came along. `fetcher` is who got it: "saved", "http", "browser"; `robots` the verdict
    of the site's robots.txt, where it was asked."""

    url: str | None
    status: int
    headers: Mapping[str, str]
    content_type: str | None
    body: bytes
    fetched_at: datetime
    fetcher: str
    robots: str | None = None


def page(response: Response, material: Material | None, found: Found) -> Page:
    """The record of `bronze.pages`. Ids are made of content: the same response gives the same record.

    `material` is None for the answer of a page that was removed: its body is not read.
    """
    digest = sha256(response.body).hexdigest()
    return Page(
        event_id=ids.page_event_id(found.page_id, digest),
        source=found.source,
        observed_at=response.fetched_at,
        origin=Origin(
            kind="request",
            id=ids.fetch_id(found.page_id, digest, response.fetched_at),
            parser_version=None,
        ),
        pipeline_version=__version__,
        page_id=found.page_id,
        kind=found.kind,
        native_id=found.native_id,
        url=_address(response, found),
        status=response.status,
        headers=dict(response.headers),
        content_type=response.content_type or (_kind_of_text(material) if material else None),
        body=response.body,
        sha256=digest,
        fetched_at=response.fetched_at,
        fetcher=response.fetcher,
        robots=response.robots,
        scraper_version=f"songnodes/{__version__}",
    )


def kept(raw: Mapping[str, Any]) -> dict[str, str]:
    """The headers that are kept with a page, with lower case names."""
    return {name.lower(): str(value) for name, value in raw.items() if name.lower() in KEPT_HEADERS}


def _address(response: Response, found: Found) -> str:
    """Where the page was asked for, when that is an address of this very page, else its canonical one."""
    asked = sources.by_url(response.url) if response.url else None
    if asked and (asked.page_id == found.page_id or not found.url):
        return asked.url or ""
    return found.url or response.url or ""


def _kind_of_text(material: Material) -> str:
    if material.is_html:
        return "text/html"
    return "application/json" if material.json is not None else "text/plain"
