"""ASGI middleware in front of the application: size of bodies, name of the host, bearer token."""

import hmac
import json
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from enrichment.service.problems import MEDIA_TYPE, problem

MAX_BODY_BYTES = 256 * 1024
#: Paths that need no token: they have no data.
OPEN_PATHS = frozenset({"/health", "/ready"})


class BodyTooLarge(Exception):
    """The body of a request has more bytes than the service reads"""


class Guard:
    """Refuses requests before the application reads them.

    Without a token only hosts on loopback are accepted: a web page in a browser can send a request here, but
    under a name of its own.
    """

    def __init__(self, app: ASGIApp, *, token: str, hosts: Collection[str]) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        refusal = self._refusal(scope["path"], headers)
        if refusal is not None:
            await _refuse(send, *refusal)
            return
        received, is_too_large, started = 0, False, False

        async def limited_receive() -> Message:
            nonlocal received, is_too_large
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                is_too_large = True
                raise BodyTooLarge
            return message

        async def watched_send(message: Message) -> None:
            nonlocal started
            if is_too_large and not started:
                return  # the application answers its failed read; the refusal follows
            started = True
            await send(message)

        try:
            await self._app(scope, limited_receive, watched_send)
        except BodyTooLarge:
            if started:
                raise
        if is_too_large and not started:
            await _refuse(send, 413, f"A body has {MAX_BODY_BYTES} bytes at most.")

    def _refusal(self, path: str, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        """Return status and detail for a request that is refused; None for all others."""
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return 400, "Content-Length is no number."
        if int(length) > MAX_BODY_BYTES:
            return 413, f"A body has {MAX_BODY_BYTES} bytes at most."
        if not self._token:
            host = headers.get(b"host", b"").decode("latin-1").lower().rsplit(":", 1)[0]
            return None if host in self._hosts else (421, "The service is known under another name.")
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        accepted = scheme.lower() == b"bearer" and hmac.compare_digest(token.strip(), self._token)
        return None if accepted or path in OPEN_PATHS else (401, "A bearer token is required.")


async def _refuse(send: Send, status: int, detail: str) -> None:
    body = json.dumps(problem(status, detail)).encode()
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if status == 413:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
