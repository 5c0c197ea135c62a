"""One request over HTTP and its whole answer, within limits of time and size. Who may be asked, and when, is
decided before."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from producers.fetch.places import Place
from producers.fetch.refusals import NotFetchable, Unreachable
from producers.fetch.resolving import PublicResolver
from producers.fetch.unpacking import ACCEPTED, Bomb, BrokenBody, UnknownCoding, unpack
from songnodes import __version__
from songnodes.settings import Settings

LIMIT = 8 * 1024 * 1024  # bytes of a body, packed and unpacked
TIMEOUT = aiohttp.ClientTimeout(total=30.0, connect=10.0, sock_read=15.0)  # seconds
#: Never sent, whoever asks for them: we are nobody's session, and the host is not a matter of taste.
NOT_SENT = frozenset({"cookie", "host", "content-length", "transfer-encoding", "connection"})
#: Never kept: cookies, and what some servers tell of the address we came from.
NOT_KEPT = frozenset(
    {"set-cookie", "set-cookie2", "x-client-ip", "x-real-ip", "x-forwarded-for", "x-remote-addr"}
    | {"x-remote-ip", "x-client-geo", "cf-connecting-ip", "true-client-ip", "forwarded", "x-geoip-city"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request to one address."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """An answer: header names in lower case, the body unpacked, `url` as it was asked for."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str | None:
        return self.headers.get("content-type")


class Http:
    """Connections to sites, without cookies, proxies from the environment, or redirects followed."""

    def __init__(self, session: aiohttp.ClientSession, agent: str, headers: Mapping[str, str]) -> None:
        self._session = session
        self._own = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED}
        self._over = headers

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, *, resolver: AbstractResolver | None = None
    ) -> AsyncIterator[Self]:
        """`resolver` finds addresses in place of the system's; what it finds is held to the same rules."""
        connector = aiohttp.TCPConnector(
            resolver=PublicResolver(resolver), limit_per_host=2, ttl_dns_cache=60
        )
        async with aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            timeout=TIMEOUT,
        ) as session:
            yield cls(session, agent(settings), settings.request_headers)

    async def send(self, place: Place, outgoing: Outgoing) -> Incoming:
        """The answer, whatever its status. Raises Unreachable, NotFetchable."""
        try:
            async with self._session.request(
                outgoing.method,
                place.wire,
                headers=self._headers(place, outgoing),
                data=outgoing.body,
                allow_redirects=False,
            ) as response:
                headers = _kept(response.headers.items())
                packed = await _body(response, outgoing.url)
                encoding = ", ".join(response.headers.getall("Content-Encoding", ()))
                body = unpack(packed, encoding, LIMIT)
        except aiohttp.InvalidURL as error:
            raise NotFetchable(url=outgoing.url, reason="no address") from error
        except (Bomb, UnknownCoding) as error:
            raise NotFetchable(url=outgoing.url, reason=str(error)) from error
        except TimeoutError as error:
            raise Unreachable(url=outgoing.url, reason="no answer in time") from error
        except (aiohttp.ClientError, BrokenBody, OSError) as error:
            reason = str(error) or type(error).__name__
            raise Unreachable(url=outgoing.url, reason=reason[:200]) from error
        return Incoming(url=outgoing.url, status=response.status, headers=headers, body=body)

    def _headers(self, place: Place, outgoing: Outgoing) -> dict[str, str]:
        merged: dict[str, tuple[str, str]] = {}
        for headers in (self._own, outgoing.headers, self._over):
            merged |= {name.lower(): (name, value) for name, value in headers.items()}
        sent = {name: value for lower, (name, value) in merged.items() if lower not in NOT_SENT}
        return {"Host": place.host, **sent}


def agent(settings: Settings) -> str:
    """Who asks: our name and version, and where the operator can be reached."""
    name = f"SongNodes/{__version__}"
    return f"{name} (+{settings.contact})" if settings.contact else name


async def _body(response: aiohttp.ClientResponse, url: str) -> bytes:
    """The body as sent, at most LIMIT bytes; the connection of a longer one is closed."""
    declared = response.content_length or 0
    body = bytearray()
    if declared <= LIMIT:
        async for chunk in response.content.iter_any():
            body += chunk
            if len(body) > LIMIT:
                break
    if max(declared, len(body)) > LIMIT:
        response.close()
        raise NotFetchable(url=url, reason=f"larger than {LIMIT} bytes")
    return bytes(body)


def _kept(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """By lower case names, several of one name as a list; bytes that are no UTF-8 as replacement marks."""
    kept: dict[str, str] = {}
    for name, value in headers:
        lower, text = name.lower(), value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        if lower not in NOT_KEPT:
            kept[lower] = f"{kept[lower]}, {text}" if lower in kept else text
    return kept
