"""The site as a `Source`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import sha256

from producers.sources.card import TRACKLIST_CONTRACTS, Card, Conduct, PageKind
from producers.sources.page import Found, Link, Material, Output, Request
from producers.sources.question import Question
from producers.sources.tracklists1001 import addresses, index, listing, medialink, questions, tracklist
from producers.sources.tracklists1001.markup_fingerprint import row_markup
from songnodes.domain.records import Page

PARSER_VERSION = tracklist.PARSER_VERSION
ID_LENGTH = 16  # hex digits of the digest that identifies a search, whose address is always the same
#: Kinds of page that list sets in one and the same markup.
LISTINGS = ("search", "home", "dj", "artist", "source", "label")


class Tracklists1001:
    """Tracklists and media answers are parsed; searches, DJ pages and set lists lead to tracklists."""

    name = addresses.NAME
    parsers: Mapping[str, Callable[[Page], list[Output]]] = {
        tracklist.KIND: tracklist.parse,
        medialink.KIND: medialink.parse,
    }
    listings: Mapping[str, Callable[[Page], list[Link]]] = {
        **dict.fromkeys(LISTINGS, listing.links),
        index.KIND: index.links,
    }
    card = Card(
        title="1001tracklists",
        hosts=addresses.HOSTS,
        topic="bronze.tracklists",
        kinds=(
            PageKind(
                name=tracklist.KIND, gives="a tracklist: rows, cues, mashups, labels, DJs, place, recordings"
            ),
            PageKind(
                name=medialink.KIND, gives="a row's ids at Beatport, Spotify, Apple, SoundCloud, YouTube"
            ),
            PageKind(name="search, home, dj, artist, source, label", gives="links to sets"),
            PageKind(name=index.KIND, gives="links to sets, from saved set lists (JSON)"),
        ),
        coverage=(
            *("header.date_text", "header.djs", "header.event_name", "header.venue", "header.country"),
            *("header.styles", "header.recordings", "rows.text", "rows.artist_text", "rows.native_track_id"),
            *("rows.label", "rows.duration_seconds", "rows.cue_seconds", "rows.genre"),
        ),
        contracts=TRACKLIST_CONTRACTS,
        versions={tracklist.KIND: tracklist.PARSER_VERSION, medialink.KIND: medialink.PARSER_VERSION},
        structure=row_markup,
        conduct=Conduct(
            on=False,
            why="its terms ask for low volume and no redistribution; saved pages are read",
            needs_contact=True,
            floor=8.0,
        ),
    )

    def by_url(self, url: str) -> Found | None:
        """Return the page at an address."""
        return medialink.by_url(url) or questions.by_url(url) or addresses.by_url(url)

    def by_body(self, material: Material) -> Found | None:
        """Return the page of a body: by its canonical address, a media response, or a list of sets."""
        for address in material.links:
            page_ref = addresses.by_url(address)
            if page_ref:
                return _named(replace(page_ref, blocked=tracklist.blocked(material.text)), material)
        if index.is_index(material.json):
            return Found(
                source=self.name, kind=index.KIND, native_id=_digest(material.text), url=material.url
            )
        return _media(material)

    def ask(self, question: Question) -> Found:
        """Return the first page of a query: a search, the page of a DJ, or the home page for new sets."""
        return questions.ask(question)

    def companions(self, page: Page) -> list[Link]:
        """Return an empty list: media answers have more ids of each row, but cost a request per row; one is
        fetched by its address."""
        return []

    def revision(self, page: Page) -> int | None:
        """Return None: the site numbers no revisions."""
        return None

    def request(self, found: Found) -> Request | None:
        """Every page by its address, searches by their form; set lists are files."""
        if found.kind == "search":
            return questions.request(found)
        if found.kind == index.KIND or not found.url:
            return None
        headers = {"X-Requested-With": "XMLHttpRequest"} if found.kind == medialink.KIND else {}
        return Request(url=found.url, headers=headers)


def _named(found: Found, material: Material) -> Found:
    """Return the page with an id of its own if it is a search: searches share one address.

    The id is the query, or the digest of the page's title, which has the words.
    """
    if found.kind != "search":
        return found
    search = questions.by_url(material.url) if material.url else None
    if search is not None:
        return replace(search, blocked=found.blocked)
    start = material.text.find("<title")
    title = material.text[start : material.text.find("</title", start)] if start >= 0 else ""
    return replace(found, native_id=_digest(title))


def _media(material: Material) -> Found | None:
    media_id = medialink.by_answer(material.json)
    if media_id is None:
        return None
    by_url = medialink.by_url(material.url) if material.url else None
    if by_url is not None and (not media_id or by_url.native_id.endswith(media_id)):
        return by_url
    native = media_id or _digest(material.text)
    return Found(source=addresses.NAME, kind=medialink.KIND, native_id=native, url=material.url)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:ID_LENGTH]


SOURCE = Tracklists1001()
