"""A page as it stands after its scripts ran.

The document was fetched before, like any other page. What its scripts ask for is fetched by us, in turn, from
the source's hosts; what shows but does not say anything (images, fonts, media, styles) is never asked for.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import BrowserContext, Error, Page, Request, Route, WebSocketRoute

from producers.fetch.chromium import Chromium
from producers.fetch.http import LIMIT, Incoming, Outgoing
from producers.fetch.refusals import Disallowed, NotFetchable, Unreachable
from producers.fetch.shelf import Shelf
from songnodes.errors import Transient

HARD_LIMIT = 180.0  # seconds for a page; its scripts wait for turns
QUIET = 0.3  # seconds without a request after which a page has said all
MOST_LOADS = 40  # requests of one page's scripts; a page that wants more polls
#: What scripts load to say something. All else is not asked for.
LOADED = frozenset({"script", "xhr", "fetch"})
#: Headers of a script's request that say what it asks. The rest is the browser's, or a cookie.
ASKING = frozenset({"accept", "content-type", "x-requested-with"})
#: Headers of an answer that no longer fit: the body is unpacked, and other requests are not made.
NOT_PASSED = frozenset({"content-encoding", "content-length", "transfer-encoding", "link", "refresh"})

Load = Callable[[Outgoing], Coroutine[None, None, Incoming]]


class Rendering:
    """One page on its way through the browser."""

    def __init__(self, document: Incoming, hosts: Collection[str], load: Load, shelf: Shelf) -> None:
        self._document = document
        self._hosts = hosts
        self._load = load
        self._shelf = shelf
        self._shown = False
        self._loads: set[asyncio.Task[Incoming]] = set()
        self._loaded_so_far = 0
        self._pending = 0
        self._latest = 0.0
        self._work: asyncio.Task[str] | None = None
        self._error: Transient | None = None

    async def run(self, chromium: Chromium) -> bytes:
        """The page's HTML as UTF-8. Raises Unreachable when it does not come to rest, what a load raised that
        may go well later, NotFetchable, NoBrowser."""
        url = self._document.url
        try:
            async with chromium.context() as context, asyncio.timeout(HARD_LIMIT):
                try:
                    page = await self._prepared(context)
                    text = await self._unless_failed(self._content(page))
                finally:
                    await self._end_loads()
        except TimeoutError as error:
            raise Unreachable(url=url, reason="its scripts do not come to rest") from error
        except Error as error:
            raise Unreachable(url=url, reason=f"browser: {str(error).splitlines()[0][:200]}") from error
        body = text.encode("utf-8", "replace")
        if len(body) > LIMIT:
            raise NotFetchable(url=url, reason=f"larger than {LIMIT} bytes")
        return body

    async def _prepared(self, context: BrowserContext) -> Page:
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", _refuse)
        page = await context.new_page()
        context.on("page", lambda other: asyncio.ensure_future(other.close()))
        return page

    async def _content(self, page: Page) -> str:
        await page.goto(urldefrag(self._document.url).url, wait_until="load", timeout=0)
        loop = asyncio.get_running_loop()
        self._latest = loop.time()
        while self._pending or loop.time() - self._latest < QUIET:
            await asyncio.sleep(QUIET / 6)
        return await page.content()

    async def _unless_failed(self, work: Coroutine[None, None, str]) -> str:
        """What the work gives; it is given up as soon as something that it needs is not to be had."""
        self._work = asyncio.create_task(work)
        try:
            return await self._work
        except asyncio.CancelledError:
            if self._error:
                raise self._error from None
            raise

    async def _answer(self, route: Route) -> None:
        """Every request of the page ends here."""
        self._pending += 1
        try:
            await self._decide(route, route.request)
        except (Error, asyncio.CancelledError):
            pass  # the page is gone, or does not want it any more
        except (Disallowed, NotFetchable):
            await _abort(route)
        except Transient as error:
            await _abort(route)
            self._fail(error)
        finally:
            self._pending -= 1
            self._latest = asyncio.get_running_loop().time()

    async def _decide(self, route: Route, request: Request) -> None:
        if request.resource_type == "stylesheet":
            await route.fulfill(status=200, content_type="text/css", body="")
        elif self._is_document(request):
            self._shown = True
            await _fulfill(route, self._document)
        elif request.is_navigation_request():  # a page stays where it is when it is told that nothing comes
            await route.fulfill(status=204)
        elif request.resource_type in LOADED and self._is_near(request) and self._loaded_so_far < MOST_LOADS:
            await _fulfill(route, await self._loaded(request))
        else:
            await route.abort()

    def _is_document(self, request: Request) -> bool:
        """The page itself, once: a page that leads elsewhere by itself is not followed."""
        return request.is_navigation_request() and request.frame.parent_frame is None and not self._shown

    def _is_near(self, request: Request) -> bool:
        return (urlsplit(request.url).hostname or "") in self._hosts

    async def _loaded(self, request: Request) -> Incoming:
        now = asyncio.get_running_loop().time()
        shared = request.resource_type == "script"
        found = self._shelf.find(request.url, now) if shared else None
        if found is None:
            self._loaded_so_far += 1
            headers = {name: value for name, value in request.headers.items() if name in ASKING}
            body = request.post_data_buffer
            outgoing = Outgoing(url=request.url, method=request.method, headers=headers, body=body)
            load = asyncio.create_task(self._load(outgoing))
            self._loads.add(load)
            load.add_done_callback(self._loads.discard)
            found = await load
            if shared:
                self._shelf.put(request.url, found, now)
        return found

    async def _end_loads(self) -> None:
        """What the page still waits for is given up: the host's turn is free at once."""
        loads = list(self._loads)
        for load in loads:
            load.cancel()
        await asyncio.gather(*loads, return_exceptions=True)

    def _fail(self, error: Transient) -> None:
        """A page whose scripts did not get their answers is not whole: it is asked for again later."""
        if self._error is None:
            self._error = error
            if self._work:
                self._work.cancel()


async def _fulfill(route: Route, incoming: Incoming) -> None:
    headers = {name: value for name, value in incoming.headers.items() if name not in NOT_PASSED}
    await route.fulfill(status=incoming.status, headers=headers, body=incoming.body)


async def _abort(route: Route) -> None:
    try:
        await route.abort()
    except Error:
        return


async def _refuse(socket: WebSocketRoute) -> None:
    await socket.close()
