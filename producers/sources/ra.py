"""Resident Advisor: GraphQL answers are recognised; their parser comes with the crawl of this site."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from producers.sources.page import Found, Material, Output
from songnodes.domain.records import Page

HOSTS = frozenset({"ra.co", "www.ra.co", "residentadvisor.net", "www.residentadvisor.net"})
EVENT = re.compile(r"^/events/(\d+)")
ID_LENGTH = 16  # hex digits of a listing's digest, which has no id of its own


class ResidentAdvisor:
    """Events and listings of events."""

    name = "ra"
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {}

    def by_url(self, url: str) -> Found | None:
        """An event's page."""
        parts = urlsplit(url)
        match = EVENT.match(parts.path)
        if (parts.hostname or "") not in HOSTS or not match:
            return None
        return Found(source=self.name, kind="event", native_id=match[1], url=url)

    def by_body(self, material: Material) -> Found | None:
        """A GraphQL answer, alone or stored beside its request."""
        data = _data(material.json)
        if data is None:
            return next(filter(None, map(self.by_url, material.links)), None)
        event = data.get("event")
        if isinstance(event, dict) and event.get("id"):
            native = str(event["id"])
            return Found(
                source=self.name, kind="event", native_id=native, url=f"https://ra.co/events/{native}"
            )
        if "eventListings" in data:
            digest = sha256(material.text.encode()).hexdigest()[:ID_LENGTH]
            return Found(source=self.name, kind="event-listing", native_id=digest, url=material.url)
        return None


def _data(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict) and isinstance(value.get("response"), dict):
        value = value["response"]
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, dict) else None


SOURCE = ResidentAdvisor()
