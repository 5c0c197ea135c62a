"""Calls of the enrichment's providers at the local providers of the demo, without HTTP."""

from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlsplit

from demo.providers import Providers
from demo.providers.credentials import CREDENTIALS
from demo.providers.exchange import ApiRequest
from demo.providers.holdings import Provider
from enrichment.gateway.redirects import redirected
from enrichment.providers import ALL
from enrichment.types import Call, HttpRequest, ProviderAccess, Response, join_items

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
AGENT = "SongNodes/0.1 (tests; +mailto:operator@songnodes.example)"


def send(servers: Providers, provider: Provider, request: HttpRequest, now: float = 0.0) -> Response:
    """Return the response of a local provider to a request."""
    parts = urlsplit(request.url)
    query: dict[str, tuple[str, ...]] = {}
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        query[name] = (*query.get(name, ()), value)
    routed, _ = servers.handle(
        provider,
        ApiRequest(
            method=request.method,
            path=parts.path,
            query=query,
            headers=request.headers,
            body=request.body or b"",
            now=now,
        ),
    )
    headers = {"content-type": routed.reply.content_type, **routed.reply.headers}
    return Response(
        status=routed.reply.status,
        headers={name.lower(): value for name, value in headers.items()},
        body=routed.reply.body,
        latency_ms=1,
        received=NOW,
    )


def access_to(servers: Providers, provider: Provider, now: float = 0.0) -> ProviderAccess:
    """Return the access to a local provider, with a new token where it needs one."""
    adapter = ALL[provider]
    access = ProviderAccess(
        base_url=adapter.base_url,
        token_url=adapter.token_url,
        user_agent=AGENT,
        credentials={**CREDENTIALS, "provider_country": "US"},
    )
    call = adapter.authorise(access)
    if call is None:
        return access
    response = send(servers, provider, adapter.request(call, access), now)
    token = adapter.read_token(response)
    assert token is not None, response
    return ProviderAccess(
        base_url=access.base_url,
        token_url=access.token_url,
        user_agent=AGENT,
        credentials=access.credentials,
        token=token.value,
    )


def ask(
    servers: Providers, provider: Provider, operation: str, **parameters: str | list[str]
) -> tuple[Call, Response]:
    """Return a call, the items of a list joined, and its response."""
    plain = {
        name: value if isinstance(value, str) else join_items(value) for name, value in parameters.items()
    }
    call = Call(provider=provider, operation=operation, parameters=plain)
    request = ALL[provider].request(call, access_to(servers, provider))
    response = send(servers, provider, request)
    target = redirected(ALL[provider].operations[operation], request, response)
    return call, send(servers, provider, target) if target else response
