"""Requests to a server of this machine: milliseconds, requests per second, bytes; first views in Chromium."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
from playwright.async_api import Browser, async_playwright

from producers.fetch import executable
from songnodes.settings import Settings

CLIENTS = 4
RATE_S = 3.0
START_TIMEOUT_S = 120.0
#: A path of a round.
Make = Callable[[], str]
#: Time of the largest contentful paint, once the page is loaded.
LARGEST_PAINT = """() => new Promise(resolve => {
    new PerformanceObserver(list => resolve(list.getEntries().at(-1).startTime))
        .observe({type: 'largest-contentful-paint', buffered: true});
})"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Requests of one kind: milliseconds one after another, requests per second of CLIENTS clients, processor
    milliseconds of the server per request, and kilobytes of the last answer as sent."""

    name: str
    median_ms: float
    p95_ms: float
    per_second: float
    cpu_ms: float
    kilobytes: float

    def cells(self) -> tuple[str, ...]:
        """Return the values as cells of a table."""
        values = (self.median_ms, self.p95_ms, self.per_second, self.cpu_ms, self.kilobytes)
        return (self.name, *(f"{value:,.1f}" for value in values))


HEAD = ("request", "ms, median", "95th percentile", "requests/s", "CPU ms of the server", "kB")


async def measure(url: str, process: int, kinds: dict[str, Make], rounds: int) -> list[Cost]:
    """Return the cost of each kind of requests to a server, whose process is measured."""
    costs = []
    async with httpx2.AsyncClient(base_url=url, timeout=30) as client:
        for name, make in kinds.items():
            try:
                costs.append(await _measure(client, process, name, make, rounds))
            except httpx2.HTTPError as error:  # a statement over its limit is answered with 503
                print(f"{name}: {error}", flush=True)
                continue
            print(*costs[-1].cells(), flush=True)
    return costs


async def _measure(client: httpx2.AsyncClient, process: int, name: str, make: Make, rounds: int) -> Cost:
    await _get(client, make())
    milliseconds, kilobytes = [], 0.0
    for _ in range(rounds):
        path = make()
        began = time.perf_counter()
        kilobytes = await _get(client, path) / 1000
        milliseconds.append((time.perf_counter() - began) * 1000)
    count, seconds, cpu_s = await _rate(client, process, make)
    milliseconds.sort()
    return Cost(
        name=name,
        median_ms=milliseconds[rounds // 2],
        p95_ms=milliseconds[min(rounds - 1, int(rounds * 0.95))],
        per_second=count / seconds,
        cpu_ms=cpu_s * 1000 / count,
        kilobytes=kilobytes,
    )


async def _rate(client: httpx2.AsyncClient, process: int, make: Make) -> tuple[int, float, float]:
    """Request for a while with several clients; return how many, the seconds, and those of the processor."""
    count, began, cpu = 0, time.perf_counter(), _cpu_s(process)

    async def requests() -> None:
        nonlocal count
        while time.perf_counter() - began < RATE_S:
            await _get(client, make())
            count += 1

    await asyncio.gather(*(requests() for _ in range(CLIENTS)))
    return count, time.perf_counter() - began, _cpu_s(process) - cpu


async def _get(client: httpx2.AsyncClient, path: str) -> int:
    """Return the bytes of an answer as it was sent."""
    answer = await client.get(path)
    answer.raise_for_status()
    return answer.num_bytes_downloaded


def _cpu_s(process: int) -> float:
    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)


async def first_views(url: str, paths: dict[str, str], rounds: int) -> list[tuple[str, ...]]:
    """Return per page the largest contentful paint in ms, median and longest, and kilobytes received."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable.find_chromium(Settings()))
        rows: list[tuple[str, ...]] = []
        for name, path in paths.items():
            views = [await _first_view(browser, url + path) for _ in range(rounds)]
            paints = sorted(paint for paint, _ in views)
            rows.append(
                (name, f"{paints[rounds // 2]:.0f}", f"{paints[-1]:.0f}", f"{views[-1][1] / 1000:.1f}")
            )
            print(*rows[-1], flush=True)
        await browser.close()
    return rows


async def _first_view(browser: Browser, url: str) -> tuple[float, float]:
    """Return the milliseconds of the largest paint, and all bytes that were received, without any cache."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    session = await context.new_cdp_session(page)
    received = 0.0

    def count(event: dict[str, float]) -> None:
        nonlocal received
        received += event["encodedDataLength"]

    session.on("Network.loadingFinished", count)
    await session.send("Network.enable")
    await page.goto(url, wait_until="networkidle")
    paint = await page.evaluate(LARGEST_PAINT)
    await context.close()
    return float(paint), received


@contextmanager
def answering(command: list[str], environment: dict[str, str], url: str, log: Path) -> Iterator[int]:
    """Run a server until the context ends; yield its process once it answers."""
    with log.open("w") as output:
        process = psutil.Popen(command, env=environment, stdout=output, stderr=output)
        try:
            until = time.monotonic() + START_TIMEOUT_S
            while not _answers(url):
                if process.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(log.read_text()[-2000:])
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            process.wait(15)


def _answers(url: str) -> bool:
    try:
        return httpx2.get(url, timeout=5).status_code < 500
    except httpx2.TransportError:
        return False
