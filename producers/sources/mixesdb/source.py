"""The site as a `Source`."""

import re
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from producers.sources import json_values as js
from producers.sources.card import TRACKLIST_CONTRACTS, Card, Conduct, PageKind
from producers.sources.mixesdb import addresses, answers, mix, questions
from producers.sources.mixesdb.line_fingerprint import line_forms
from producers.sources.page import Found, Link, Material, Output, Request
from producers.sources.question import Question
from songnodes.domain.records import Page

TRACKLIST = re.compile(r"^==\s{0,5}(?:Track ?list|Chart)\b", re.MULTILINE | re.IGNORECASE)
CATEGORY = re.compile(r"\[\[Category:[^\]]{1,200}\]\]")
ID_LENGTH = 16  # hex digits of the digest that identifies a query whose address is not known


class MixesDB:
    """Mixes by their wikitext; queries and searches lead to them."""

    name = addresses.NAME
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {
        "mix": mix.parse_mix,
        "query": mix.parse_query,
    }
    card = Card(
        title="MixesDB",
        hosts=addresses.HOSTS,
        topic="bronze.tracklists",
        kinds=(
            PageKind(name="mix", gives="a tracklist: rows, cues, parts, gaps, DJs, venue, recordings"),
            PageKind(name="query", gives="tracklists of up to 50 mixes, or links from a list"),
            PageKind(name="search", gives="links to mixes"),
        ),
        coverage=(
            *("header.date_text", "header.djs", "header.mix_name", "header.venue", "header.styles"),
            *("header.recordings", "completeness", "categories", "rows.text", "rows.cue_text"),
            *("rows.cue_seconds", "rows.part"),
        ),
        contracts=TRACKLIST_CONTRACTS,
        versions=dict.fromkeys(("mix", "query"), mix.PARSER_VERSION),
        structure=line_forms,
        conduct=Conduct(
            on=True,
            why="a public API with open content; it wants to know who asks",
            needs_contact=True,
            floor=4.0,
        ),
    )

    @property
    def listings(self) -> Mapping[str, Callable[[Page], list[Link]]]:
        """Queries with lists, and searches."""
        return {"query": discover, "search": discover}

    def by_url(self, url: str) -> Found | None:
        """Return the page at an address. The id of a mix is its title with underscores, as in the address."""
        return addresses.by_url(url)

    def by_body(self, material: Material) -> Found | None:
        """Return the page of an API response or of wikitext, which has no title and needs an address."""
        if material.is_html:
            return next(filter(None, map(self.by_url, material.links)), None)
        if isinstance(material.json, dict):
            return _of_answer(material.json, material)
        looks = TRACKLIST.search(material.text) and CATEGORY.search(material.text)
        return self.by_url(material.url) if looks and material.url else None

    def ask(self, question: Question) -> Found:
        """Return the first page of a query: a search, a category, or the recent changes."""
        return questions.ask(question)

    def companions(self, page: Page) -> list[Link]:
        """Return an empty list: a mix has one page."""
        return []

    def revision(self, page: Page) -> int | None:
        """Return the revision of a mix fetched by the REST endpoint; lists name the same numbers."""
        value = js.mapping(js.load(page))
        return js.whole(js.mapping(value.get("latest")).get("id")) if page["kind"] == "mix" else None

    def request(self, found: Found) -> Request | None:
        """Mixes by the REST endpoint, everything else by its own address."""
        if found.kind == "mix":
            return Request(url=addresses.rest_url(found.native_id))
        return Request(url=found.url) if found.url else None


def discover(page: Page) -> list[Link]:
    """Return the mixes that a query or a search lists, and its next page."""
    return answers.links(js.load(page), page["page_id"], page["url"])


def _of_answer(value: dict[str, Any], material: Material) -> Found | None:
    by_url = addresses.by_url(material.url) if material.url else None
    if "content_model" in value and "source" in value and js.text(value.get("title")):
        return addresses.mix(js.text(value["title"]) or "")
    if by_url is not None:
        return by_url
    query = js.mapping(value.get("query"))
    if "pages" in query or any(name in query for name in answers.LISTS):
        digest = sha256(material.text.encode()).hexdigest()[:ID_LENGTH]
        return Found(source=addresses.NAME, kind="query", native_id=digest, url=material.url)
    return None


SOURCE = MixesDB()
