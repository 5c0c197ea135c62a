"""Pages that need scripts, in a real Chromium without network access."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass

import psutil
import pytest
from aiohttp import web

from producers.fetch import (
    Fetcher,
    FetchRequest,
    FetchResponse,
    HostCoolingDown,
    SiteUnreachable,
    rendering,
)
from producers.sources.page import Request
from songnodes.errors import ProgramMissing
from songnodes.settings import Settings
from tests.support.local_site import LocalSite

ROOT = "https://www.1001tracklists.com"
HTML = "text/html"
SHELL = """<!doctype html><title>x</title><link rel=stylesheet href=/s.css><img src=/i.png>
<style>@font-face{font-family:f;src:url(/f.woff)} body{font-family:f}</style><body><div id=rows></div>
<script src=/rows.js></script>%s</body>"""
ROWS = """fetch('/rows.json').then(a => a.json()).then(rows => {
  document.getElementById('rows').textContent = rows.join('|') })"""


def scripted(path: str) -> FetchRequest:
    return FetchRequest(source="1001tracklists", request=Request(url=ROOT + path), scripted=True)


def rows_site(site: LocalSite, *, more: str = "") -> None:
    site.pages |= {
        "/dj/a/": {"text": SHELL % more, "content_type": HTML},
        "/rows.js": {"text": ROWS, "content_type": "text/javascript"},
        "/rows.json": {"text": '["Ärger", "two"]', "content_type": "application/json"},
    }


async def test_rows_loaded_by_scripts_are_returned_and_nothing_else_is_requested(
    site: LocalSite, crawl_settings: Settings
) -> None:
    rows_site(
        site,
        more="<iframe src=/frame></iframe><script src='https://example.org/ads.js'></script>"
        "<video src=/v.mp4 autoplay></video>",
    )
    settings = crawl_settings.model_copy(update={"scripted": frozenset({"1001tracklists:dj"})})
    async with Fetcher.opened(settings) as fetcher:
        answer = await fetcher.fetch(scripted("/dj/a/"))
        by_setting = FetchRequest(source="1001tracklists", request=Request(url=ROOT + "/dj/a/"), etag='"7"')
        refetch = await fetcher.fetch(by_setting)
        assert fetcher.open_pages == 0
    assert "Ärger|two" in answer.body.decode()
    assert (answer.fetcher, answer.status, answer.content_type) == (
        "browser",
        200,
        "text/html; charset=utf-8",
    )
    assert answer.robots == "allowed: robots.txt"
    assert "Ärger|two" in refetch.body.decode()
    assert all("If-None-Match" not in request.headers for request in site.arrivals)
    assert site.paths() == ["/dj/a/", "/rows.js", "/rows.json", "/dj/a/", "/rows.json"]
    assert min(site.gaps()) >= crawl_settings.site_pause
    assert all(request.headers["User-Agent"].startswith("SongNodes/") for request in site.arrivals)


@dataclass(frozen=True, slots=True)
class FailingPage:
    """A page that fails: its text, and the error raised."""

    text: str
    error: type[Exception]


BAD = {
    "/dj/loops/": FailingPage("<script>while (true) {}</script>", SiteUnreachable),
    "/dj/polls/": FailingPage("<script>setInterval(() => fetch('/rows.json'), 50)</script>", SiteUnreachable),
    "/dj/slow/": FailingPage("<script src=/slow.js></script>", SiteUnreachable),
    "/dj/broken/": FailingPage("<script src=/reset.js></script>", SiteUnreachable),
    "/dj/limited/": FailingPage("<script>fetch('/limited.json')</script>", HostCoolingDown),
}


async def _slow(_request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(30)
    return web.Response()


async def _reset(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


async def test_no_page_stays_open_after_failures(
    site: LocalSite, crawl_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_site(site)
    site.pages |= {path: {"text": bad.text, "content_type": HTML} for path, bad in BAD.items()}
    site.pages |= {
        "/slow.js": _slow,
        "/reset.js": _reset,
        "/limited.json": {"status": 429, "headers": {"Retry-After": "600"}},
    }
    async with Fetcher.opened(crawl_settings, max_wait=5.0) as fetcher:
        await fetcher.fetch(scripted("/dj/a/"))
        monkeypatch.setattr(rendering, "RENDER_TIMEOUT_S", 1.5)
        for path, bad in BAD.items():
            with pytest.raises(bad.error):
                await fetcher.fetch(scripted(path))
                await fetcher.fetch(scripted("/dj/a/"))  # a limit met by a script starts the cooldown too
            assert fetcher.open_pages == 0, path


async def test_popups_and_navigation_of_a_page_are_ignored(site: LocalSite, crawl_settings: Settings) -> None:
    text = """<p>here</p><script>window.open('/dj/other/'); alert('x'); new WebSocket('wss://example.org/');
      navigator.sendBeacon('/beacon'); document.cookie = 'a=b';
      fetch('/one.json', {method: 'POST', body: 'q'});
      setTimeout(() => { location.href = '/dj/elsewhere/' }, 20)</script>"""
    site.pages |= {"/dj/b/": {"text": text, "content_type": HTML}, "/one.json": {"text": "{}"}}
    async with Fetcher.opened(crawl_settings) as fetcher:
        answer = await fetcher.fetch(scripted("/dj/b/"))
        assert fetcher.open_pages == 0
    assert b"<p>here</p>" in answer.body
    assert site.paths() == ["/dj/b/", "/one.json"]
    request = site.arrivals[-1]
    assert (request.method, request.body, request.headers.get("Cookie")) == ("POST", b"q", None)


async def test_a_dead_browser_is_restarted(site: LocalSite, crawl_settings: Settings) -> None:
    rows_site(site)
    async with Fetcher.opened(crawl_settings) as fetcher:
        await fetcher.fetch(scripted("/dj/a/"))
        for process in _chromiums():
            with suppress(psutil.NoSuchProcess):  # with the one before it
                process.kill()
        answer: FetchResponse = await fetcher.fetch(scripted("/dj/a/"))
        assert "two" in answer.body.decode()
    assert not _chromiums()


async def test_a_hanging_browser_is_killed_and_restarted(
    site: LocalSite, crawl_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows_site(site)
    async with Fetcher.opened(crawl_settings) as fetcher:
        await fetcher.fetch(scripted("/dj/a/"))
        hanging = _chromiums()
        for process in hanging:
            with suppress(psutil.NoSuchProcess):  # it ended in between
                process.suspend()
        monkeypatch.setattr("producers.fetch.chromium.START_TIMEOUT_S", 5.0)
        monkeypatch.setattr("producers.fetch.chromium.CLOSE_TIMEOUT_S", 1.0)
        answer: FetchResponse = await fetcher.fetch(scripted("/dj/a/"))
        assert "two" in answer.body.decode()
        assert hanging
        assert not any(map(_is_stopped, hanging))
    assert not _chromiums()


async def test_browsers_are_replaced_after_their_limit(
    site: LocalSite, crawl_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("producers.fetch.chromium.PAGES_PER_PROCESS", 1)
    rows_site(site)
    async with Fetcher.opened(crawl_settings) as fetcher:
        await fetcher.fetch(scripted("/dj/a/"))
        first = {process.pid for process in _chromiums()}
        await fetcher.fetch(scripted("/dj/a/"))
        assert first and not first & {process.pid for process in _chromiums()}


async def test_an_error_page_is_not_rendered(site: LocalSite, crawl_settings: Settings) -> None:
    async with Fetcher.opened(crawl_settings) as fetcher:
        answer = await fetcher.fetch(scripted("/dj/none/"))
    assert (answer.status, answer.fetcher) == (404, "http")


async def test_without_chromium_no_request_is_sent(site: LocalSite, crawl_settings: Settings) -> None:
    settings = crawl_settings.model_copy(update={"chromium": "/nowhere/chromium"})
    async with Fetcher.opened(settings) as fetcher:
        with pytest.raises(ProgramMissing, match="apt-get install chromium-headless-shell"):
            await fetcher.fetch(scripted("/dj/a/"))
    assert site.arrivals == []


def _is_stopped(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_STOPPED
    except psutil.NoSuchProcess:
        return False


def _chromiums() -> list[psutil.Process]:
    """Return the browser processes that this process started through the driver."""
    browsers = []
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it ended in between
            if "chrom" in child.name():
                browsers.append(child)
    return browsers
