"""The site as a `Source`."""

import json
import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from producers.sources import json_values as js
from producers.sources.card import EVENT_CONTRACTS, Card, Conduct, PageKind
from producers.sources.page import Found, Link, Material, Output, Request, split_url
from producers.sources.question import Question
from producers.sources.ra import events, listings, queries, questions
from songnodes.domain.records import Page

HOSTS = frozenset({"ra.co", "www.ra.co", "residentadvisor.net", "www.residentadvisor.net"})
PATH = re.compile(r"^/events/(\d{1,12})(?:/|$)")
ID_LENGTH = 16  # hex digits of the digest that identifies a listing whose question is not known


class ResidentAdvisor:
    """Events and listings of events."""

    name = events.NAME
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {
        events.EVENT: events.parse_event,
        events.LISTING: events.parse_listing,
    }
    listings: Mapping[str, Callable[[Page], list[Link]]] = {events.LISTING: listings.links}
    card = Card(
        title="Resident Advisor",
        hosts=HOSTS,
        topic="bronze.events",
        kinds=(
            PageKind(name=events.EVENT, gives="an event: times, zone, venue, line-up, promoters, genres"),
            PageKind(name=events.LISTING, gives="up to 100 events in short, and links to them"),
        ),
        coverage=(
            *("start_time", "end_time", "start_local", "timezone", "venue", "venue.latitude", "city"),
            *("country", "promoters", "genres", "lineup", "lineup.native_id"),
        ),
        contracts=EVENT_CONTRACTS,
        versions=dict.fromkeys((events.EVENT, events.LISTING), events.PARSER_VERSION),
        conduct=Conduct(
            on=False, why="its terms forbid scraping; saved answers are read", needs_contact=True, floor=10.0
        ),
    )

    def by_url(self, url: str) -> Found | None:
        """Return the page at an address: an event, or a listing as `request` addresses it."""
        parts = split_url(url, HOSTS)
        if parts is None:
            return None
        match = PATH.match(parts.path)
        if match:
            return events.event_page(match[1])
        if parts.path == "/graphql" and parts.fragment.startswith("event/"):
            native = parts.fragment.removeprefix("event/")
            return events.event_page(native) if native.isdigit() else None
        return listings.by_fragment(parts.fragment) if parts.path == "/graphql" else None

    def by_body(self, material: Material) -> Found | None:
        """Return the page of a GraphQL response, alone or stored with its request."""
        answer = _data(material.json)
        if answer is None:
            return next(filter(None, map(self.by_url, material.links)), None)
        native = js.text(js.mapping(answer.get("event")).get("id"))
        if native and native.isdigit():
            return events.event_page(native)
        if isinstance(answer.get("eventListings"), dict):
            page_ref = self.by_url(material.url) if material.url else None
            if page_ref and page_ref.kind == events.LISTING:
                return page_ref
            digest = sha256(material.text.encode()).hexdigest()[:ID_LENGTH]
            return Found(source=self.name, kind=events.LISTING, native_id=digest, url=material.url)
        return None

    def ask(self, question: Question) -> Found:
        """Return the first page of a query: the events of an area."""
        return questions.ask(question)

    def companions(self, page: Page) -> list[Link]:
        """Return an empty list: an event has one page."""
        return []

    def revision(self, page: Page) -> int | None:
        """Return None: the site numbers no revisions."""
        return None

    def request(self, found: Found) -> Request | None:
        """Return the GraphQL request; its variables are in the fragment of the address too."""
        if found.kind == events.EVENT:
            variables: dict[str, Any] = {"id": found.native_id}
            return _ask(f"event/{found.native_id}", queries.EVENT_DETAIL, variables)
        if found.kind == events.LISTING and found.url and "#listing?" in found.url:
            query = dict(parse_qsl(found.url.split("#listing?", 1)[1]))
            area, page = js.whole(query.get("area")), js.whole(query.get("page"))
            filters = {
                "areas": {"eq": area},
                "listingDate": {"gte": query.get("from"), "lte": query.get("to")},
            }
            variables = {"filters": filters, "pageSize": queries.PAGE_SIZE, "page": page or 1}
            return _ask(found.url.split("#", 1)[1], queries.EVENT_LISTING, variables)
        return None


def _ask(about: str, query: str, variables: Mapping[str, Any]) -> Request:
    body = json.dumps({"query": query, "variables": variables}).encode()
    return Request(url=f"{queries.ENDPOINT}#{about}", body=body, headers={"Content-Type": "application/json"})


def _data(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict) and isinstance(value.get("response"), dict):
        value = value["response"]
    data = value.get("data") if isinstance(value, dict) else None
    return data if isinstance(data, dict) else None


SOURCE = ResidentAdvisor()
