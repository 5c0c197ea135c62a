"""MixesDB: the REST page and search, and queries of the MediaWiki API with continuation and errors."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import unquote

from demo.sets import DemoSet
from demo.shapes import mixesdb as shapes
from demo.sites.exchange import TEXT, Reply, SiteRequest
from demo.sites.library import Library

HOSTS = ("www.mixesdb.com",)
NAME: Final = "mixesdb"
REST_PAGE = re.compile(r"^/w/rest\.php/v1/page/(.+)$")
REST_SEARCH = "/w/rest.php/v1/search/page"
API = "/w/api.php"
#: List of the API -> what its parameters begin with.
LISTS = {"categorymembers": "cm", "recentchanges": "rc", "search": "sr"}
MAX_PAGE_SIZE = 50  # members; with the real limit of 500 no list would have a second page
MAX_SEARCH_RESULTS = 100  # pages of the REST search


class MixesDB:
    """The site. `lag` is the reported lag of its replicas in seconds, which `maxlag` limits."""

    def __init__(self, library: Library, *, delay: float, lag: float = 0.0) -> None:
        self._library = library
        self._delay = delay
        self.lag = lag

    def __call__(self, request: SiteRequest) -> Reply | None:
        """Return the response to a request."""
        if request.path == "/robots.txt":
            text = f"{shapes.ROBOTS}Crawl-delay: {self._delay:g}\n"
            return Reply(body=text.encode(), content_type=TEXT)
        if match := REST_PAGE.match(request.path):
            return self._page(unquote(match[1]), request.edition)
        if request.path == REST_SEARCH:
            mixes = self._library.by_words(NAME, request.query.get("q", ""), request.edition)
            return Reply(
                body=shapes.search(
                    mixes[: min(MAX_SEARCH_RESULTS, _number(request.query.get("limit"), MAX_PAGE_SIZE))]
                )
            )
        return self._query(request) if request.path == API else None

    def _page(self, key: str, edition: int) -> Reply:
        site_playlist = self._library.playlist(NAME, key.replace(" ", "_"))
        if site_playlist is None:
            return Reply(status=404, body=shapes.missing_page(key))
        return Reply(body=shapes.rest_page(site_playlist.at(edition)))

    def _query(self, request: SiteRequest) -> Reply:
        query = request.query
        if "maxlag" in query and self.lag > float(query["maxlag"]):
            body = shapes.error("maxlag", f"Waiting for a replica: {self.lag:g} seconds lagged")
            return Reply(
                status=503, body=body, headers={"Retry-After": "5", "X-Database-Lag": f"{self.lag:g}"}
            )
        if query.get("action") != "query":
            return Reply(body=shapes.error("badvalue", 'Unrecognized value for parameter "action"'))
        if "titles" in query:
            return self._texts(query["titles"].split("|"), request.edition)
        name = query.get("list", "")
        if name not in LISTS:
            return Reply(body=shapes.error("badvalue", 'Unrecognized value for parameter "list"'))
        mixes = self._listed(name, request)
        mark = f"{LISTS[name]}{'offset' if name == 'search' else 'continue'}"
        start = _number(query.get(mark), 0)
        end = start + min(_number(query.get(f"{LISTS[name]}limit"), 10), MAX_PAGE_SIZE)
        more = {mark: str(end)} if end < len(mixes) else {}
        return Reply(body=shapes.members(name, mixes[start:end], more))

    def _listed(self, name: str, request: SiteRequest) -> Sequence[DemoSet]:
        every = self._library.shown(NAME, request.edition)
        if name == "search":
            return self._library.by_words(NAME, request.query.get("srsearch", ""), request.edition)
        if name == "categorymembers":
            category = request.query.get("cmtitle", "").removeprefix("Category:").replace("_", " ")
            return [shown for shown in every if category in shapes.categories(shown)]
        since = request.query.get("rcend", "")[:10]
        return [shown for shown in every if shown.day.isoformat() >= since or shown.version > 1]

    def _texts(self, titles: Sequence[str], edition: int) -> Reply:
        mixes, absent = [], []
        for title in titles:
            site_playlist = self._library.playlist(NAME, title.replace(" ", "_"))
            if site_playlist:
                mixes.append(site_playlist.at(edition))
            else:
                absent.append(title)
        return Reply(body=shapes.texts(mixes, absent))


def _number(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.isdecimal() else otherwise
