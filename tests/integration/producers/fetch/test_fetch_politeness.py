"""Three crawler processes at one site in real time: killed and paused during requests, they stay polite."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from aiohttp import web

from producers.fetch.rules import LEASE_S
from songnodes.settings import Settings
from tests.support.local_site import LocalSite

HOST = "www.1001tracklists.com"
ROOT = Path(__file__).parents[4]
CRAWLER = ROOT / "tests" / "support" / "polite_crawler.py"
PAUSE_S, DELAY_S = 0.05, 0.15  # seconds: the configured pause, and the delay of robots.txt
ANSWERED_IN = 0.05
#: Seconds that the clock of Redis and the one of this test may differ by, within a pause.
SLACK = 0.002
WINDOWS = (0.5, 1.0, 3.0)

Start = Callable[[], Awaitable[None]]


class ObservedPages:
    """The site's pages: records the end of each request, and disturbs the process of every nth request."""

    def __init__(self, site: LocalSite) -> None:
        self.site = site
        self.ended: list[float] = []
        self.killed_at: float | None = None
        self.stopped: int | None = None

    async def answer(self, request: web.Request) -> web.StreamResponse:
        number, pid = len(self.ended), int(request.path.split("/")[1])
        if number == 5:
            os.kill(pid, signal.SIGKILL)
            self.killed_at = time.monotonic()
        if number == 10:
            self.stopped = pid
            os.kill(pid, signal.SIGSTOP)
        await asyncio.sleep(ANSWERED_IN)
        self.ended.append(time.monotonic())
        return web.Response(text="page")


async def test_three_crawlers_killed_and_paused_never_exceed_the_rate(
    site: LocalSite, crawl_settings: Settings
) -> None:
    site.robots = f"User-agent: SongNodes\nCrawl-delay: {DELAY_S}\n"
    watched = ObservedPages(site)
    site.anywhere = watched.answer
    async with crawling(crawl_settings) as start:
        for _ in range(3):
            await start()
        await wait_until(lambda: watched.killed_at is not None)
        await start()
        await wait_until(lambda: watched.stopped is not None)
        await asyncio.sleep(LEASE_S + 1.0)
        assert watched.stopped is not None
        os.kill(watched.stopped, signal.SIGCONT)
        request_count = len(site.arrivals)
        await wait_until(lambda: len(site.arrivals) >= request_count + 12)
        pids = {path.split("/")[1] for path in site.paths()[request_count:]}
        assert len(pids) >= 2
    times = [request.at for request in site.arrivals]
    assert min(site.gaps()) >= DELAY_S - SLACK
    assert min(after_an_end(times, watched.ended)) >= DELAY_S - SLACK
    for window in WINDOWS:
        assert most_within(times, window) <= window // DELAY_S + 1
    assert [request.path for request in site.arrivals].count("/robots.txt") == 1
    assert watched.killed_at is not None
    rest = min(at for at in times if at > watched.killed_at) - watched.killed_at
    assert rest <= LEASE_S + DELAY_S * 1.25 + 5.0  # a dead process does not block the host indefinitely


@asynccontextmanager
async def crawling(settings: Settings) -> AsyncIterator[Start]:
    """Yield a function that starts a crawler. All are killed at the end."""
    environment = os.environ | {
        "REDIS_URL": settings.redis_url,
        "SONGNODES_NAMESPACE": settings.namespace,
        "SONGNODES_SITES": json.dumps(settings.sites),
        "SONGNODES_SITE_PAUSE": str(PAUSE_S),
        "SONGNODES_CONTACT": settings.contact,
        "PYTHONPATH": str(ROOT),
    }
    started: list[asyncio.subprocess.Process] = []

    async def start() -> None:
        started.append(
            await asyncio.create_subprocess_exec(sys.executable, str(CRAWLER), HOST, env=environment)
        )

    try:
        yield start
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.kill()
        await asyncio.gather(*(process.wait() for process in started))


def after_an_end(starts: list[float], ends: list[float]) -> list[float]:
    """Return the seconds from the end of each response to the next request."""
    return [min(later) - end for end in ends if (later := [at for at in starts if at > end])]


def most_within(times: list[float], window: float) -> int:
    """Return the maximum number of requests in any window of `window` seconds."""
    return max(sum(1 for at in times[place:] if at - first < window) for place, first in enumerate(times))


async def wait_until(done: Callable[[], bool], seconds: float = 120.0) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.02)
