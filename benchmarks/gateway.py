"""Gateway and worker of the enrichment: `python -m benchmarks.gateway [rates|overhead|cache]`.

rates     the share of the limit used at the server's arrival, by three processes with different clocks; the
          times are the kernel's
overhead  processor time of a call through the gateway, above that of its HTTP request alone
cache     tracks per second and worker whose answers are all in the cache: plan, lookup in Redis, archive in
          librdkafka's mock cluster, a process of its own, and evaluation; without PostgreSQL
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from confluent_kafka import Producer

from enrichment.gateway.account import ACCOUNT_FORM
from enrichment.gateway.account_store import AccountStore
from enrichment.gateway.archive import TOPIC, KafkaArchive
from enrichment.gateway.cache import RedisAnswerCache
from enrichment.gateway.client import BeforeSending, Client, Sent
from enrichment.gateway.exchange import Exchange, Sender
from enrichment.gateway.gateway import Gateway
from enrichment.gateway.opening import terms_of
from enrichment.gateway.question import Question
from enrichment.gateway.slots import SlotBook
from enrichment.gateway.terms import Terms
from enrichment.plan.types import TrackQuestion
from enrichment.providers import ALL
from enrichment.types import HttpRequest, ProviderAccess, Response
from enrichment.worker.batches import Batches
from enrichment.worker.track import SubjectArchive, TrackWorker
from infra.embedded.stack import Stack
from songnodes.clock import SystemClock
from songnodes.domain.waterfall import DEFAULT
from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection
from tests.support import codecs
from tests.support.arrivals import most_within, share_used
from tests.support.local_provider import LocalProvider, track_call
from tests.support.timestamping_server import serving

NOT_NEEDED = {"kafka_bootstrap": "none", "database_url": "none", "schema_registry_url": "none"}
PREFIX = "songnodes:bench"
RATES = ((1, 1.0, 15.0), (50, 5.0, 16.0), (10, 1.0, 10.0))
OFFSETS_S = (0.0, 0.8, -3600.0)
CALLS = 2000
CONCURRENT_CALLS = 50
TRACKS = 3000
CONCURRENT_TRACKS = 500
CACHED_RUNS = ("from the cache", "from the cache, again", "from the cache, once more")
BROKER = "broker"  # the name under which this program runs the mock cluster
OFF: Mapping[str, str] = {name: "off" for name in ALL if name != "deezer"}


@contextmanager
def redis_server() -> Iterator[Settings]:
    """Start Redis alone."""
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        stack = Stack(Path(directory), outside=NOT_NEEDED)
        try:
            addresses = stack.start(on_progress=lambda _: None, parent=os.getpid())
            yield Settings().model_copy(update={"redis_url": addresses.redis_url})
        finally:
            stack.stop()


def measure_rates(settings: Settings) -> None:
    """Print the most arrivals in a window and the share used, per limit."""
    print("| limit | arrivals | most in a window | share used |\n| --- | ---: | ---: | ---: |")
    for starts, window_s, seconds in RATES:
        with serving() as server:
            processes = [
                subprocess.Popen(
                    [
                        *(sys.executable, "-m", "tests.support.gateway_caller", server.base),
                        *(f"{PREFIX}:{starts}", str(starts), str(window_s), str(seconds), str(offset)),
                    ],
                    env={**os.environ, "REDIS_URL": settings.redis_url},
                )
                for offset in OFFSETS_S
            ]
            for process in processes:
                process.wait()
        most, share = most_within(server.arrivals, window_s), share_used(server.arrivals, starts, window_s)
        print(f"| {starts} in {window_s:g} s | {len(server.arrivals)} | {most} | {share:.1%} |")


ALBUM = {"id": 5, "title": "Album", "label": "Label", "genres": {"data": [{"name": "Techno"}]}}


class NoArchive:
    """Discards attempts."""

    async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Discard."""


class PreparedSender:
    """Answers each request at once with a track of Deezer."""

    async def send(self, request: HttpRequest, before_sending: BeforeSending, sent: Sent) -> Response:
        """Wait for the start and return an answer."""
        await before_sending()
        is_track = "isrc:" in request.url
        body = json.dumps(deezer_track(request.url[-5:]) if is_track else ALBUM).encode()
        return Response(status=200, headers={}, body=body, latency_ms=1, received=datetime.now(UTC))


def deezer_track(number: str) -> dict[str, Any]:
    """Return a track with about the members and the size of a real answer."""
    return {
        "id": 1000 + int(number),
        "title": f"Title {number}",
        "isrc": f"GBTDG09{number}",
        "duration": 300,
        "bpm": 126,
        "release_date": "2020-01-01",
        "artist": {"id": 7, "name": f"Artist {number}", "picture": "https://cdn.example/" + "p" * 200},
        "album": {"id": 5, "title": "Album", "cover": "https://cdn.example/" + "c" * 400},
        "available_countries": [f"{a}{b}" for a in "ABCDEFGH" for b in "ABCDEFGHIJKLM"],
    }


