"""Gate over an in-memory store: waiting, and slots that are lost in flight."""

import asyncio
from itertools import pairwise

import pytest

from producers.fetch.errors import HostCoolingDown, SiteUnreachable
from producers.fetch.gate import LEASE_MARGIN_S, RENEW_INTERVAL_S, Gate
from producers.fetch.host_store import StoredHost, from_json, to_json
from producers.fetch.rules import LEASE_S, FetchOutcome, Host, HostPolicy
from songnodes.errors import RedisUnreachable
from tests.support.virtual_time import advance, in_virtual_time

POLICY = HostPolicy(pause=0.02, budget=100)
HOST = "site.example"
LONG_S = 3 * LEASE_S  # of a request


def now() -> float:
    """Return the time of the store and of the process."""
    return asyncio.get_running_loop().time()


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
        return StoredHost(now(), from_json(stored) if stored else Host(), stored)

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


@in_virtual_time
async def test_slots_are_granted_sequentially() -> None:
    store = InMemoryStore()
    gate = Gate(store, max_wait=5.0)
    store.collisions = 3
    spans: list[tuple[float, float]] = []

    async def visit() -> None:
        async with gate.acquire(HOST, POLICY) as slot:
            began = now()
            await asyncio.sleep(0.01)
            slot.outcome = FetchOutcome(ending="fetched")
            spans.append((began, now()))

    await asyncio.gather(*(visit() for _ in range(6)))
    spans.sort()
    assert all(later[0] - earlier[1] >= 0.019 for earlier, later in pairwise(spans))
    assert (store.host.fetched, store.host.flight) == (6, None)


@in_virtual_time
async def test_a_wait_beyond_the_limit_raises_with_the_end_of_the_cooldown() -> None:
    store = InMemoryStore()
    gate = Gate(store, max_wait=1.0)
    await gate.record_outcome(HOST, POLICY, FetchOutcome(ending="limited", hold=600.0, why="429"))
    with pytest.raises(HostCoolingDown) as caught:
        async with gate.acquire(HOST, POLICY):
            pytest.fail("a host that cools down grants no slot")
    rest = caught.value.until.timestamp() - now()
    assert (caught.value.host, caught.value.why, rest) == (HOST, "429", pytest.approx(600.0))


@in_virtual_time
async def test_a_long_request_keeps_its_slot() -> None:
    store = InMemoryStore()
    async with Gate(store, max_wait=1.0).acquire(HOST, POLICY) as slot:
        await asyncio.sleep(LONG_S)
        slot.ensure_valid()
        slot.outcome = FetchOutcome(ending="fetched")
    assert store.host.fetched == 1


class LosesCancellations(InMemoryStore):
    """A store whose second read fails when it is cancelled, as Redis does if its time limit ends then."""

    reads = 0

    async def get(self, name: str) -> StoredHost:
        self.reads += 1
        if self.reads == 2:
            try:
                await asyncio.sleep(LEASE_S / 4)
            except asyncio.CancelledError:
                raise RedisUnreachable() from None
        return await super().get(name)


@pytest.mark.timeout(30)
@in_virtual_time
async def test_a_request_ends_though_the_cancellation_of_its_renewal_is_lost() -> None:
    store = LosesCancellations()
    begun = now()
    async with Gate(store, max_wait=1.0).acquire(HOST, POLICY) as slot:
        await asyncio.sleep(RENEW_INTERVAL_S + 0.1)  # the renewal reads
        slot.outcome = FetchOutcome(ending="fetched")
    assert now() - begun < 2 * RENEW_INTERVAL_S
    assert store.reads >= 3
    assert (store.host.fetched, store.host.flight) == (1, None)


@in_virtual_time
async def test_a_request_ends_before_another_process_may_take_its_slot() -> None:
    store = InMemoryStore()
    began = now()
    with pytest.raises(RedisUnreachable):  # even the end cannot be recorded
        async with Gate(store, max_wait=1.0).acquire(HOST, POLICY):
            store.is_down = True
            await asyncio.sleep(LONG_S)
    assert now() - began == pytest.approx(LEASE_S - LEASE_MARGIN_S)


@in_virtual_time
async def test_a_lost_slot_is_no_failure_of_the_site() -> None:
    store = InMemoryStore()
    with pytest.raises(SiteUnreachable, match="lost"):
        async with Gate(store, max_wait=1.0).acquire(HOST, POLICY):
            store.stored[HOST] = to_json(Host())
            await asyncio.sleep(LONG_S)
    assert (store.host.failed, store.host.held_until) == (0, 0.0)


@in_virtual_time
async def test_a_process_paused_beyond_its_lease_sends_nothing() -> None:
    store = InMemoryStore()
    with pytest.raises(SiteUnreachable):
        async with Gate(store, max_wait=1.0).acquire(HOST, POLICY) as slot:
            advance(LEASE_S - LEASE_MARGIN_S)  # the whole process is paused
            slot.ensure_valid()
    assert store.host.failed == 0


@in_virtual_time
async def test_an_error_within_a_slot_is_a_failure_and_a_cancellation_is_not() -> None:
    store = InMemoryStore()
    gate = Gate(store, max_wait=1.0)
    with pytest.raises(ValueError, match="x"):
        async with gate.acquire(HOST, POLICY):
            raise ValueError("x")
    assert store.host.failed == 1

    async def cancelled() -> None:
        async with gate.acquire(HOST, POLICY):
            await asyncio.sleep(LONG_S)

    task = asyncio.create_task(cancelled())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (store.host.failed, store.host.flight) == (1, None)
