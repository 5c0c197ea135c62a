"""Addresses of Mixcloud: shows on the site and in the API, listings, the GraphQL endpoint."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

from producers.sources.page import Found, split_url

NAME = "mixcloud"
SITE, API = "https://www.mixcloud.com", "https://api.mixcloud.com"
GRAPHQL = "https://app.mixcloud.com/graphql"
HOSTS = frozenset({"mixcloud.com", "www.mixcloud.com", "api.mixcloud.com", "app.mixcloud.com"})
SHOW = re.compile(r"^/([^/]+)/([^/]+)/?$")
#: First parts of paths that are no user.
RESERVED = frozenset(
    {"discover", "tag", "categories", "category", "search", "artist", "track", "upload", "graphql"}
)
#: Second parts of paths that are no show but a list of some.
LISTS = frozenset(
    {"cloudcasts", "feed", "favorites", "listens", "followers", "following", "uploads", "playlists", "stream"}
)
#: Parameters that do not change what is listed.
NOT_ASKED = frozenset({"metadata", "callback", "access_token"})


def by_url(url: str) -> Found | None:
    """Return the show, sections or listing at an address."""
    parts = split_url(url, HOSTS)
    if parts is None:
        return None
    if parts.path == "/graphql":
        inside = SHOW.match(parts.fragment)
        return sections(unquote(inside[1]), unquote(inside[2])) if inside else None
    match = SHOW.match(unquote(parts.path))
    first = unquote(parts.path).strip("/").split("/")[0]
    if parts.hostname == "api.mixcloud.com" and (first == "search" or "discover" in first or _is_list(match)):
        query = sorted((name, value) for name, value in parse_qsl(parts.query) if name not in NOT_ASKED)
        native = parts.path.strip("/") + (f"?{urlencode(query, errors='replace')}" if query else "")
        return Found(source=NAME, kind="listing", native_id=native, url=url)
    if match is None or match[1] in RESERVED or match[2] in LISTS:
        return None
    return show(match[1], match[2])


def show(user: str, slug: str) -> Found:
    """Return a show by its uploader and its name in the address."""
    native = f"{user}/{slug}"
    return Found(source=NAME, kind="cloudcast", native_id=native, url=f"{SITE}/{_quoted(native)}/")


def sections(user: str, slug: str) -> Found:
    """Return the sections of a show, which only the GraphQL endpoint gives."""
    native = f"{user}/{slug}"
    return Found(source=NAME, kind="sections", native_id=native, url=f"{GRAPHQL}#/{_quoted(native)}/")


def api_url(native_id: str) -> str:
    """Return the show in the API."""
    return f"{API}/{_quoted(native_id)}/"


def _quoted(native_id: str) -> str:
    return quote(native_id, safe="/-_.~", errors="replace")


def _is_list(match: re.Match[str] | None) -> bool:
    return match is not None and match[1] not in RESERVED and match[2] in LISTS