@asynccontextmanager
async def gateway_of(
    settings: Settings, terms: Terms, sender: Sender, archive: Any
) -> AsyncIterator[Gateway]:
    """Open a gateway with the cache and the state in Redis."""
    async with connection(settings) as texts, connection(settings, decode=False) as answers:
        store = AccountStore(RedisStateStore(texts, f"{PREFIX}:account", ACCOUNT_FORM), lambda: 1)
        exchange = Exchange(sender, SlotBook(store, max_wait_s=60.0))
        cache = RedisAnswerCache(answers, PREFIX)
        yield Gateway({terms.provider.name: terms}, exchange=exchange, cache=cache, archive=archive)


async def measure_overhead(settings: Settings) -> None:
    """Print the processor time of a call, with and without the gateway."""
    with serving() as server:
        provider = LocalProvider(windows=())
        terms = Terms(
            provider=provider, access=ProviderAccess(base_url=server.base), windows=provider.windows
        )
        async with Client() as client, gateway_of(settings, terms, client, NoArchive()) as gateway:

            async def at_once() -> float:
                return 5.0

            async def bare(number: int) -> None:
                await client.send(
                    provider.request(track_call(str(number)), terms.access), at_once, lambda: None
                )

            async def through(number: int) -> None:
                await gateway.ask(
                    Question(track_id="t", request_id="r", call=track_call(f"{time.time_ns()}-{number}"))
                )

            rows = [("HTTP request alone", bare), ("through the gateway", through)]
            print("\n| call | processor time | per second |\n| --- | ---: | ---: |")
            for name, call in rows:
                began, wall = time.process_time(), time.perf_counter()
                await concurrently([call(number) for number in range(CALLS)], CONCURRENT_CALLS)
                spent, wall = time.process_time() - began, time.perf_counter() - wall
                print(f"| {name} | {spent / CALLS * 1e6:.0f} µs | {CALLS / wall:,.0f} |")


async def measure_cache(settings: Settings) -> None:
    """Print the tracks per second whose answers are all in the cache."""
    topics._file()["defaults"]["partitions"] = 4  # of the mock cluster
    terms = replace(terms_of(ALL["deezer"], settings), windows=())
    producer = clients.producer(settings)
    producer.list_topics(topics.physical(TOPIC, settings))
    async with (
        KafkaArchive(producer, codecs.offline(), settings) as archive,
        gateway_of(settings, terms, PreparedSender(), archive) as gateway,
    ):
        print("\n| run | tracks/s | processor time of a track | of the loop's thread | calls |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for name in ("not in the cache, no network", *CACHED_RUNS):
            worker = TrackWorker(Batches(gateway, ALL), ALL, DEFAULT, lambda: OFF, SystemClock())
            archives = [SubjectArchive() for _ in range(TRACKS)]
            began, own, wall = time.process_time(), time.thread_time(), time.perf_counter()
            await concurrently(
                [worker.enrich(track(n), archives[n], wait=True) for n in range(TRACKS)], CONCURRENT_TRACKS
            )
            spent, own = time.process_time() - began, time.thread_time() - own
            wall = time.perf_counter() - wall
            calls = sum(len(archive.entries) for archive in archives) / TRACKS
            times = f"{spent / TRACKS * 1e6:.0f} µs | {own / TRACKS * 1e6:.0f} µs"
            print(f"| {name} | {TRACKS / wall:,.0f} | {times} | {calls:.1f} |")


@contextmanager
def mock_cluster(settings: Settings) -> Iterator[Settings]:
    """Run librdkafka's mock cluster in another process, since its processor time is not the worker's."""
    command = [sys.executable, "-m", "benchmarks.gateway", BROKER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        yield settings.model_copy(update={"kafka_bootstrap": process.stdout.readline().strip()})
        process.stdin.close()


def run_broker() -> None:
    """Print the addresses of a mock cluster, and run it until the end of the input."""
    mock = Producer({"bootstrap.servers": "none", "test.mock.num.brokers": 1, "log_level": 3})
    brokers = mock.list_topics().brokers.values()
    print(",".join(f"{broker.host}:{broker.port}" for broker in brokers), flush=True)
    sys.stdin.read()


def track(number: int) -> TrackQuestion:
    """Return a track of the prepared catalogue."""
    return TrackQuestion(
        track_id=f"artist-{number}-title-{number}-{number:08x}",
        request_id=f"request-{number}",
        artist=f"Artist {number:05}",
        title=f"Title {number:05}",
        text=f"Artist {number:05} - Title {number:05}",
        ids={"isrc": f"GBTDG09{number:05}"},
    )


async def concurrently(coroutines: Sequence[Coroutine[Any, Any, Any]], limit: int) -> None:
    """Await all, so many at once."""
    slots = asyncio.Semaphore(limit)

    async def run(coroutine: Coroutine[Any, Any, Any]) -> None:
        async with slots:
            await coroutine

    await asyncio.gather(*map(run, coroutines))


def main() -> None:
    """Run the measurements named, by default all."""
    if sys.argv[1:] == [BROKER]:
        run_broker()
        return
    names = sys.argv[1:] or ["rates", "overhead", "cache"]
    with redis_server() as settings:
        if "rates" in names:
            measure_rates(settings)
        if "overhead" in names:
            asyncio.run(measure_overhead(settings))
        if "cache" in names:
            runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
            with mock_cluster(settings) as with_kafka, runner:
                runner.run(measure_cache(with_kafka))


if __name__ == "__main__":
    main()
