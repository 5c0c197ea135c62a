"""The dashboard in a real Chromium: every page by role and text, on a world and on an empty database.

Pages are opened with and without JavaScript, in light and dark, at the widths of a desk and of a phone, and
are checked with axe-core. With SONGNODES_SCREENSHOTS, a directory, a picture of each is kept.
"""

import asyncio
import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from infra.embedded import browser_parts
from infra.embedded.stack import cache_directory
from producers.fetch import executable
from songnodes.access import Access
from songnodes.settings import Settings
from tests.support import web_world
from tests.support.isolated_pipeline import fresh_settings
from web.app import create_app
from web.database import Database

TOKEN = "operator" * 4
WIDTHS = (1280, 390)
#: All rules that axe-core applies by default: WCAG A and AA, and its good practices.
AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@dataclass(frozen=True, kw_only=True)
class Dashboard:
    """A running dashboard."""

    url: str
    settings: Settings


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page: its address, its heading, and a text of it on the world."""

    path: str
    heading: str
    text: str = ""


#: Every page of the dashboard. A new one gets a line here.
PAGES = (
    Entry(path="/", heading="", text="Strobe"),
    Entry(path="/search?q=strobe", heading="", text="Strobe"),
    Entry(path=f"/tracks/{web_world.IDS[0]}", heading="Strobe", text="Supporters"),
    Entry(path="/explorer", heading="", text=""),
    Entry(path="/ids", heading="", text=""),
    Entry(path="/sets/mixesdb:0", heading="Night 0", text="Strobe"),
    Entry(path="/artists/nora", heading="Nora", text="Night 0"),
    Entry(path="/labels/Mau%20Traps", heading="Mau Traps", text="Rej"),
    Entry(path="/wheel", heading="", text="8A"),
    Entry(path="/pipeline", heading="Pipeline", text="Share of all tracks"),
    Entry(path="/about", heading="About the data", text="ShareAlike"),
    Entry(path="/decide", heading="Decide on a track", text="SONGNODES_WEB_OPERATOR_TOKEN"),
)


@contextmanager
def serving(settings: Settings) -> Iterator[Dashboard]:
    """Run the application in a thread, on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        ready = threading.Event()
        servers: list[uvicorn.Server] = []

        async def serve() -> None:
            async with Database.opened(settings) as database:
                app = create_app(database, settings)
                config = uvicorn.Config(
                    app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=1
                )
                servers.append(uvicorn.Server(config))
                ready.set()
                await servers[0].serve([listener])

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        ready.wait(30)
        try:
            yield Dashboard(url=f"http://127.0.0.1:{port}", settings=settings)
        finally:
            servers[0].should_exit = True
            thread.join(30)


def in_a_thread(call: Callable[[], None]) -> None:
    """Call in a thread of its own, and raise what it raises."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(call).result()


@pytest.fixture(scope="module")
def empty(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """Yield a dashboard over tables without rows and a broker without the pipeline's topics."""
    with (
        fresh_settings(addresses, template_database, tmp_path_factory.mktemp("empty")) as settings,
        serving(settings) as dashboard,
    ):
        yield dashboard


async def fill(settings: Settings) -> None:
    await web_world.fill(settings)
    await web_world.add_partners(settings)


@pytest.fixture(scope="module")
def world(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """Yield a dashboard over a small world with hostile names."""
    with fresh_settings(addresses, template_database, tmp_path_factory.mktemp("world")) as settings:
        in_a_thread(lambda: asyncio.run(fill(settings)))  # this one has the loop of playwright
        with serving(settings) as dashboard:
            yield dashboard


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable.find_chromium(Settings()))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> str:
    """Return the script of axe-core."""
    cache = cache_directory()
    browser_parts.install(cache, lock=browser_parts.TESTS_LOCK)
    (script,) = browser_parts.files(cache, browser_parts.TESTS_LOCK)
    return script.file.read_text()


