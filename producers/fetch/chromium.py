"""Chromium: which one, how it is started, and that it is started anew now and then.

It has no network of its own: its proxy is a closed port. Whatever a page asks for is answered by us or not at
all, so everything passes the same gate, the same robots.txt and the same limits as any other request.
"""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import psutil
from playwright.async_api import Browser, BrowserContext, Error, Playwright, ProxySettings, async_playwright

from producers.fetch import executable
from producers.fetch.http import agent
from producers.fetch.refusals import NoBrowser
from songnodes import metrics
from songnodes.settings import Settings

#: Pages rendered by one process. Each page has a context of its own, which is cheap; the process itself is
#: what grows.
PAGES_PER_PROCESS = 100
STARTED_WITHIN, CLOSED_WITHIN = 30.0, 5.0  # seconds
#: Port 9, discard, where nothing listens; also for addresses of this machine.
NO_NETWORK: ProxySettings = {"server": "http://127.0.0.1:9", "bypass": "<-loopback>"}
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",  # containers have 64 MiB there
    "--dns-prefetch-disable",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--no-first-run",
)


class Chromium:
    """One process, started when the first page needs it, and again when it died or has done enough."""

    def __init__(self, settings: Settings, driver: Playwright) -> None:
        self._settings = settings
        self._driver = driver
        self._browser: Browser | None = None
        self._pages = 0
        self._starting = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Raises NoBrowser when there is none to start."""
        executable.find(settings)
        driver = await async_playwright().start()
        chromium = cls(settings, driver)
        try:
            yield chromium
        finally:
            await chromium._stop()
            with contextlib.suppress(Error, TimeoutError):
                async with asyncio.timeout(CLOSED_WITHIN):
                    await driver.stop()

    @property
    def open_pages(self) -> int:
        """Pages open now, of whatever made them."""
        contexts = self._browser.contexts if self._browser else []
        return sum(len(context.pages) for context in contexts)

    @asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """A context of one page's own: nothing is stored from one page to the next.

        Raises NoBrowser, and the driver's Error when the process dies.
        """
        try:
            context = await self._new_context()
        except (Error, TimeoutError):  # it died or hangs, and nobody has noticed until now
            await self._stop()
            context = await self._new_context()
        try:
            yield context
        finally:
            await self._closed(context)

    async def _new_context(self) -> BrowserContext:
        browser = await self._running()
        async with asyncio.timeout(STARTED_WITHIN):  # the driver itself would wait for ever
            return await browser.new_context(
                user_agent=agent(self._settings), service_workers="block", accept_downloads=False
            )

    async def _running(self) -> Browser:
        async with self._starting:
            worn = self._pages >= PAGES_PER_PROCESS and not self.open_pages
            if self._browser and (worn or not self._browser.is_connected()):
                await self._stop()
            if self._browser is None:
                self._browser, self._pages = await self._start(), 0
            self._pages += 1
            return self._browser

    async def _start(self) -> Browser:
        try:
            return await self._driver.chromium.launch(
                executable_path=executable.find(self._settings),
                args=ARGUMENTS,
                proxy=NO_NETWORK,
                chromium_sandbox=os.geteuid() != 0,  # as root it refuses to start with one
                timeout=STARTED_WITHIN * 1000,
            )
        except Error as error:
            raise NoBrowser(str(error).splitlines()[0]) from error

    async def _closed(self, context: BrowserContext) -> None:
        """Close a context with all its pages; a process that does not do so in time is ended."""
        try:
            async with asyncio.timeout(CLOSED_WITHIN):
                await asyncio.shield(context.close())
        except (TimeoutError, Error):
            await self._stop()
        metrics.BROWSER_PAGES.set(self.open_pages)

    async def _stop(self) -> None:
        browser, self._browser = self._browser, None
        if browser:
            try:
                async with asyncio.timeout(CLOSED_WITHIN):
                    await browser.close()
            except (Error, TimeoutError):
                _kill_browsers()


def _kill_browsers() -> None:
    """End what does not end when asked: a page in a loop would keep a core for ever."""
    with contextlib.suppress(psutil.Error):
        drivers = [child for child in psutil.Process().children() if "run-driver" in child.cmdline()]
        for browser in (each for driver in drivers for each in driver.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                browser.kill()
