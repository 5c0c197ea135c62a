"""Mixcloud: shows and listings by the API, sections by GraphQL."""

import json
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from demo.sets import DemoSet
from demo.shapes import mixcloud as shapes
from demo.sites.exchange import TEXT, Reply, SiteRequest
from demo.sites.library import Library
from demo.world.site_playlists import SitePlaylist

HOSTS = shapes.HOSTS
NAME: Final = "mixcloud"
MAX_PAGE_SIZE = 20  # shows; the real limit is 100


class Mixcloud:
    """The site's API and its GraphQL endpoint."""

    def __init__(self, library: Library, *, delay: float) -> None:
        self._library = library
        self._delay = delay

    def __call__(self, request: SiteRequest) -> Reply | None:
        """Return the response to a request."""
        if request.path == "/robots.txt":
            text = f"User-agent: *\nCrawl-delay: {self._delay:g}\nAllow: /\n"
            return Reply(body=text.encode(), content_type=TEXT)
        if request.host.startswith("app."):
            return self._sections(request) if request.path == "/graphql" else None
        parts = request.path.strip("/").split("/")
        if parts[0] == "search":
            shows = self._library.by_words(NAME, request.query.get("q", ""), request.edition)
            return self._listing(shows, request, name="Search")
        if parts[0] == "discover":
            return self._listing(self._library.shown(NAME, request.edition), request, name="Popular")
        if len(parts) == 2 and parts[1] == "cloudcasts":
            every = self._library.shown(NAME, request.edition)
            return self._listing([s for s in every if s.native_id.startswith(f"{parts[0]}/")], request)
        return self._show("/".join(parts), request.edition) if len(parts) == 2 else None

    def _show(self, native_id: str, edition: int) -> Reply:
        site_playlist = self._library.playlist(NAME, native_id)
        if site_playlist is None:
            body = shapes.error("NotFound", f"Could not find {native_id}")
            return Reply(status=404, body=body)
        return Reply(body=shapes.cloudcast(site_playlist, edition))

    def _listing(self, shows: Sequence[DemoSet], request: SiteRequest, *, name: str = "Uploads") -> Reply:
        start = int(request.query.get("offset") or 0)
        end = start + min(int(request.query.get("limit") or MAX_PAGE_SIZE), MAX_PAGE_SIZE)
        following = None
        if end < len(shows):
            more = urlencode({**request.query, "offset": end})
            following = f"{shapes.API}{request.path}?{more}"
        return Reply(body=shapes.listing(shows[start:end], following, name=name))

    def _sections(self, request: SiteRequest) -> Reply:
        try:
            lookup = json.loads(request.body)["variables"]["lookup"]
            native_id = f"{lookup['username']}/{lookup['slug']}"
        except (ValueError, KeyError, TypeError):
            return Reply(status=400, body=b'{"errors":[{"message":"Must provide query string."}]}')
        site_playlist: SitePlaylist | None = self._library.playlist(NAME, native_id)
        return Reply(
            body=shapes.sections(site_playlist, request.edition) if site_playlist else shapes.no_sections()
        )