@contextmanager
def opened(browser: Browser, dashboard: Dashboard, path: str, **options: Any) -> Iterator[Page]:
    """Open a page. What a page logs as an error, or is refused by its policy, fails the test."""
    context = browser.new_context(base_url=dashboard.url, **options)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    answer = page.goto(path, wait_until="load")
    assert answer is not None
    yield page
    context.close()
    assert not problems


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.path)
def test_pages_show_the_world_with_and_without_scripts(
    browser: Browser, world: Dashboard, entry: Entry
) -> None:
    for scripts in (True, False):
        with opened(browser, world, entry.path, java_script_enabled=scripts) as page:
            expect(page.get_by_role("heading", level=1)).to_contain_text(entry.heading)
            expect(page.get_by_role("main")).to_contain_text(entry.text)
            expect(page.get_by_role("contentinfo")).to_contain_text("CC BY-SA")


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.path)
def test_pages_are_there_on_an_empty_database(browser: Browser, empty: Dashboard, entry: Entry) -> None:
    if entry.path.startswith(("/tracks/", "/sets/", "/artists/", "/labels/")):
        return  # nothing has these ids: the tests of errors have such addresses
    with opened(browser, empty, entry.path) as page:
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("main")).not_to_contain_text("Traceback")


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.path)
def test_pages_are_accessible(browser: Browser, world: Dashboard, axe: str, entry: Entry) -> None:
    with opened(browser, world, entry.path, bypass_csp=True) as page:
        page.evaluate(axe)
        for scheme in ("light", "dark"):
            for width in WIDTHS:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                violations = page.evaluate(AXE)
                assert [(v["id"], [n["html"][:200] for n in v["nodes"]]) for v in violations] == []
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                keep_picture(page, f"{entry.path}-{scheme}-{width}")


def keep_picture(page: Page, name: str) -> None:
    if directory := os.environ.get("SONGNODES_SCREENSHOTS"):
        file = Path(directory) / (re.sub(r"\W+", "-", name).strip("-") + ".png")
        page.screenshot(path=file, full_page=True)


def test_the_pipeline_is_live_and_can_be_paused(browser: Browser, world: Dashboard) -> None:
    with opened(browser, world, "/pipeline") as page:
        expect(page.get_by_text("Live, every few seconds.")).to_be_visible()
        first_time = page.locator("#live time").get_attribute("datetime")
        assert first_time is not None
        expect(page.locator("#live time")).not_to_have_attribute("datetime", first_time, timeout=20_000)
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_text("Paused.")).to_be_visible()


def test_the_artists_around_an_artist_open_as_a_map(browser: Browser, world: Dashboard) -> None:
    browser_parts.install(cache_directory())
    with opened(browser, world, "/artists/nora") as page:
        page.get_by_role("button", name="Explore as a map").click()
        expect(page.get_by_role("img", name="Map of artists")).to_be_visible()
        expect(page.locator("#network-map p")).to_contain_text("Nora: 2 artists around it")
        assert page.locator("#network-map canvas").count() > 0
        keep_picture(page, "map")


def test_from_the_first_page_a_click_or_two_lead_to_each_answer(browser: Browser, world: Dashboard) -> None:
    """At most three clicks each: what rises in a genre, who plays a track, what to play after it and why, and
    where a number comes from.
    """
    with opened(browser, world, "/", java_script_enabled=False) as page:
        trending = page.get_by_role("group", name="Trending tracks")
        page.get_by_label("Genre").select_option("Techno")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Rising in Techno")
        name = trending.get_by_role("rowheader").first.get_by_role("link").text_content() or ""

        trending.get_by_role("link", name=re.compile(r"\d+ DJs")).first.click()
        expect(page.get_by_role("heading", name="Supporters")).to_be_in_viewport()
        expect(page.get_by_role("table").filter(has_text="First play")).to_contain_text("Marek")

        page.go_back()
        trending.get_by_role("link", name=name).first.click()
        following = page.get_by_role("region", name="What to play next")
        expect(following).to_contain_text("by key and tempo only")
        following.get_by_role("link", name=re.compile(r"Night \d")).first.click()  # a set, as evidence
        expect(page.get_by_role("heading", level=1)).to_contain_text("Night")

        page.goto("/")
        trending.get_by_role("link", name=re.compile(r"\d+ plays")).first.click()
        rows = page.get_by_role("region", name="Rows behind play count")
        expect(rows.get_by_role("heading")).to_be_in_viewport()
        expect(rows).to_contain_text("SHA-256")


def test_a_printed_set_has_its_rows_and_no_controls(browser: Browser, world: Dashboard) -> None:
    a4_width = 680
    with opened(browser, world, "/sets/mixesdb:0", viewport={"width": a4_width, "height": 900}) as page:
        page.emulate_media(media="print")
        place = page.locator(".set-rows td.place").first
        expect(place).to_be_visible()
        expect(place).to_have_text("1")
        expect(page.get_by_role("navigation").first).to_be_hidden()
        expect(page.get_by_role("button").first).to_be_hidden()
        expect(page.get_by_role("contentinfo")).to_contain_text("CC BY-SA")
        assert page.pdf(format="A4").startswith(b"%PDF")


def test_no_reader_gets_a_cookie_or_another_host(browser: Browser, world: Dashboard) -> None:
    context = browser.new_context(base_url=world.url)
    page = context.new_page()
    hosts: set[str] = set()
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for entry in PAGES:
        page.goto(entry.path, wait_until="load")
    assert hosts == {world.url.removeprefix("http://")}
    assert context.cookies() == []
    context.close()
