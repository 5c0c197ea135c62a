"""A process that sends requests through a gateway for some seconds, with a clock of its own.

    python -m tests.support.gateway_caller BASE_URL PREFIX STARTS WINDOW_S SECONDS CLOCK_OFFSET_S

The address of Redis is in REDIS_URL. Answers are neither cached nor archived.
"""

import asyncio
import sys
import time
from collections.abc import Iterable

from enrichment.gateway.account import ACCOUNT_FORM
from enrichment.gateway.account_store import AccountStore
from enrichment.gateway.client import Client
from enrichment.gateway.exchange import Exchange
from enrichment.gateway.slots import SlotBook
from enrichment.gateway.terms import Terms
from enrichment.types import Call, ProviderAccess, Window
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection
from tests.support.local_provider import LocalProvider, track_call

TASKS = 3


async def send_requests(settings: Settings, prefix: str, terms: Terms, seconds: float) -> None:
    """Send requests, several at once, until the time is over."""
    async with connection(settings) as redis, Client() as client:
        store = AccountStore(RedisStateStore(redis, prefix, ACCOUNT_FORM), lambda: 1)
        exchange = Exchange(client, SlotBook(store, max_wait_s=60.0))
        end = time.monotonic() + seconds

        async def work(calls: Iterable[Call]) -> None:
            for call in calls:
                if time.monotonic() > end:
                    return
                await exchange.request(terms, call)

        calls = iter([track_call(str(number)) for number in range(100_000)])
        tasks = [asyncio.create_task(work(calls)) for _ in range(TASKS)]
        await asyncio.wait(tasks, timeout=seconds)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def main(base_url: str, prefix: str, starts: str, window_s: str, seconds: str, offset_s: str) -> None:
    """Send requests with a clock that is wrong by so many seconds."""
    real_time, offset = time.time, float(offset_s)
    time.time = lambda: real_time() + offset
    provider = LocalProvider(windows=(Window(starts=int(starts), seconds=float(window_s)),))
    terms = Terms(provider=provider, access=ProviderAccess(base_url=base_url), windows=provider.windows)
    asyncio.run(send_requests(Settings(), prefix, terms, float(seconds)))


if __name__ == "__main__":
    main(*sys.argv[1:])
