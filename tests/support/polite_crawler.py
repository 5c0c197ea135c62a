"""Crawler process that fetches page after page of a local site: `polite_crawler.py HOST`.

Settings come from the environment. Its paths contain its pid, so that the site can kill it during a request.
"""

import asyncio
import os
import sys
from itertools import count

from producers.fetch import Fetcher, FetchRequest, HostCoolingDown, SiteUnreachable
from producers.sources.page import Request
from songnodes.settings import load


async def crawl(host: str) -> None:
    async with Fetcher.opened(load(), max_wait=5.0) as fetcher:
        for number in count():
            request = Request(url=f"https://{host}/{os.getpid()}/{number}")
            try:
                await fetcher.fetch(FetchRequest(source="1001tracklists", request=request))
            except HostCoolingDown as cooldown:
                print(cooldown, flush=True)
            except SiteUnreachable as error:
                print(error, flush=True)


if __name__ == "__main__":
    asyncio.run(crawl(sys.argv[1]))
