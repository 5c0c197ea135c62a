"""A small wiki on loopback that responds as MixesDB: pages by REST, lists by the API, faults on demand."""

import asyncio
import json
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote

from aiohttp import web

HOST = "www.mixesdb.com"
PART = 10  # members of a list per answer


def mix(number: int) -> str:
    """Return the title of a mix."""
    return f"2024-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d} - Ada Example - Show {number}"


def text(rows: int = 3, *, unknown: int = 0) -> str:
    """Return the wikitext of a mix whose last `unknown` rows are unknown."""
    lines = [f"# [{number:02d}] Artist {number} - Title {number}" for number in range(rows - unknown)]
    lines += [f"# [{number:02d}] ?" for number in range(rows - unknown, rows)]
    return "== Tracklist ==\n" + "\n".join(lines) + "\n[[Category:Tracklist: complete]]\n"


@dataclass(slots=True)
class Wiki:
    """Pages served and requests received. Paths are titles of mixes with underscores."""

    pages: dict[str, tuple[int, str]] = field(default_factory=dict)  # title -> revision, wikitext
    changed: list[str] = field(default_factory=list)  # titles, newest last
    faults: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # title -> statuses
    moved: dict[str, str] = field(default_factory=dict)  # title -> the title that it redirects to
    retry_after: int = 1
    seconds: float = 0.0  # that a page takes
    received: list[tuple[float, str]] = field(default_factory=list)  # monotonic, what
    address: str = ""

    def put(self, title: str, wikitext: str) -> None:
        """Write a page, new or changed."""
        revision, _ = self.pages.get(title, (0, ""))
        self.pages[title] = (max([0, *(number for number, _ in self.pages.values())]) + 1, wikitext)
        self.changed.append(title)
        assert self.pages[title][0] > revision

    def requests(self) -> Counter[str]:
        """Count the requests per page or list."""
        return Counter(what for _, what in self.received)

    @property
    def sites(self) -> dict[str, str]:
        """For `settings.sites`."""
        return {HOST: self.address}

    def _record(self, what: str) -> None:
        self.received.append((time.monotonic(), what))

    async def robots(self, request: web.Request) -> web.Response:
        self._record("robots.txt")
        return web.Response(text="User-agent: *\nDisallow: /w/rest.php/v1/page/Forbidden\n")

    async def page(self, request: web.Request) -> web.Response:
        title = request.match_info["title"].replace("_", " ")
        self._record(title)
        await asyncio.sleep(self.seconds)
        if self.faults[title]:
            status = self.faults[title].pop(0)
            headers = {"Retry-After": str(self.retry_after)} if status in (429, 503) else {}
            return web.Response(status=status, text="no", headers=headers)
        if title in self.moved:
            target = quote(self.moved[title].replace(" ", "_"), safe="")
            return web.Response(status=301, headers={"Location": f"/w/rest.php/v1/page/{target}"})
        if title not in self.pages:
            return web.json_response({"httpCode": 404, "errorKey": "rest-nonexistent-title"}, status=404)
        revision, wikitext = self.pages[title]
        if request.headers.get("If-None-Match") == f'"{revision}"':
            return web.Response(status=304, headers={"ETag": f'"{revision}"'})
        answer = {
            "id": 1,
            "key": title.replace(" ", "_"),
            "title": title,
            "latest": {"id": revision, "timestamp": "2024-01-01T00:00:00Z"},
            "content_model": "wikitext",
            "license": {"title": "CC BY-SA"},
            "source": wikitext,
        }
        return web.json_response(answer, headers={"ETag": f'"{revision}"'})

    async def query(self, request: web.Request) -> web.Response:
        name = request.query["list"]
        start = int(request.query.get("from", "0"))
        self._record(f"{name} from {start}")
        titles = sorted(self.pages) if name == "categorymembers" else self.changed[::-1]
        part = titles[start : start + PART]
        members = [{"ns": 0, "title": title, "revid": self.pages[title][0]} for title in part]
        if name == "categorymembers":
            members = [{"ns": member["ns"], "title": member["title"]} for member in members]
        answer: dict[str, object] = {"batchcomplete": True, "query": {name: members}}
        if start + PART < len(titles):
            answer["continue"] = {"from": str(start + PART), "continue": "-||"}
        return web.Response(text=json.dumps(answer), content_type="application/json")


@contextmanager
def serving(wiki: Wiki) -> Iterator[Wiki]:
    """Serve the wiki on a free loopback port, in a thread, within the block."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    app = web.Application()
    app.add_routes(
        [
            web.get("/robots.txt", wiki.robots),
            web.get("/w/rest.php/v1/page/{title}", wiki.page),
            web.get("/w/api.php", wiki.query),
        ]
    )
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def start() -> None:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        wiki.address = f"http://127.0.0.1:{port}"
        ready.set()

    def work() -> None:
        loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    assert ready.wait(10)
    try:
        yield wiki
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
