"""Chromium process that renders pages: start, restart after PAGES_PER_PROCESS pages, stop.

It has no network of its own: its proxy is a closed port. Every request of a page is answered by us or
aborted, so all of them pass the same gate, robots.txt and limits as any other request.
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
from producers.fetch.http import user_agent
from songnodes import metrics
from songnodes.settings import Settings

#: Pages rendered by one process, whose memory grows. Each page has its own context, which is cheap.
PAGES_PER_PROCESS = 100
START_TIMEOUT_S, CLOSE_TIMEOUT_S = 30.0, 5.0  # seconds
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
    """One browser process, started for the first page, restarted after a crash or PAGES_PER_PROCESS pages."""

    def __init__(self, settings: Settings, driver: Playwright) -> None:
        self._settings = settings
        self._driver = driver
        self._browser: Browser | None = None
        self._pages = 0
        self._starting = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Start the driver; the browser starts with the first page. Raises ProgramMissing."""
        executable.find_chromium(settings)
        driver = await async_playwright().start()
        chromium = cls(settings, driver)
        try:
            yield chromium
        finally:
            await chromium._stop()
            with contextlib.suppress(Error, TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await driver.stop()

    @property
    def open_pages(self) -> int:
        """Number of pages open now, pop-ups included."""
        contexts = self._browser.contexts if self._browser else []
        return sum(len(context.pages) for context in contexts)

    @asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """Open a context for one page; nothing is stored from one page to the next.

        Raises ProgramMissing, and the driver's Error when the process dies.
        """
        try:
            context = await self._new_context()
        except (Error, TimeoutError):  # it crashed or hangs, which shows only now
            await self._stop()
            context = await self._new_context()
        try:
            yield context
        finally:
            await self._close(context)

    async def _new_context(self) -> BrowserContext:
        browser = await self._ensure_running()
        async with asyncio.timeout(START_TIMEOUT_S):  # the driver itself has no timeout
            return await browser.new_context(
                user_agent=user_agent(self._settings), service_workers="block", accept_downloads=False
            )

    async def _ensure_running(self) -> Browser:
        async with self._starting:
            is_worn = self._pages >= PAGES_PER_PROCESS and not self.open_pages
            if self._browser and (is_worn or not self._browser.is_connected()):
                await self._stop()
            if self._browser is None:
                self._browser, self._pages = await self._start(), 0
            self._pages += 1
            return self._browser

    async def _start(self) -> Browser:
        try:
            return await self._driver.chromium.launch(
                executable_path=executable.find_chromium(self._settings),
                args=ARGUMENTS,
                proxy=NO_NETWORK,
                chromium_sandbox=os.geteuid() != 0,  # as root it refuses to start with one
                timeout=START_TIMEOUT_S * 1000,
            )
        except Error as error:
            raise executable.missing(str(error).splitlines()[0]) from error

    async def _close(self, context: BrowserContext) -> None:
        """Close a context with all its pages; stop the process when that times out."""
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await asyncio.shield(context.close())
        except (TimeoutError, Error):
            await self._stop()
        metrics.BROWSER_PAGES.set(self.open_pages)

    async def _stop(self) -> None:
        browser, self._browser = self._browser, None
        if browser:
            try:
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await browser.close()
            except (Error, TimeoutError):
                _kill_browsers()


def _kill_browsers() -> None:
    """Kill browsers that did not close: a page in a loop would occupy a core indefinitely."""
    with contextlib.suppress(psutil.Error):
        drivers = [child for child in psutil.Process().children() if "run-driver" in child.cmdline()]
        for browser in (child for driver in drivers for child in driver.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                browser.kill()
