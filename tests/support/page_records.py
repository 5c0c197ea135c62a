"""Page records built from bodies, without a broker."""

from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import cast

from producers import saved, sources
from producers.saved import Saved
from producers.sources.page import Found, Material
from songnodes.domain.records import Page, Tracklist

FETCHED = datetime(2025, 9, 1, 12, tzinfo=UTC)


def page(body: bytes, *, url: str | None = None, found: Found | None = None) -> Page:
    """Return the record that `ingest` would publish; `found` is for a body that is not recognised."""
    saved_page = Saved(
        path=Path("page.html"),
        body=body,
        url=url,
        fetched_at=FETCHED,
        explicit=True,
        status=200,
        headers={},
    )
    if found is not None:
        digest = sha256(body).hexdigest()
        stand_in = saved.page(saved_page, Material(b"<p>"), found)
        return {**stand_in, "body": body, "sha256": digest, "content_type": None}
    material = Material(body, url=url)
    recognised = sources.recognise(material)
    assert recognised is not None, sources.why_not(material)
    return saved.page(saved_page, material, recognised)


def tracklist(body: bytes) -> Tracklist:
    """Return the tracklist record of a page."""
    ((topic, _, record),) = sources.parse(page(body))
    assert topic == "bronze.tracklists"
    return cast(Tracklist, record)
