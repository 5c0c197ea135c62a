"""Redirects that are followed: of operations whose provider documents them, within its host. Pure."""

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from enrichment.types import HttpRequest, Operation, Response

MAX_REDIRECTS = 3
STATUSES = frozenset({301, 302, 307, 308})


def redirected(operation: Operation, request: HttpRequest, response: Response) -> HttpRequest | None:
    """Return the request that a response redirects to; None for a response that is an answer.

    Another scheme, host or port gets no request: it would get the credentials. The parameters of the request
    remain where the new address has none.
    """
    location = response.headers.get("location", "")
    if not operation.redirects or response.status not in STATUSES or not location:
        return None
    try:
        target, origin = urlsplit(urljoin(request.url, location)), urlsplit(request.url)
        if (target.scheme, target.hostname, target.port) != (origin.scheme, origin.hostname, origin.port):
            return None
    except ValueError:  # no valid address
        return None
    query = target.query or origin.query
    url = target._replace(netloc=origin.netloc, query=query, fragment="").geturl()
    return None if url == request.url else replace(request, url=url)
