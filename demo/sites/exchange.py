"""Requests and responses of a site, without HTTP."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteRequest:
    """One request. `query` and `form` have the last value of each name; `edition` is the world's, from 1."""

    host: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    edition: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One response."""

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


#: A site: returns the response to a request, None for a page it does not have.
Site = Callable[[SiteRequest], Reply | None]
NOT_FOUND = Reply(status=404, body=b"<html><body>Not found</body></html>", content_type=HTML)
