"""Resident Advisor: the GraphQL endpoint with listings and details, and event pages that are all script."""

import json
from typing import Any

from demo.shapes import ra as shapes
from demo.sites.exchange import HTML, TEXT, Reply, SiteRequest
from demo.sites.library import Library

HOSTS = ("ra.co",)
MAX_PAGE_SIZE = 100
#: What a browser gets at an event's address: the site puts everything in by script.
SHELL = b'<!DOCTYPE html><html><head><title>RA</title></head><body><div id="__next"></div></body></html>'


class ResidentAdvisor:
    """The site."""

    def __init__(self, library: Library, *, delay: float) -> None:
        self._library = library
        self._delay = delay

    def __call__(self, request: SiteRequest) -> Reply | None:
        """Return the response to a request."""
        if request.path == "/robots.txt":
            text = f"User-agent: *\nCrawl-delay: {self._delay:g}\nDisallow: /widget/\n"
            return Reply(body=text.encode(), content_type=TEXT)
        if request.path.startswith("/events/"):
            return Reply(body=SHELL, content_type=HTML)
        return self._graphql(request.body) if request.path == "/graphql" else None

    def _graphql(self, body: bytes) -> Reply:
        try:
            document = json.loads(body)
            variables: dict[str, Any] = document["variables"]
            if "eventListings" in document["query"]:
                return self._listing(variables)
            event = self._library.events.get(str(variables["id"]))
        except (ValueError, KeyError, TypeError) as error:
            return Reply(body=shapes.error(f"{type(error).__name__}: {error}"))
        return Reply(body=shapes.detail(event) if event else shapes.missing())

    def _listing(self, variables: dict[str, Any]) -> Reply:
        filters = variables["filters"]
        area, days = int(filters["areas"]["eq"]), filters["listingDate"]
        first, last = shapes.day(days["gte"]), shapes.day(days["lte"])
        events = [
            event
            for event in self._library.events.values()
            if first <= event.day <= last and area in (shapes.EVERYWHERE, shapes.area(event.venue))
        ]
        events.sort(key=lambda event: (event.day, event.native_id))
        size = min(int(variables.get("pageSize") or MAX_PAGE_SIZE), MAX_PAGE_SIZE)
        start = (int(variables.get("page") or 1) - 1) * size
        return Reply(body=shapes.listing(events[start : start + size], len(events)))
