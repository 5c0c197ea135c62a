"""The site as a `Source`."""

import json
from collections.abc import Callable, Mapping
from hashlib import sha256

from producers.sources import json_values as js
from producers.sources.card import TRACKLIST_CONTRACTS, Card, Conduct, Contract, PageKind
from producers.sources.mixcloud import addresses, cloudcast, listings, questions
from producers.sources.page import Found, Link, Material, Output, Request
from producers.sources.question import Question
from songnodes.domain.records import Page

ID_LENGTH = 16  # hex digits of the digest that identifies a listing whose address is not known
#: Requests the show's own names too, so that the answer identifies the show.
SECTIONS_QUERY = """
query Sections($lookup: CloudcastLookup!) {
  cloudcastLookup(lookup: $lookup) {
    slug
    name
    owner { username }
    sections {
      __typename
      ... on SectionBase { startSeconds }
      ... on TrackSection { artistName songName }
      ... on ChapterSection { chapter }
    }
  }
}
"""
#: Most shows have no sections: no rows are no sign of a change.
CONTRACTS: tuple[Contract, ...] = tuple(
    contract for contract in TRACKLIST_CONTRACTS if contract.name != "rows"
)


class Mixcloud:
    """Shows with their tracks, and listings of shows."""

    name = addresses.NAME
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {
        cloudcast.CLOUDCAST: cloudcast.parse,
        cloudcast.SECTIONS: cloudcast.parse_sections,
    }
    listings: Mapping[str, Callable[[Page], list[Link]]] = {"listing": listings.links}
    card = Card(
        title="Mixcloud",
        hosts=addresses.HOSTS,
        topic="bronze.tracklists",
        kinds=(
            PageKind(name=cloudcast.CLOUDCAST, gives="a show; tracks by sections or its description"),
            PageKind(name=cloudcast.SECTIONS, gives="the tracks of a show, with times"),
            PageKind(name="listing", gives="links to shows"),
        ),
        coverage=(
            *("header.date_text", "header.djs", "header.styles", "header.duration_seconds"),
            *("rows.text", "rows.cue_seconds", "rows.native_track_id"),
        ),
        contracts=CONTRACTS,
        versions=dict.fromkeys((cloudcast.CLOUDCAST, cloudcast.SECTIONS), cloudcast.PARSER_VERSION),
        conduct=Conduct(
            on=True, why="a public API; it wants to know who asks", needs_contact=True, floor=1.0
        ),
    )

    def by_url(self, url: str) -> Found | None:
        """Return the page at an address: a show, by page or API, its sections, a listing."""
        return addresses.by_url(url)

    def by_body(self, material: Material) -> Found | None:
        """Return the page of an API response: a show, its sections, or a listing."""
        value = material.json
        if not isinstance(value, dict):
            return next(filter(None, map(self.by_url, material.links)), None)
        if cloudcast.is_cloudcast(value):
            return self.by_url(value["url"])
        by_url = self.by_url(material.url) if material.url else None
        data = js.mapping(value.get("data"))
        if "cloudcastLookup" in data:
            user_and_slug = (cloudcast.native_id(js.mapping(data["cloudcastLookup"])) or "").split("/", 1)
            return addresses.sections(*user_and_slug) if len(user_and_slug) == 2 else by_url
        if not listings.is_listing(value):
            return None
        if by_url is not None and by_url.kind == "listing":
            return by_url
        if not value["data"]:
            return None  # an empty list without an address could be anybody's
        digest = sha256(material.text.encode()).hexdigest()[:ID_LENGTH]
        return Found(source=self.name, kind="listing", native_id=digest, url=material.url)

    def ask(self, question: Question) -> Found:
        """Return the first page of a query: shows of a user or of a tag, or a search."""
        return questions.ask(question)

    def companions(self, page: Page) -> list[Link]:
        """Return the sections of a show whose response has none: only GraphQL has them."""
        if page["kind"] != cloudcast.CLOUDCAST or js.mapping(js.load(page)).get("sections"):
            return []
        return [Link(found=addresses.sections(*page["native_id"].split("/", 1)))]

    def revision(self, page: Page) -> int | None:
        """Return None: the site numbers no revisions."""
        return None

    def request(self, found: Found) -> Request | None:
        """Return the request of a show (API), its sections (GraphQL), or a listing (its own address)."""
        if found.kind == cloudcast.CLOUDCAST:
            return Request(url=addresses.api_url(found.native_id))
        if found.kind == cloudcast.SECTIONS and found.url:
            user, _, slug = found.native_id.partition("/")
            query = {"query": SECTIONS_QUERY, "variables": {"lookup": {"username": user, "slug": slug}}}
            return Request(
                url=found.url, body=json.dumps(query).encode(), headers={"Content-Type": "application/json"}
            )
        if not found.url:
            return None
        return Request(url=found.url.replace("http://", "https://", 1))  # as answers name their next part


SOURCE = Mixcloud()
