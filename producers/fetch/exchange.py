"""What is asked of a site, and what it answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from producers.sources.page import Request

Fetcher = Literal["http", "browser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One page to be fetched for a source.

    `etag` and `last_modified` are those of the version known already: the answer may then be a 304.
    `scripted` says that the rows are there only after the page's scripts ran.
    """

    source: str
    request: Request
    etag: str | None = None
    last_modified: str | None = None
    scripted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response as received, whatever its status; a 304 has an empty body.

    `url` is where it came from after redirects, with the fragment that names the page. `headers` have lower
    case names and neither cookies nor anything that tells our address. `body` is unpacked and otherwise
    untouched: at most 8 MiB, in whatever charset. `robots` is the verdict as it is stored with a page.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content_type: str | None
    body: bytes
    fetched_at: datetime
    fetcher: Fetcher
    robots: str
