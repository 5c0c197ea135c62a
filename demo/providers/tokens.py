"""OAuth 2 client credentials: tokens that expire, also in the middle of a run."""

import base64
from urllib.parse import parse_qs

from demo.providers import draws
from demo.providers.exchange import ApiRequest, Reply, reply

DEFAULT_TTL_S = 3600.0


class Tokens:
    """Tokens of one provider. `ttl_s` may be changed while it runs."""

    def __init__(self, name: str, client_id: str, client_secret: str) -> None:
        self.ttl_s = DEFAULT_TTL_S
        self.issued = 0
        self._name = name
        self._credentials = (client_id, client_secret)
        self._expires: dict[str, float] = {}

    def issue(self, request: ApiRequest) -> Reply:
        """Return a token for the right credentials, as a header or in the form; else `invalid_client`."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            return reply({"error": "unsupported_grant_type"}, 400)
        header = request.headers.get("authorization", "")
        if header.startswith("Basic "):
            decoded = base64.b64decode(header.removeprefix("Basic ")).decode()
            client_id, _, secret = decoded.partition(":")
        else:
            client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
        if (client_id, secret) != self._credentials:
            return reply({"error": "invalid_client", "error_description": "Invalid client"}, 400)
        self.issued += 1
        token = draws.text(40, "token", self._name, self.issued)
        self._expires[token] = request.now + self.ttl_s
        return reply({"access_token": token, "token_type": "Bearer", "expires_in": round(self.ttl_s)})

    def accepts(self, request: ApiRequest) -> bool:
        """Return True if the request has a token that has not expired."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return request.now < self._expires.get(token, -1.0)

    def expire(self) -> None:
        """Expire all tokens at once."""
        self._expires.clear()
