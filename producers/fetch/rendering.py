"""Render a page: return its HTML after its scripts ran.

The document was fetched before, like any other page. Requests of its scripts to the source's hosts are sent
through the gate; images, fonts, media and styles are never requested.
"""

import asyncio
from collections.abc import Callable, Collection, Coroutine
from urllib.parse import urldefrag, urlsplit

from playwright.async_api import BrowserContext, Error, Page, Request, Route, WebSocketRoute

from producers.fetch.chromium import Chromium
from producers.fetch.errors import Disallowed, NotFetchable, SiteUnreachable
from producers.fetch.http import MAX_BODY_BYTES, HttpRequest, HttpResponse
from producers.fetch.script_cache import ScriptCache
from songnodes.errors import Transient

RENDER_TIMEOUT_S = 180.0  # for a page; its scripts wait for request slots
IDLE_S = 0.3  # without a request, after which a page counts as complete
MAX_REQUESTS = 40  # requests of one page's scripts; a page that wants more polls
#: Resource types that may carry content. All others are not requested.
FETCHED_TYPES = frozenset({"script", "xhr", "fetch"})
#: Headers of a script's request that select its content. The rest is the browser's, or a cookie.
PASSED_REQUEST_HEADERS = frozenset({"accept", "content-type", "x-requested-with"})
#: Response headers that no longer apply: the body is decompressed, and other requests are not made.
DROPPED_RESPONSE_HEADERS = frozenset(
    {"content-encoding", "content-length", "transfer-encoding", "link", "refresh"}
)

Load = Callable[[HttpRequest], Coroutine[None, None, HttpResponse]]


class Rendering:
    """One page rendered by the browser."""

    def __init__(
        self, document: HttpResponse, hosts: Collection[str], load: Load, script_cache: ScriptCache
    ) -> None:
        self._document = document
        self._hosts = hosts
        self._load = load
        self._script_cache = script_cache
        self._document_sent = False
        self._tasks: set[asyncio.Task[HttpResponse]] = set()
        self._request_count = 0
        self._pending = 0
        self._latest = 0.0
        self._work: asyncio.Task[str] | None = None
        self._error: Transient | None = None

    async def run(self, chromium: Chromium) -> bytes:
        """Return the page's HTML as UTF-8.

        Raises SiteUnreachable when its scripts do not finish in time, Transient errors of their requests,
        NotFetchable, ProgramMissing.
        """
        url = self._document.url
        try:
            async with chromium.context() as context, asyncio.timeout(RENDER_TIMEOUT_S):
                try:
                    page = await self._prepare(context)
                    text = await self._run_until_error(self._content(page))
                finally:
                    await self._cancel_tasks()
        except TimeoutError as error:
            raise SiteUnreachable(url=url, reason="its scripts do not finish") from error
        except Error as error:
            raise SiteUnreachable(url=url, reason=f"browser: {str(error).splitlines()[0][:200]}") from error
        body = text.encode("utf-8", "replace")
        if len(body) > MAX_BODY_BYTES:
            raise NotFetchable(url=url, reason=f"larger than {MAX_BODY_BYTES} bytes")
        return body

    async def _prepare(self, context: BrowserContext) -> Page:
        await context.route("**/*", self._handle_route)
        await context.route_web_socket("**/*", _refuse)
        page = await context.new_page()
        context.on("page", lambda popup: asyncio.ensure_future(popup.close()))
        return page

    async def _content(self, page: Page) -> str:
        await page.goto(urldefrag(self._document.url).url, wait_until="load", timeout=0)
        loop = asyncio.get_running_loop()
        self._latest = loop.time()
        while self._pending or loop.time() - self._latest < IDLE_S:
            await asyncio.sleep(IDLE_S / 6)
        return await page.content()

    async def _run_until_error(self, work: Coroutine[None, None, str]) -> str:
        """Return the result of `work`; cancel it as soon as a request that it needs fails."""
        self._work = asyncio.create_task(work)
        try:
            return await self._work
        except asyncio.CancelledError:
            if self._error:
                raise self._error from None
            raise

    async def _handle_route(self, route: Route) -> None:
        """Handle every request of the page."""
        self._pending += 1
        try:
            await self._decide(route, route.request)
        except (Error, asyncio.CancelledError):
            pass  # the page is closed or cancelled the request
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
            self._document_sent = True
            await _fulfill(route, self._document)
        elif request.is_navigation_request():  # on 204 a page stays where it is
            await route.fulfill(status=204)
        elif (
            request.resource_type in FETCHED_TYPES
            and self._is_source_host(request)
            and self._request_count < MAX_REQUESTS
        ):
            await _fulfill(route, await self._fetch_for_page(request))
        else:
            await route.abort()

    def _is_document(self, request: Request) -> bool:
        """Return True for the page itself, once: navigation away from it is not followed."""
        return (
            request.is_navigation_request() and request.frame.parent_frame is None and not self._document_sent
        )

    def _is_source_host(self, request: Request) -> bool:
        return (urlsplit(request.url).hostname or "") in self._hosts

    async def _fetch_for_page(self, request: Request) -> HttpResponse:
        now = asyncio.get_running_loop().time()
        is_cacheable = request.resource_type == "script"
        response = self._script_cache.get(request.url, now) if is_cacheable else None
        if response is None:
            self._request_count += 1
            headers = {
                name: value for name, value in request.headers.items() if name in PASSED_REQUEST_HEADERS
            }
            body = request.post_data_buffer
            outgoing = HttpRequest(url=request.url, method=request.method, headers=headers, body=body)
            load = asyncio.create_task(self._load(outgoing))
            self._tasks.add(load)
            load.add_done_callback(self._tasks.discard)
            response = await load
            if is_cacheable:
                self._script_cache.put(request.url, response, now)
        return response

    async def _cancel_tasks(self) -> None:
        """Cancel outstanding requests, which releases the host's request slot at once."""
        loads = list(self._tasks)
        for load in loads:
            load.cancel()
        await asyncio.gather(*loads, return_exceptions=True)

    def _fail(self, error: Transient) -> None:
        """Abort rendering: a page whose scripts got no response is incomplete and is fetched again later."""
        if self._error is None:
            self._error = error
            if self._work:
                self._work.cancel()


async def _fulfill(route: Route, incoming: HttpResponse) -> None:
    headers = {
        name: value for name, value in incoming.headers.items() if name not in DROPPED_RESPONSE_HEADERS
    }
    await route.fulfill(status=incoming.status, headers=headers, body=incoming.body)


async def _abort(route: Route) -> None:
    try:
        await route.abort()
    except Error:
        return


async def _refuse(socket: WebSocketRoute) -> None:
    await socket.close()
