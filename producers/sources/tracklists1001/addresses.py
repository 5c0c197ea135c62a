"""Addresses of 1001tracklists: the kind of page at each path, the canonical form of a tracklist's id."""

import re
from urllib.parse import urljoin

from producers.sources.page import Found, split_url

NAME = "1001tracklists"
ROOT = "https://www.1001tracklists.com"
HOSTS = frozenset({"www.1001tracklists.com", "1001tracklists.com", "1001.tl"})
ID = r"([A-Za-z0-9]+)"
#: Path -> kind. The group is the native id; where there is none, the kind has one page only.
PATHS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"^/tracklist/{ID}(?:/|$)"), "tracklist"),
    (re.compile(rf"^/track/{ID}(?:/|$)"), "track"),
    (re.compile(r"^/dj/([^/]+)/"), "dj"),
    (re.compile(r"^/artist/([^/]+)/"), "artist"),
    (re.compile(rf"^/source/{ID}(?:/|$)"), "source"),
    (re.compile(rf"^/label/{ID}(?:/|$)"), "label"),
    (re.compile(r"^/search/"), "search"),
    (re.compile(r"^/?$|^/index\.(?:html|php)$"), "home"),
)


def by_url(url: str) -> Found | None:
    """Return the page at an address of the site; None for another site or an unknown path.

    1001.tl/<id> is the site's own short form of a tracklist.
    """
    parts = split_url(url, HOSTS)
    if parts is None:
        return None
    path = f"/tracklist{parts.path}" if parts.hostname == "1001.tl" and parts.path.strip("/") else parts.path
    for pattern, kind in PATHS:
        match = pattern.match(path)
        if match:
            native = match[1] if match.groups() else kind
            return Found(source=NAME, kind=kind, native_id=native, url=url)
    return None


def absolute(href: str | None) -> str | None:
    """Return a link of a page as an absolute address."""
    return urljoin(ROOT, href.strip()) if href and href.strip() else None


def tracklist_url(native_id: str) -> str:
    """Return the address of a set; the site adds the slug by itself."""
    return f"{ROOT}/tracklist/{native_id}/"


def playlist_id(native_id: str) -> str:
    """Return the id of a set."""
    return f"{NAME}:{native_id}"
