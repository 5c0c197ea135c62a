"""A site on loopback and settings under which it is the only one that is asked."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from songnodes.access import Access
from songnodes.settings import Settings
from tests.support.local_site import LocalSite, serving

HOST = "www.1001tracklists.com"


@pytest.fixture
async def site() -> AsyncIterator[LocalSite]:
    """Its robots.txt allows everything."""
    async with serving(LocalSite(robots="User-agent: *\nAllow: /\n")) as local:
        yield local


@pytest.fixture
def crawl_settings(addresses: Access, site: LocalSite) -> Settings:
    """Both hosts of 1001tracklists are the local site; hosts are remembered for this test only."""
    return Settings(
        namespace=f"fetch{uuid4().hex[:8]}",
        sites={HOST: site.base, "1001tracklists.com": site.base},
        site_pause=0.02,
        contact="mailto:crawler@example.org",
        REDIS_URL=addresses.redis_url,
    )
