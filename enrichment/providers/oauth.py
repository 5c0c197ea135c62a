"""Tokens by OAuth 2 client credentials (RFC 6749 section 4.4): the request, its answer, its outcome."""

import base64
from urllib.parse import urlencode

from enrichment.providers import outcomes
from enrichment.providers.outcomes import message_note
from enrichment.providers.reading import as_map, parse_json, positive
from enrichment.types import Classified, HttpRequest, ProviderAccess, Response, Token

#: Seconds before the end of its lifetime at which a token is no longer used.
TOKEN_MARGIN_S = 60.0
DEFAULT_LIFETIME_S = 600.0


def token_request(access: ProviderAccess, client_id: str, client_secret: str) -> HttpRequest:
    """Return the request of an OAuth 2 token by client credentials (RFC 6749 section 4.4)."""
    pair = f"{access.credentials.get(client_id, '')}:{access.credentials.get(client_secret, '')}"
    return HttpRequest(
        method="POST",
        url=access.token_url,
        headers={
            "user-agent": access.user_agent,
            "accept": "application/json",
            "authorization": f"Basic {base64.b64encode(pair.encode()).decode()}",
            "content-type": "application/x-www-form-urlencoded",
        },
        body=urlencode({"grant_type": "client_credentials"}).encode(),
    )


def read_token(response: Response) -> Token | None:
    """Return the access token of an answer, with a lifetime that ends before its own."""
    body = as_map(parse_json(response.body))
    value = body.get("access_token")
    if response.status != 200 or not isinstance(value, str) or not value.isascii() or not value.isprintable():
        return None
    lifetime = positive(body.get("expires_in")) or DEFAULT_LIFETIME_S
    return Token(value=value, lifetime_s=max(lifetime - TOKEN_MARGIN_S, lifetime / 2)) if value else None


def classify_token(response: Response) -> Classified:
    """Return the outcome of a token request: refused credentials are a matter of configuration."""
    if read_token(response) is not None:
        return Classified(outcome="hit")
    if response.status in (400, 401, 403):
        body = as_map(parse_json(response.body))
        message = body.get("error_description") or body.get("error")
        return Classified(outcome="configuration", note=message_note("The credentials are refused", message))
    if response.status == 200:
        return Classified(outcome="broken", note="The answer has no token.")
    return outcomes.by_status(response)
