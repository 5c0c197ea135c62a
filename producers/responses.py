"""Response of a site, saved or just fetched, and its record in `bronze.pages`."""

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

#: Headers about the page. All others may identify the client, a proxy or a session.
KEPT_HEADERS = frozenset(
    {
        "content-type",
        "content-language",
        "location",
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
    """A body with its metadata. `fetcher` is its origin: "saved", "http", "browser"; `robots` the verdict of
    the site's robots.txt, where it was checked."""

    url: str | None
    status: int
    headers: Mapping[str, str]
    content_type: str | None
    body: bytes
    fetched_at: datetime
    fetcher: str
    robots: str | None = None


def page(response: Response, material: Material | None, page_ref: Found) -> Page:
    """Return the record of `bronze.pages`. Ids derive from content: equal responses yield equal records.

    `material` is None for the response of a removed page: its body is not read.
    """
    digest = sha256(response.body).hexdigest()
    return Page(
        event_id=ids.page_event_id(page_ref.page_id, digest),
        source=page_ref.source,
        observed_at=response.fetched_at,
        origin=Origin(
            kind="request",
            id=ids.fetch_id(page_ref.page_id, digest, response.fetched_at),
            parser_version=None,
        ),
        pipeline_version=__version__,
        page_id=page_ref.page_id,
        kind=page_ref.kind,
        native_id=page_ref.native_id,
        url=_address(response, page_ref),
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
    """Return the headers that are kept with a page, with lower-case names."""
    return {name.lower(): str(value) for name, value in raw.items() if name.lower() in KEPT_HEADERS}


def _address(response: Response, page_ref: Found) -> str:
    """Return the requested address if it is one of this page, otherwise the canonical one."""
    requested = sources.by_url(response.url) if response.url else None
    if requested and (requested.page_id == page_ref.page_id or not page_ref.url):
        return requested.url or ""
    return page_ref.url or response.url or ""


def _kind_of_text(material: Material) -> str:
    if material.is_html:
        return "text/html"
    return "application/json" if material.json is not None else "text/plain"
