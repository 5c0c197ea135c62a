"""HTTP client for sites; every request passes one rate limiter that all processes share.

async with Fetcher.opened(settings) as fetcher:
    response = await fetcher.fetch(FetchRequest(source="mixesdb", request=request))
"""

from producers.fetch.errors import Disallowed, HostCoolingDown, NotFetchable, SiteUnreachable
from producers.fetch.exchange import FetchRequest, FetchResponse
from producers.fetch.fetcher import Fetcher

__all__ = [
    "Disallowed",
    "FetchRequest",
    "FetchResponse",
    "Fetcher",
    "HostCoolingDown",
    "NotFetchable",
    "SiteUnreachable",
]
