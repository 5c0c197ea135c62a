"""Mixcloud: shows and listings by the API, sections by GraphQL."""

import json
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from demo.sets import DemoSet
from demo.shapes import mixcloud as shapes
from demo.sites.exchange import TEXT, Asked, Reply
from demo.sites.library import Library
from demo.world.tellings import Telling

HOSTS = shapes.HOSTS
NAME: Final = "mixcloud"
MAX_PAGE_SIZE = 20  # shows; the real limit is 100


class Mixcloud:
    """The site's API and its GraphQL endpoint."""

    def __init__(self, library: Library, *, delay: float) -> None:
        self._library = library
        self._delay = delay

    def __call__(self, asked: Asked) -> Reply | None:
        """Return the response to a request."""
        if asked.path == "/robots.txt":
            text = f"User-agent: *\nCrawl-delay: {self._delay:g}\nAllow: /\n"
            return Reply(body=text.encode(), content_type=TEXT)
        if asked.host.startswith("app."):
            return self._sections(asked) if asked.path == "/graphql" else None
        parts = asked.path.strip("/").split("/")
        if parts[0] == "search":
            shows = self._library.by_words(NAME, asked.query.get("q", ""), asked.edition)
            return self._listing(shows, asked, name="Search")
        if parts[0] == "discover":
            return self._listing(self._library.shown(NAME, asked.edition), asked, name="Popular")
        if len(parts) == 2 and parts[1] == "cloudcasts":
            every = self._library.shown(NAME, asked.edition)
            return self._listing([s for s in every if s.native_id.startswith(f"{parts[0]}/")], asked)
        return self._show("/".join(parts), asked.edition) if len(parts) == 2 else None

    def _show(self, native_id: str, edition: int) -> Reply:
        telling = self._library.telling(NAME, native_id)
        if telling is None:
            body = shapes.error("NotFound", f"Could not find {native_id}")
            return Reply(status=404, body=body)
        return Reply(body=shapes.cloudcast(telling, edition))

    def _listing(self, found: Sequence[DemoSet], asked: Asked, *, name: str = "Uploads") -> Reply:
        start = int(asked.query.get("offset") or 0)
        end = start + min(int(asked.query.get("limit") or MAX_PAGE_SIZE), MAX_PAGE_SIZE)
        following = None
        if end < len(found):
            more = urlencode({**asked.query, "offset": end})
            following = f"{shapes.API}{asked.path}?{more}"
        return Reply(body=shapes.listing(found[start:end], following, name=name))

    def _sections(self, asked: Asked) -> Reply:
        try:
            lookup = json.loads(asked.body)["variables"]["lookup"]
            native_id = f"{lookup['username']}/{lookup['slug']}"
        except (ValueError, KeyError, TypeError):
            return Reply(status=400, body=b'{"errors":[{"message":"Must provide query string."}]}')
        telling: Telling | None = self._library.telling(NAME, native_id)
        return Reply(body=shapes.sections(telling, asked.edition) if telling else shapes.no_sections())
