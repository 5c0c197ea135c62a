"""Queries of the site: its search form, the page of a DJ, the home page for new sets."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from producers.sources.page import Found, Request
from producers.sources.question import QueryNotSupported, Question
from producers.sources.tracklists1001 import addresses

FIELD = "main_search"
FORM = f"{addresses.ROOT}/search/result.php"
#: What the form sends beside the words: search in tracklists, newest first.
FORM_DEFAULTS = {"search_selection": "9", "orderby": "added"}
MAX_QUERY_CHARS = 150  # the limit of the form
NOT_IN_SLUGS = re.compile(r"[^a-z0-9-]")


def ask(question: Question) -> Found:
    """Return the first page of a query. Raises QueryNotSupported."""
    if question.search:
        return search(question.search)
    if question.dj:
        slug = NOT_IN_SLUGS.sub("", question.dj.lower())
        if not slug:
            raise QueryNotSupported(question.dj, expected="the DJ's name as in the address of the page")
        url = f"{addresses.ROOT}/dj/{slug}/index.html"
        return Found(source=addresses.NAME, kind="dj", native_id=slug, url=url)
    if question.since and not question.category:
        return Found(source=addresses.NAME, kind="home", native_id="home", url=f"{addresses.ROOT}/")
    raise QueryNotSupported(question.words, supported="--search, --dj, --since alone")


def search(words: str) -> Found:
    """Return the page of a search. All searches share one address; the query is in the fragment."""
    query = urlencode({FIELD: " ".join(words.split())[:MAX_QUERY_CHARS]}, errors="replace")
    return Found(source=addresses.NAME, kind="search", native_id=query, url=f"{FORM}#{query}")


def by_url(url: str) -> Found | None:
    """Return the search that an address of `search` has in its fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    words = dict(parse_qsl(parts.fragment)).get(FIELD)
    if not words or (parts.hostname or "").lower() not in addresses.HOSTS:
        return None
    return search(words)


def request(found: Found) -> Request | None:
    """Return the filled-in form; None for a search of which only the response is known."""
    again = by_url(found.url) if found.url else None
    if again is None or again.url is None:
        return None
    query = dict(parse_qsl(again.native_id))
    return Request(
        url=again.url,
        body=urlencode({**query, **FORM_DEFAULTS}).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
