"""Gate over an in-memory store: waiting, and slots that are lost in flight."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from producers.fetch import gate as gates
from producers.fetch import rules
from producers.fetch.errors import HostCoolingDown, SiteUnreachable
from producers.fetch.gate import Gate
from producers.fetch.host_store import StoredHost, from_json, to_json
from producers.fetch.rules import FetchOutcome, Host, HostPolicy
from songnodes.errors import RedisUnreachable

POLICY = HostPolicy(pause=0.02, budget=100)
HOST = "site.example"


class InMemoryStore:
    """Hosts of this process; `collisions` writes fail first, and `is_down` simulates Redis down."""

    def __init__(self) -> None:
        self.stored: dict[str, str] = {}
        self.collisions = 0
        self.is_down = False

    async def get(self, name: str) -> StoredHost:
        if self.is_down:
            raise RedisUnreachable()
        stored = self.stored.get(name, "")
        return StoredHost(time.time(), from_json(stored) if stored else Host(), stored)

    async def compare_and_set(self, name: str, expected: StoredHost, new: Host) -> bool:
        if self.is_down:
            raise RedisUnreachable()
        if self.collisions or self.stored.get(name, "") != expected.text:
            self.collisions = max(self.collisions - 1, 0)
            return False
        self.stored[name] = to_json(new)
        return True

    @property
    def host(self) -> Host:
        return from_json(self.stored[HOST])


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "LEASE_S", 1.0)
    monkeypatch.setattr(rules, "LEASE_S", 1.0)
    monkeypatch.setattr(gates, "LEASE_MARGIN_S", 0.2)
    monkeypatch.setattr(gates, "RENEW_INTERVAL_S", 0.1)


async def test_slots_are_granted_sequentially() -> None:
    store = InMemoryStore()
    gate = Gate(store, max_wait=5.0)
    store.collisions = 3
    spans: list[tuple[float, float]] = []

    async def visit() -> None:
        async with gate.acquire(HOST, POLICY) as slot:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            slot.outcome = FetchOutcome(ending="fetched")
            spans.append((began, time.monotonic()))

    await asyncio.gather(*(visit() for _ in range(6)))
    spans.sort()
    assert all(later[0] - earlier[1] >= 0.019 for earlier, later in pairwise(spans))
    assert (store.host.fetched, store.host.flight) == (6, None)


async def test_a_wait_beyond_the_limit_raises_with_the_end_of_the_cooldown() -> None:
    store = InMemoryStore()
    gate = Gate(store, max_wait=1.0)
    await gate.record_outcome(HOST, POLICY, FetchOutcome(ending="limited", hold=600.0, why="429"))
    with pytest.raises(HostCoolingDown) as caught:
        async with gate.acquire(HOST, POLICY):
            pytest.fail("a host that cools down grants no slot")
    rest = (caught.value.until - datetime.now(UTC)).total_seconds()
    assert (caught.value.host, caught.value.why) == (HOST, "429") and 590 < rest <= 600


@pytest.mark.usefixtures("short_leases")
async def test_a_long_request_keeps_its_slot() -> None:
    store = InMemoryStore()
    async with Gate(store, max_wait=1.0).acquire(HOST, POLICY) as slot:
        await asyncio.sleep(1.5)
        slot.ensure_valid()
        slot.outcome = FetchOutcome(ending="fetched")
    assert store.host.fetched == 1


@pytest.mark.usefixtures("short_leases")
async def test_a_request_ends_before_another_process_may_take_its_slot() -> None:
    store = InMemoryStore()
    began = time.monotonic()
    with pytest.raises(RedisUnreachable):  # even the end cannot be recorded
        async with Gate(store, max_wait=1.0).acquire(HOST, POLICY):
            store.is_down = True
            await asyncio.sleep(5.0)
    assert time.monotonic() - began < 3.0


@pytest.mark.usefixtures("short_leases")
async def test_a_lost_slot_is_no_failure_of_the_site() -> None:
    store = InMemoryStore()
    with pytest.raises(SiteUnreachable, match="lost"):
        async with Gate(store, max_wait=1.0).acquire(HOST, POLICY):
            store.stored[HOST] = to_json(Host())
            await asyncio.sleep(5.0)
    assert (store.host.failed, store.host.held_until) == (0, 0.0)


@pytest.mark.usefixtures("short_leases")
async def test_a_process_paused_beyond_its_lease_sends_nothing() -> None:
    store = InMemoryStore()
    with pytest.raises(SiteUnreachable):
        async with Gate(store, max_wait=1.0).acquire(HOST, POLICY) as slot:
            time.sleep(0.9)  # the whole process is paused
            slot.ensure_valid()
    assert store.host.failed == 0


async def test_an_error_within_a_slot_is_a_failure_and_a_cancellation_is_not() -> None:
    store = InMemoryStore()
    gate = Gate(store, max_wait=1.0)
    with pytest.raises(ValueError, match="x"):
        async with gate.acquire(HOST, POLICY):
            raise ValueError("x")
    assert store.host.failed == 1

    async def cancelled() -> None:
        async with gate.acquire(HOST, POLICY):
            await asyncio.sleep(5.0)

    task = asyncio.create_task(cancelled())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (store.host.failed, store.host.flight) == (1, None)
