"""State of the pipeline: one collection for all clients, rates, words for states."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from songnodes.settings import Settings
from web.app import create_app
from web.database import Database
from web.pipeline import shown
from web.pipeline.collector import Collector
from web.pipeline.rates import Rate, Rates

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def test_many_clients_share_one_collection() -> None:
    collections = 0

    async def collect() -> int:
        nonlocal collections
        collections += 1
        await asyncio.sleep(0.01)
        return collections

    collector = Collector(collect, interval_s=60.0)
    assert await asyncio.gather(*(collector.current() for _ in range(50))) == [1] * 50
    first = [await anext(collector.updates()) for _ in range(10)]
    assert (first, collections) == ([1] * 10, 1)


async def test_each_client_gets_each_state_once() -> None:
    counter = iter(range(1000))

    async def collect() -> int:
        return next(counter)

    collector = Collector(collect, interval_s=0.0)
    updates = collector.updates()
    states = [await anext(updates) for _ in range(5)]
    assert states == sorted(set(states))


async def test_a_failed_collection_is_repeated() -> None:
    attempts = 0

    async def collect() -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise OSError("away")
        return "here"

    collector = Collector(collect, interval_s=60.0)
    with pytest.raises(OSError, match="away"):
        await collector.current()
    assert await collector.current() == "here"


async def test_a_page_gets_the_last_state_while_the_next_one_is_collected() -> None:
    collected, released = 0, asyncio.Event()

    async def collect() -> int:
        nonlocal collected
        if collected:
            await released.wait()
        collected += 1
        return collected

    collector = Collector(collect, interval_s=0.0)
    assert await collector.latest() == 1
    assert [await collector.latest() for _ in range(3)] == [1, 1, 1]
    following = asyncio.create_task(collector.current())
    await asyncio.sleep(0)
    released.set()
    assert await following >= 2
    assert await collector.latest() >= 2


async def test_a_state_is_collected_before_anybody_asks_and_again_after_a_failure() -> None:
    attempts = 0
    collected = asyncio.Event()

    async def collect() -> str:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise OSError("away")
        collected.set()
        return "here"

    collector = Collector(collect, interval_s=60.0)
    task = asyncio.create_task(collector.keep_recent(interval_s=0.0))
    async with asyncio.timeout(10):
        await collected.wait()
        assert await collector.latest() == "here"
    task.cancel()
    assert attempts == 2


def test_rates_are_differences_over_time() -> None:
    rates = Rates()
    assert rates.look({"a": 10, "b": 5}, AT)["a"].per_second is None
    later = rates.look({"a": 30, "b": 5, "c": 1}, AT + timedelta(seconds=4))
    assert (later["a"].per_second, later["a"].changed_at) == (5.0, AT + timedelta(seconds=4))
    assert (later["b"].per_second, later["b"].changed_at) == (0.0, None)
    again = rates.look({"a": 3}, AT + timedelta(seconds=6))
    assert again.keys() == {"a"}
    assert (again["a"].per_second, again["a"].changed_at) == (0.0, AT + timedelta(seconds=4))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0 s"), (59.6, "60 s"), (125, "2 min"), (7500, "2 h 5 min"), (200_000, "2 days")],
)
def test_durations(seconds: float, text: str) -> None:
    assert shown.duration(seconds) == text


def test_rates_and_commits_are_words_before_two_looks() -> None:
    first = Rate(total=1, at=AT)
    assert (shown.per_second(first), shown.committed(first, AT)) == ("…", "none seen yet")
    second = first.next(4, AT + timedelta(seconds=2))
    assert (shown.per_second(second), shown.committed(second, AT + timedelta(seconds=9))) == (
        "1.5",
        "7 s ago",
    )


async def test_the_page_is_there_while_all_servers_are_away(tmp_path: Path) -> None:
    away = {
        "kafka_bootstrap": "127.0.0.1:2",
        "database_url": "postgresql://reader@127.0.0.1:1/songnodes",
        "redis_url": "redis://127.0.0.1:3/0",
        "schema_registry_url": "http://127.0.0.1:4",
        "home": tmp_path / "home",
    }
    settings = Settings().model_copy(update=away)
    async with Database.opened(settings) as database:
        transport = httpx2.ASGITransport(app=create_app(database, settings))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            pages = [await client.get(path) for path in ("/pipeline", "/about")]
    assert [answer.status_code for answer in pages] == [200, 200]
    assert pages[0].text.count("does not answer</span>") == 4
    for part in ("kafka", "postgres", "redis"):
        assert f"{part} does not answer" in pages[0].text
    assert "CC BY-SA" in pages[1].text
    assert "Not known:" in pages[1].text
