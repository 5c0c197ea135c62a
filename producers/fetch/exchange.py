"""Request and response of one fetched page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from producers.sources.page import Request

FetchMethod = Literal["http", "browser"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchRequest:
    """One page to fetch for a source.

    `etag` and `last_modified` are those of the stored version: the response may then be a 304.
    `scripted` requests rendering, for pages whose rows are written by scripts.
    """

    source: str
    request: Request
    etag: str | None = None
    last_modified: str | None = None
    scripted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchResponse:
    """A response as received, whatever its status; a 304 has an empty body.

    `url` is the address after redirects, with the fragment that names the page. `headers` have lower case
    names and contain neither cookies nor our address. `body` is decompressed and otherwise unchanged: at most
    8 MiB, in any charset. `robots` is the verdict of robots.txt as it is stored with a page.
    `redirect_status` is the status of the first redirect that was followed, None for none.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    content_type: str | None
    body: bytes
    fetched_at: datetime
    fetcher: FetchMethod
    robots: str
    redirect_status: int | None = None
