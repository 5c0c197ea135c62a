"""Addresses of MixesDB: wiki pages, the REST page endpoint, and queries of the MediaWiki API."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from producers.sources.page import Found, split_url

NAME = "mixesdb"
ROOT = "https://www.mixesdb.com"
API = f"{ROOT}/w/api.php"
REST_API = f"{ROOT}/w/rest.php/v1"
HOSTS = frozenset({"mixesdb.com", "www.mixesdb.com"})
WIKI = re.compile(r"^/(?:w|db/index\.php)/(?!api\.php|rest\.php)(.+)$")
REST_PAGE = re.compile(r"^/w/rest\.php/v1/page/([^/]+)$")
REST_SEARCH = re.compile(r"^/w/rest\.php/v1/search/page$")
#: Namespaces that are no mixes. A title of the main namespace may contain a colon: "Show: Part 1".
OTHER_SPACES = re.compile(
    r"^(?:File|Category|Special|Template|Help|User|Talk|MixesDB|MediaWiki|Explorer|Property|Media|Module)"
    r"(?:[ _]talk)?:",
    re.IGNORECASE,
)
#: Parameters that do not change the query.
FORMAT_PARAMETERS = frozenset({"format", "formatversion", "maxlag", "utf8", "ascii", "errorformat", "assert"})
LONGEST_TITLE = 255  # bytes, MediaWiki's own limit


def by_url(url: str) -> Found | None:
    """Return the page at an address: a mix by its page or through the API, a query, a search."""
    parts = split_url(url, HOSTS)
    if parts is None:
        return None
    path = unquote(parts.path)
    if path == "/w/api.php":
        query = sorted(
            (name, value) for name, value in parse_qsl(parts.query) if name not in FORMAT_PARAMETERS
        )
        return (
            Found(source=NAME, kind="query", native_id=urlencode(query, errors="replace"), url=url)
            if query
            else None
        )
    rest = REST_PAGE.match(path)
    if rest:
        return mix(rest[1])
    if REST_SEARCH.match(path):
        query = sorted(parse_qsl(parts.query))
        return Found(source=NAME, kind="search", native_id=urlencode(query, errors="replace"), url=url)
    wiki = WIKI.match(path)
    return mix(wiki[1]) if wiki else None


def mix(title: str) -> Found | None:
    """Return a mix by its title; None for pages of other namespaces and for what cannot be a title."""
    key = "_".join(title.replace("_", " ").split())
    if not key or OTHER_SPACES.match(key) or len(key.encode("utf-8", "replace")) > LONGEST_TITLE:
        return None
    return Found(source=NAME, kind="mix", native_id=key, url=page_url(key))


def page_url(key: str) -> str:
    """Return the address of the page in a browser."""
    return f"{ROOT}/w/{quote(key, safe=':@,_-!().~', errors='replace')}"


def rest_url(key: str) -> str:
    """Return the address of the page's wikitext as JSON; robots.txt allows this path."""
    return f"{REST_API}/page/{quote(key, safe='', errors='replace')}"


def further(url: str, more: Mapping[str, str]) -> str:
    """Return the address of a query's next part."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), **more}
    return parts._replace(query=urlencode(query, errors="replace")).geturl()
