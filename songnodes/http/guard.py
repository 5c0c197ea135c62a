"""ASGI middleware in front of the application: bodies, name of the host, bearer token."""

import asyncio
import hmac
import json
from base64 import b64decode
from collections.abc import Collection
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from songnodes.http.problems import MEDIA_TYPE, problem

MAX_BODY_BYTES = 256 * 1024
#: Seconds from the headers to the end of the body.
BODY_TIMEOUT_S = 10.0
LOOPBACK_HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: A browser asks its user for a password, which is the token; programs send it as a bearer token.
BROWSER_CHALLENGE = 'Basic realm="SongNodes", charset="UTF-8"'


class BodyRefused(Exception):
    """The body of a request is too large, or too slow"""


class Guard:
    """Refuses requests before the application reads them.

    Bodies below `json_prefix` are JSON: a page of another site can make a browser send forms and plain text
    only. Without a token only hosts on loopback are accepted: such a page can make a name of its own resolve
    to this address. Paths of `open_paths` need no token. With `browsers` the token is also the password of
    Basic authentication.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str,
        hosts: Collection[str],
        open_paths: Collection[str] = (),
        json_prefix: str | None = None,
        browsers: bool = False,
    ) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = frozenset(hosts)
        self._open_paths = frozenset(open_paths)
        self._json_prefix = json_prefix
        self._browsers = browsers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(send, *refusal, BROWSER_CHALLENGE if self._browsers else "Bearer")
            return
        await _Exchange(self._app, scope, receive, send).run()

    def _refusal(self, scope: Scope, headers: dict[bytes, bytes]) -> tuple[int, str] | None:
        """Return status and detail for a request that is refused; None for all others."""
        length = headers.get(b"content-length", b"0")
        if not length.isdigit():
            return 400, "Content-Length is no number."
        if int(length) > MAX_BODY_BYTES:
            return 413, f"A body has {MAX_BODY_BYTES} bytes at most."
        prefix = self._json_prefix
        has_body = prefix is not None and scope["method"] == "POST" and scope["path"].startswith(prefix)
        if has_body and not _is_json(headers.get(b"content-type", b"")):
            return 415, "The body must be application/json."
        if not self._token:
            host = headers.get(b"host", b"").decode("latin-1").lower().rsplit(":", 1)[0]
            return None if host in self._hosts else (421, "The service is known under another name.")
        accepted = hmac.compare_digest(self._sent_token(headers), self._token)
        return None if accepted or scope["path"] in self._open_paths else (401, "A bearer token is required.")

    def _sent_token(self, headers: dict[bytes, bytes]) -> bytes:
        """Return the token of a request; empty without one."""
        scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
        if scheme.lower() == b"bearer":
            return value.strip()
        if self._browsers and scheme.lower() == b"basic":
            with suppress(ValueError):  # binascii.Error is one
                return b64decode(value.strip(), validate=True).partition(b":")[2]
        return b""


class _Exchange:
    """One request whose body is limited in size and time. The answer to a body beyond them is a problem."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self._app = app
        self._scope = scope
        self._receive = receive
        self._send = send
        self._received = 0
        self._has_body = False
        self._started = False
        self._refusal: tuple[int, str] | None = None
        self._deadline = asyncio.get_running_loop().time() + BODY_TIMEOUT_S

    async def run(self) -> None:
        """Pass the request on."""
        try:
            await self._app(self._scope, self._limited_receive, self._watched_send)
        except BodyRefused:
            if self._started:
                raise
        if self._refusal is not None and not self._started:
            await _refuse(self._send, *self._refusal)

    async def _limited_receive(self) -> Message:
        if self._has_body:
            return await self._receive()  # the end of the connection
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            self._refusal = 408, f"The body did not arrive within {BODY_TIMEOUT_S:.0f} seconds."
            raise BodyRefused from None
        self._received += len(message.get("body", b""))
        self._has_body = not message.get("more_body", False)
        if self._received > MAX_BODY_BYTES:
            self._refusal = 413, f"A body has {MAX_BODY_BYTES} bytes at most."
            raise BodyRefused
        return message

    async def _watched_send(self, message: Message) -> None:
        if self._refusal is not None and not self._started:
            return  # the application answers its failed read; the refusal follows
        self._started = True
        await self._send(message)


def _is_json(content_type: bytes) -> bool:
    return content_type.partition(b";")[0].strip().lower() == b"application/json"


async def _refuse(send: Send, status: int, detail: str, challenge: str = "Bearer") -> None:
    body = json.dumps(problem(status, detail)).encode()
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", challenge.encode()))
    if status == 408:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
