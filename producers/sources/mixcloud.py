"""Mixcloud: API answers are recognised; their parser comes with the crawl of this site."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from producers.sources.page import Found, Material, Output
from songnodes.domain.records import Page

HOSTS = frozenset({"mixcloud.com", "www.mixcloud.com", "api.mixcloud.com"})
CLOUDCAST = re.compile(r"^/([^/]+)/([^/]+)/?$")
#: First parts of paths that are no user.
RESERVED = frozenset({"discover", "tag", "categories", "category", "search", "artist", "track", "upload"})
ID_LENGTH = 16  # hex digits of a listing's digest, which has no id of its own


class Mixcloud:
    """Cloudcasts and listings of cloudcasts."""

    name = "mixcloud"
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {}

    def by_url(self, url: str) -> Found | None:
        """A cloudcast's page or API address."""
        parts = urlsplit(url)
        match = CLOUDCAST.match(parts.path)
        if (parts.hostname or "") not in HOSTS or not match or match[1] in RESERVED:
            return None
        return Found(source=self.name, kind="cloudcast", native_id=f"{match[1]}/{match[2]}", url=url)

    def by_body(self, material: Material) -> Found | None:
        """An API answer: one cloudcast, or a listing of some."""
        if isinstance(material.json, dict):
            value = material.json
            if _is_cloudcast(value):
                return self.by_url(value["url"])
            items = value.get("data")
            if isinstance(items, list) and any(map(_is_entry, items)):
                digest = sha256(material.text.encode()).hexdigest()[:ID_LENGTH]
                return Found(source=self.name, kind="listing", native_id=digest, url=material.url)
            return None
        return next(filter(None, map(self.by_url, material.links)), None)


def _is_cloudcast(value: dict[str, Any]) -> bool:
    return (
        isinstance(value.get("url"), str)
        and isinstance(value.get("key"), str)
        and isinstance(value.get("user"), dict)
        and "audio_length" in value
    )


def _is_entry(item: Any) -> bool:
    """A cloudcast, or an entry of a feed that wraps some; feeds have entries of other kinds between."""
    return isinstance(item, dict) and (_is_cloudcast(item) or isinstance(item.get("cloudcasts"), list))


SOURCE = Mixcloud()
