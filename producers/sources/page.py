"""A body to be recognised, and what recognition and parsing answer."""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple, Protocol
from urllib.parse import SplitResult, urlsplit

from producers.sources import bodies, formats
from producers.sources.card import Card
from producers.sources.question import Question
from songnodes.domain.records import Page

HEAD = 200_000  # characters; the head of real pages ends below 30,000
TAG = re.compile(r"<(?:link|meta)\b[^>]*>", re.IGNORECASE)
OWN = re.compile(r"canonical|og:url", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")


def split_url(url: str, hosts: Collection[str]) -> SplitResult | None:
    """Return the parts of an address on one of these hosts, otherwise None. `hostname` is in lower case."""
    try:
        parts = urlsplit(url)
        return parts if (parts.hostname or "") in hosts else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page: site, kind, id and address.

    `url` is the canonical address where the body or its finder has one. `blocked` names what the site sent
    in place of the page; None for the page itself.
    """

    source: str
    kind: str
    native_id: str
    url: str | None = None
    blocked: str | None = None

    @property
    def page_id(self) -> str:
        """The key of the page in `bronze.pages`."""
        return f"{self.source}:{self.kind}:{self.native_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A page that another page leads to, with the data there about it. Counts are at least 0."""

    found: Found
    title: str | None = None
    date_text: str | None = None
    identified: int | None = None
    total: int | None = None
    duration_seconds: int | None = None
    views: int | None = None
    styles: tuple[str, ...] = ()
    revision: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request for a page. Its address identifies the page: the query of a POST is in the fragment, which no
    server ever sees."""

    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"


class Output(NamedTuple):
    """One record that a page gives: the logical topic it belongs to, its key there, the record."""

    topic: str
    key: str
    record: Mapping[str, Any]


class Material:
    """A body with the address it was fetched from, where one is known.

    Raises EmptyBody and BinaryBody at once; everything derived is computed on first access.
    """

    def __init__(self, body: bytes, *, url: str | None = None, content_type: str | None = None) -> None:
        self.url = url
        self.content_type = content_type
        self.text = bodies.decode(body, content_type).text

    @cached_property
    def json(self) -> Any:
        """The value when the body is JSON, else None."""
        if self.text.lstrip()[:1] not in ("{", "["):
            return None
        try:
            return json.loads(self.text)
        except (ValueError, RecursionError):
            return None

    @cached_property
    def links(self) -> list[str]:
        """The addresses that an HTML page gives itself: canonical, then og:url."""
        return own_addresses(self.text)

    @property
    def is_html(self) -> bool:
        """Return True if the text begins like a page or a part of one, and not like other XML."""
        return formats.is_html(self.text)

    @property
    def foreign(self) -> str | None:
        """Return the format of a text that is no page of a site: cue sheet, feed, table; None if unknown."""
        return formats.named(self.text)


class Source(Protocol):
    """Everything about one site: addresses, recognition, parsers, requests."""

    @property
    def name(self) -> str: ...

    @property
    def parsers(self) -> Mapping[str, Callable[[Page], list[Output]]]:
        """The kinds of page that have a parser, with it."""
        ...

    @property
    def listings(self) -> Mapping[str, Callable[[Page], list[Link]]]:
        """The kinds of page that lead to other pages, with what reads their links."""
        ...

    @property
    def card(self) -> Card:
        """Return the profile of the site: fields, checks of its records, rules of crawling."""
        ...

    def request(self, found: Found) -> Request | None:
        """Return the request for a page; None if it cannot be requested."""
        ...

    def ask(self, question: Question) -> Found:
        """Return the first page of a query. Raises QueryNotSupported."""
        ...

    def companions(self, page: Page) -> list[Link]:
        """Return the related pages with data that a page itself lacks."""
        ...

    def revision(self, page: Page) -> int | None:
        """Return the number of the page's revision, on a site that announces changes by such numbers."""
        ...

    def by_url(self, url: str) -> Found | None:
        """Return the page at an address of this site."""
        ...

    def by_body(self, material: Material) -> Found | None:
        """Return the page that a body of this site is."""
        ...


def own_addresses(text: str) -> list[str]:
    """Return the addresses that an HTML page has for itself: canonical, then og:url."""
    canonical, shared = [], []
    end = text.find("<body", 0, HEAD)
    for tag in TAG.findall(text, 0, end if end >= 0 else HEAD):
        if not OWN.search(tag):
            continue
        attributes = _attributes(tag)
        if attributes.get("rel", "").lower() == "canonical":
            canonical.append(attributes.get("href", ""))
        elif attributes.get("property", "").lower() == "og:url":
            shared.append(attributes.get("content", ""))
    return [address for address in canonical + shared if address]


def _attributes(tag: str) -> dict[str, str]:
    attributes = {}
    for match in ATTRIBUTE.finditer(tag):
        value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4]
        attributes[match[1].lower()] = value.replace("&amp;", "&")
    return attributes
