"""HTTP client: one request and its complete response, within limits of time and size.

Whether a request may be sent, and when, is decided before (`gate`, `robots_policy`).
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from producers.fetch.decompression import (
    ACCEPT_ENCODING,
    CorruptBody,
    DecompressionBomb,
    UnsupportedEncoding,
    decompress,
)
from producers.fetch.errors import NotFetchable, SiteUnreachable
from producers.fetch.public_resolver import PublicResolver
from producers.fetch.url_guard import AllowedUrl
from songnodes import __version__
from songnodes.settings import Settings

MAX_BODY_BYTES = 8 * 1024 * 1024  # bytes of a body, packed and unpacked
REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=30.0, connect=10.0, sock_read=15.0)  # seconds
#: Never sent, even if configured: there are no sessions, and the host follows from the address.
STRIPPED_REQUEST_HEADERS = frozenset({"cookie", "host", "content-length", "transfer-encoding", "connection"})
#: Never stored: cookies, and headers in which some servers repeat our address.
STRIPPED_RESPONSE_HEADERS = frozenset(
    {"set-cookie", "set-cookie2", "x-client-ip", "x-real-ip", "x-forwarded-for", "x-remote-addr"}
    | {"x-remote-ip", "x-client-geo", "cf-connecting-ip", "true-client-ip", "forwarded", "x-geoip-city"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """A request to one address."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """A response: header names in lower case, the body decompressed, `url` as requested. `redirect_status` is
    the status of the first redirect that led to it; None where none did."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    redirect_status: int | None = None

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


class HttpClient:
    """Connections to sites, without cookies, proxies from the environment, or redirects followed."""

    def __init__(self, session: aiohttp.ClientSession, user_agent: str, headers: Mapping[str, str]) -> None:
        self._session = session
        self._default_headers = {
            "User-Agent": user_agent,
            "Accept": "*/*",
            "Accept-Encoding": ACCEPT_ENCODING,
        }
        self._override_headers = headers

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, *, resolver: AbstractResolver | None = None
    ) -> AsyncIterator[Self]:
        """Open a client.

        `resolver` replaces the system's name resolution; the same rules apply to its addresses.
        """
        connector = aiohttp.TCPConnector(
            resolver=PublicResolver(resolver), limit_per_host=2, ttl_dns_cache=60
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=REQUEST_TIMEOUT,
        ) as session:
            yield cls(session, user_agent(settings), settings.request_headers)

    async def send(self, allowed_url: AllowedUrl, request: HttpRequest) -> HttpResponse:
        """Send a request; return the response of any status. Raises SiteUnreachable, NotFetchable."""
        try:
            async with self._session.request(
                request.method,
                allowed_url.request_url,
                headers=self._headers(allowed_url, request),
                data=request.body,
                allow_redirects=False,
            ) as response:
                headers = _clean_headers(response.headers.items())
                compressed = await _read_body(response, request.url)
                encoding = ", ".join(response.headers.getall("Content-Encoding", ()))
                body = decompress(compressed, encoding, MAX_BODY_BYTES)
        except aiohttp.InvalidURL as error:
            raise NotFetchable(url=request.url, reason="invalid address") from error
        except (DecompressionBomb, UnsupportedEncoding) as error:
            raise NotFetchable(url=request.url, reason=str(error)) from error
        except TimeoutError as error:
            raise SiteUnreachable(url=request.url, reason="no response in time") from error
        except (aiohttp.ClientError, CorruptBody, OSError) as error:
            reason = str(error) or type(error).__name__
            raise SiteUnreachable(url=request.url, reason=reason[:200]) from error
        return HttpResponse(url=request.url, status=response.status, headers=headers, body=body)

    def _headers(self, allowed_url: AllowedUrl, request: HttpRequest) -> dict[str, str]:
        merged: dict[str, tuple[str, str]] = {}
        for headers in (self._default_headers, request.headers, self._override_headers):
            merged |= {name.lower(): (name, value) for name, value in headers.items()}
        sent = {
            name: value for lower, (name, value) in merged.items() if lower not in STRIPPED_REQUEST_HEADERS
        }
        return {"Host": allowed_url.host, **sent}


def user_agent(settings: Settings) -> str:
    """Return the User-Agent: name, version and the contact address of the operator."""
    name = f"SongNodes/{__version__}"
    return f"{name} (+{settings.contact})" if settings.contact else name


async def _read_body(response: aiohttp.ClientResponse, url: str) -> bytes:
    """Read the body as sent, at most MAX_BODY_BYTES bytes; close the connection of a longer one."""
    declared = response.content_length or 0
    body = bytearray()
    if declared <= MAX_BODY_BYTES:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY_BYTES:
                break
    if max(declared, len(body)) > MAX_BODY_BYTES:
        response.close()
        raise NotFetchable(url=url, reason=f"larger than {MAX_BODY_BYTES} bytes")
    return bytes(body)


def _clean_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return headers by lower case name: repeated ones joined, bytes that are not UTF-8 replaced, some
    dropped.
    """
    cleaned: dict[str, str] = {}
    for name, value in headers:
        lower, text = name.lower(), value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if lower not in STRIPPED_RESPONSE_HEADERS:
            cleaned[lower] = f"{cleaned[lower]}, {text}" if lower in cleaned else text
    return cleaned
