"""A site on loopback, and settings that map its hosts to it."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from songnodes.access import Access
from songnodes.settings import Settings
from tests.support.local_site import LocalSite, serving

HOST = "www.1001tracklists.com"


@pytest.fixture
async def site() -> AsyncIterator[LocalSite]:
    """Yield a site whose robots.txt allows everything."""
    async with serving(LocalSite(robots="User-agent: *\nAllow: /\n")) as local:
        yield local


@pytest.fixture
def crawl_settings(addresses: Access, site: LocalSite) -> Settings:
    """Map both hosts of 1001tracklists to the local site; host state is stored for one test only."""
    return Settings(
        namespace=f"fetch{uuid4().hex[:8]}",
        sites={HOST: site.base, "1001tracklists.com": site.base},
        site_pause=0.02,
        contact="mailto:crawler@example.org",
        REDIS_URL=addresses.redis_url,
    )
