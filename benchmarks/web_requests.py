"""Requests to a server of this machine: milliseconds, requests per second, bytes; first views in Chromium."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
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


@dataclass(frozen=True, slots=True)
class Server:
    """A server to request from: its address, and the process whose processor time is measured."""

    url: str
    process: int


async def measure(url: str, process: int, kinds: dict[str, Make], rounds: int) -> list[Cost]:
    """Return the cost of each kind of requests to a server, whose process is measured."""
    costs = await side_by_side({"": Server(url, process)}, {"": kinds}, rounds)
    return [cost for _, cost in costs]


async def side_by_side(
    servers: Mapping[str, Server], kinds: Mapping[str, Mapping[str, Make]], rounds: int
) -> list[tuple[str, Cost]]:
    """Return the cost of each kind that all servers have, with the server: they are asked in turn."""
    costs: list[tuple[str, Cost]] = []
    shared = [kind for kind in next(iter(kinds.values())) if all(kind in makes for makes in kinds.values())]
    async with AsyncExitStack() as stack:
        clients = {
            name: await stack.enter_async_context(httpx2.AsyncClient(base_url=server.url, timeout=30))
            for name, server in servers.items()
        }
        for kind in shared:
            requests = {
                name: Requests(clients[name], server.process, kinds[name][kind])
                for name, server in servers.items()
            }
            try:
                measured = await _measure(requests, kind, rounds)
            except httpx2.HTTPError as error:  # a statement over its limit is answered with 503
                print(f"{kind}: {error}", flush=True)
                continue
            for name, cost in measured:
                print(name, *cost.cells(), flush=True)
            costs += measured
    return costs


@dataclass(frozen=True, slots=True)
class Requests:
    """A kind of requests to one server."""

    client: httpx2.AsyncClient
    process: int
    make: Make


async def _measure(servers: Mapping[str, Requests], kind: str, rounds: int) -> list[tuple[str, Cost]]:
    milliseconds: dict[str, list[float]] = {name: [] for name in servers}
    kilobytes = {}
    for round_number in range(rounds + 1):
        for name, server in servers.items():
            path = server.make()
            began = time.perf_counter()
            kilobytes[name] = await _get(server.client, path) / 1000
            if round_number:  # the first one opens connections
                milliseconds[name].append((time.perf_counter() - began) * 1000)
    rates = {
        name: [await _rate(server.client, server.process, server.make)] for name, server in servers.items()
    }
    if len(servers) > 1:  # once more, so that each has the load of two times
        for name, server in servers.items():
            rates[name].append(await _rate(server.client, server.process, server.make))
    costs = []
    for name, taken in milliseconds.items():
        taken.sort()
        count, seconds, cpu_s = (sum(values) for values in zip(*rates[name], strict=True))
        cost = Cost(
            name=kind,
            median_ms=taken[rounds // 2],
            p95_ms=taken[min(rounds - 1, int(rounds * 0.95))],
            per_second=count / seconds,
            cpu_ms=cpu_s * 1000 / count,
            kilobytes=kilobytes[name],
        )
        costs.append((name, cost))
    return costs


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
