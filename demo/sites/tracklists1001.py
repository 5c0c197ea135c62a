"""1001tracklists: tracklists, the home page, searches, pages of DJs, the media response."""

import re
from typing import Final

from demo import markup
from demo.shapes import tracklists1001 as shapes
from demo.sites.exchange import HTML, JSON, TEXT, Reply, SiteRequest
from demo.sites.library import Library, dj_slug

HOSTS = ("www.1001tracklists.com",)
NAME: Final = "1001tracklists"
TRACKLIST = re.compile(r"^/tracklist/([A-Za-z0-9]+)(?:/|$)")
DJ = re.compile(r"^/dj/([^/]+)/")
MEDIA = "/ajax/get_medialink.php"
SEARCH = "/search/result.php"
#: The home page lists so many sets: far more than the real one's, so that a crawl finds a world from there.
MAX_NEWEST = 500
MAX_SEARCH_RESULTS = 30  # sets that a search lists


class Tracklists1001:
    """The site. `delay` in seconds is what robots.txt asks for; sets in `scripted` need their script."""

    def __init__(self, library: Library, *, delay: float, scripted: frozenset[str] = frozenset()) -> None:
        self._library = library
        self._delay = delay
        self._scripted = scripted
        self._djs = {dj_slug(name): name for name in library.world.cast.djs}

    def __call__(self, request: SiteRequest) -> Reply | None:
        """Return the response to a request."""
        if request.path == "/robots.txt":
            text = f"User-agent: *\nCrawl-delay: {self._delay:g}\nDisallow: /user/\nDisallow: /info/\n"
            return Reply(body=text.encode(), content_type=TEXT)
        if match := TRACKLIST.match(request.path):
            return self._tracklist(match[1], request.edition)
        if request.path == MEDIA:
            return self._media(request)
        if match := DJ.match(request.path):
            return self._dj(match[1], request)
        if request.path == SEARCH:
            words = request.form.get("main_search") or request.query.get("main_search", "")
            sets = self._library.by_words(NAME, words, request.edition)[:MAX_SEARCH_RESULTS]
            return _page(shapes.listing(f"Search: {words}", SEARCH, sets))
        if request.path in ("/", "/index.html"):
            sets = self._library.shown(NAME, request.edition)[:MAX_NEWEST]
            return _page(shapes.listing("Newest tracklists", "/", sets))
        return None

    def _tracklist(self, native_id: str, edition: int) -> Reply | None:
        site_playlist = self._library.playlist(NAME, native_id)
        if site_playlist is None:
            return None
        shown = site_playlist.at(edition)
        scripted = native_id in self._scripted
        return _page(shapes.scripted(shown) if scripted else markup.render(shown).encode())

    def _dj(self, slug: str, request: SiteRequest) -> Reply | None:
        name = self._djs.get(slug)
        if name is None:
            return None
        sets = [shown for shown in self._library.shown(NAME, request.edition) if name in shown.djs]
        return _page(shapes.listing(f"{name} Tracklists", f"/dj/{slug}/index.html", sets))

    def _media(self, request: SiteRequest) -> Reply:
        item = request.query.get("idItem", "")
        track = self._library.media(int(item)) if item.isdecimal() else None
        if track is None:
            return Reply(body=b'{"success":false,"message":"no such track"}', content_type=JSON)
        return Reply(body=shapes.media(int(item), track), content_type=JSON)


def _page(body: bytes) -> Reply:
    return Reply(body=body, content_type=HTML)
