"""Requests to the providers of the demo without HTTP."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from demo.providers import Providers
from demo.providers.exchange import ApiRequest, Reply
from demo.providers.holdings import Provider
from demo.providers.tidal import CLIENT_ID, CLIENT_SECRET, TOKEN_PATH

AGENT = "SongNodes/0.1 (demo@songnodes.example)"


def send(
    providers: Providers,
    provider: Provider,
    url: str,
    *,
    body: Any = None,
    now: float = 0.0,
    token: str = "",
) -> Reply:
    """Return the reply to a request; `url` is path and query, `token` a whole Authorization header."""
    parts = urlsplit(url)
    query: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(parts.query):
        query[name] = (*query.get(name, ()), value)
    request = ApiRequest(
        method="POST" if body is not None else "GET",
        path=parts.path,
        query=query,
        headers={"user-agent": AGENT, "authorization": token},
        body=body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b"",
        now=now,
    )
    return providers.handle(provider, request)[0].reply


def document(reply: Reply) -> Any:
    """Return the JSON of a reply."""
    return json.loads(reply.body)


def tidal_token(providers: Providers, *, now: float = 0.0) -> str:
    """Return the Authorization header for a new token of TIDAL."""
    basic = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
    reply = send(
        providers,
        "tidal",
        TOKEN_PATH,
        body=b"grant_type=client_credentials",
        token=f"Basic {basic}",
        now=now,
    )
    return f"Bearer {document(reply)['access_token']}"
