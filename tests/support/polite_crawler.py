"""A crawler process that asks one local site for page after page: `polite_crawler.py HOST`, settings by the
environment. Its pages carry its pid, so that the site can kill it in mid-flight. Ends when it is killed."""

import asyncio
import os
import sys
from itertools import count

from producers.fetch import Fetcher, FetchRequest, HostCoolingDown, Unreachable
from producers.sources.page import Request
from songnodes.settings import load


async def crawl(host: str) -> None:
    async with Fetcher.opened(load(), max_wait=5.0) as fetcher:
        for number in count():
            request = Request(url=f"https://{host}/{os.getpid()}/{number}")
            try:
                await fetcher.fetch(FetchRequest(source="1001tracklists", request=request))
            except HostCoolingDown as held:
                print(held, flush=True)
            except Unreachable as error:
                print(error, flush=True)


if __name__ == "__main__":
    asyncio.run(crawl(sys.argv[1]))
