"""What the registry knows of the site."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256

from producers.sources.page import Found, Material, Output
from producers.sources.tracklists1001 import addresses, tracklist
from songnodes.domain.records import Page

PARSER_VERSION = tracklist.PARSER_VERSION
ID_LENGTH = 16  # hex digits of the digest that stands for a search, whose address is always the same


class Tracklists1001:
    """Tracklists are parsed; pages of tracks, DJs, events, labels and searches are recognised."""

    name = addresses.NAME
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {tracklist.KIND: tracklist.parse}

    def by_url(self, url: str) -> Found | None:
        """What stands at an address."""
        return addresses.by_url(url)

    def by_body(self, material: Material) -> Found | None:
        """A page by its canonical address, or the answer of the media link service."""
        for address in material.links:
            found = addresses.by_url(address)
            if found:
                return _named(replace(found, blocked=tracklist.blocked(material.text)), material)
        return _media(material)


def _named(found: Found, material: Material) -> Found:
    """Searches share one address: the digest of the page's title, which has the query, tells them apart."""
    if found.kind != "search":
        return found
    start = material.text.find("<title")
    title = material.text[start : material.text.find("</title", start)] if start >= 0 else ""
    return replace(found, native_id=sha256(title.encode()).hexdigest()[:ID_LENGTH])


def _media(material: Material) -> Found | None:
    value = material.json
    items = value.get("data") if isinstance(value, dict) and value.get("success") is True else None
    if not isinstance(items, list) or not items:
        return None
    if not all(isinstance(item, dict) and {"source", "playerId"} <= item.keys() for item in items):
        return None
    digest = sha256(material.text.encode()).hexdigest()[:ID_LENGTH]
    return Found(source=addresses.NAME, kind="medialink", native_id=digest, url=material.url)


SOURCE = Tracklists1001()
