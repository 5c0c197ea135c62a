"""Single flight across processes: leases in memory, several gateways over one server and one cache."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

import pytest
from aiohttp import web

from enrichment.gateway import flights
from enrichment.gateway.cache import InMemoryAnswerCache
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.flights import Entries, SharedFlights
from enrichment.gateway.question import Answered
from enrichment.types import Call
from songnodes.errors import RedisUnreachable
from tests.support.local_provider import track_call
from tests.unit.enrichment.gateway.test_gateway import World, question, world

HIT = Answered(status="hit")
ENTRY = Entry(status=200, headers={}, body=b"{}", latency_ms=1, received=0.0, outcome="hit", fresh_until=60.0)


def hits(entries: Mapping[str, Entry]) -> dict[str, Answered]:
    """Return a hit for each entry."""
    return dict.fromkeys(entries, HIT)


async def not_called(_entries: Entries) -> None:
    """Fail: entries are stored with the release of their leases."""
    raise AssertionError


class InMemoryLeases:
    """Leases of one owner in a table that all owners share."""

    def __init__(self, table: dict[str, str], owner: str, cache: InMemoryAnswerCache | None = None) -> None:
        self.table = table
        self.owner = owner
        self.cache = cache or InMemoryAnswerCache()
        self.is_away = False
        self.renewed: list[list[str]] = []
        self.renewals_go_on = asyncio.Event()
        self.renewals_go_on.set()

    async def acquire(self, keys: Sequence[str]) -> tuple[frozenset[str], Mapping[str, Entry]]:
        """Return the keys whose lease is this owner's now, and entries. Raises RedisUnreachable."""
        if self.is_away:
            raise RedisUnreachable("away")
        owned = frozenset(key for key in keys if self.table.setdefault(key, self.owner) == self.owner)
        return owned, {key: entry for key in keys if (entry := await self.cache.get(key)) is not None}

    async def renew(self, keys: Sequence[str]) -> None:
        """Note the keys: leases in memory do not end."""
        self.renewed.append(list(keys))
        await self.renewals_go_on.wait()

    async def release(self, keys: Sequence[str], entries: Entries) -> None:
        """Store entries, then end leases of this owner."""
        for key, (entry, seconds) in entries.items():
            await self.cache.put(key, entry, seconds)
        for key in keys:
            if self.table.get(key) == self.owner:
                del self.table[key]


def share_flights(*worlds: World) -> dict[str, str]:
    """Let gateways share cache, server and leases, as several processes do; return the table of leases."""
    table: dict[str, str] = {}
    for number, own in enumerate(worlds):
        leases = InMemoryLeases(table, str(number), worlds[0].cache)
        own.gateway._shared_flights = SharedFlights(leases, own.gateway._store)
        own.gateway._cache = worlds[0].cache
        own.gateway._terms = worlds[0].gateway._terms
    return table


async def test_equal_calls_of_two_processes_are_one_request() -> None:
    async with world() as first, world() as second:
        table = share_flights(first, second)
        gate = asyncio.Event()

        async def slow(request: web.Request) -> web.StreamResponse:
            await gate.wait()
            return web.json_response({"path": request.path})

        first.server.pages["/track/1"] = slow
        leader = asyncio.create_task(first.gateway.ask(question()))
        while not first.server.arrivals:
            await asyncio.sleep(0.01)
        follower = asyncio.create_task(second.gateway.ask(question(track="b")))
        await asyncio.sleep(0.1)  # it waits meanwhile
        gate.set()
        answers = [await leader, await follower]
        assert [answer.status for answer in answers] == ["hit", "hit"]
        assert [answer.attempts for answer in answers] == [1, 0]
        assert first.server.paths() == ["/track/1"]
        assert second.archive.records[0]["track_id"] == "b"
        assert not table


async def test_a_call_that_failed_elsewhere_is_sent_by_the_next_process() -> None:
    async with world() as first, world() as second:
        share_flights(first, second)
        first.server.pages["/track/1"] = [(400, "", {}), (200, "{}", {})]
        answers = await asyncio.gather(first.gateway.ask(question()), second.gateway.ask(question(track="b")))
        assert sorted(answer.status for answer in answers) == ["error", "hit"]
        assert len(first.server.arrivals) == 2


@pytest.mark.parametrize("fault", ["killed", "redis"])
async def test_no_process_waits_without_end(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "FLIGHT_WAIT_S", 0.05)
    call = track_call()
    leases = InMemoryLeases({call.key: "another"} if fault == "killed" else {}, "own")
    leases.is_away = fault == "redis"
    fetched: list[str] = []
    stored: dict[str, tuple[Entry, float]] = {}

    async def fetch(calls: Sequence[Call]) -> tuple[dict[str, Answered], Entries]:
        fetched.extend(call.key for call in calls)
        return {call.key: HIT for call in calls}, {call.key: (ENTRY, 60.0) for call in calls}

    async def store(entries: Entries) -> None:
        stored.update(entries)

    answers = await SharedFlights(leases, store).fetch([call], hits, fetch)
    assert answers == {call.key: HIT}
    assert fetched == list(stored) == [call.key]


async def test_a_batch_waits_for_the_calls_of_others_only() -> None:
    own, foreign = track_call("1"), track_call("2")
    table = {foreign.key: "another"}
    fetched: list[str] = []

    leases = InMemoryLeases(table, "own")

    async def fetch(calls: Sequence[Call]) -> tuple[dict[str, Answered], Entries]:
        assert table[own.key] == "own"
        fetched.extend(call.key for call in calls)
        await leases.cache.put(foreign.key, ENTRY, 60.0)  # by the other process
        return {call.key: HIT for call in calls}, {call.key: (ENTRY, 60.0) for call in calls}

    answers = await SharedFlights(leases, not_called).fetch([own, foreign], hits, fetch)
    assert answers.keys() == {own.key, foreign.key}
    assert fetched == [own.key]
    assert table == {foreign.key: "another"}
    assert await leases.cache.get(own.key) == ENTRY


class WaitingFlight:
    """A flight whose fetch waits until it is let go."""

    def __init__(self, shared: SharedFlights, call: Call) -> None:
        self.go_on = asyncio.Event()
        self.task = asyncio.create_task(shared.fetch([call], hits, self._fetch))

    async def _fetch(self, calls: Sequence[Call]) -> tuple[dict[str, Answered], Entries]:
        await self.go_on.wait()
        return {call.key: HIT for call in calls}, {}


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    while not condition():
        await asyncio.sleep(0.005)


async def test_leases_are_renewed_together_while_their_requests_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "RENEWAL_INTERVAL_S", 0.02)
    leases = InMemoryLeases({}, "own")
    shared = SharedFlights(leases, not_called)
    calls = [track_call(str(number)) for number in range(3)]
    waiting = [WaitingFlight(shared, call) for call in calls]
    await until(lambda: len(leases.renewed) >= 3)
    assert leases.renewed[-2] == leases.renewed[-1] == sorted(call.key for call in calls)
    waiting[0].go_on.set()
    await waiting[0].task
    renewals_before = len(leases.renewed)
    await until(lambda: len(leases.renewed) > renewals_before)
    assert leases.renewed[-1] == sorted(call.key for call in calls[1:])
    for flight in waiting[1:]:
        flight.go_on.set()
        await flight.task
    renewals_before = len(leases.renewed)
    await asyncio.sleep(0.1)
    assert len(leases.renewed) == renewals_before
    assert not leases.table


async def test_many_leases_are_renewed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flights, "RENEWAL_INTERVAL_S", 0.02)
    monkeypatch.setattr(flights, "MAX_KEYS_PER_RENEWAL", 2)
    leases = InMemoryLeases({}, "own")
    renewals = flights.Renewals(leases)
    renewals.begin(frozenset("abc"))
    await until(lambda: len(leases.renewed) >= 2)
    assert leases.renewed[:2] == [["a", "b"], ["c"]]
    await renewals.end(frozenset("abc"))


async def test_a_release_waits_for_the_renewal_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A renewal that arrived after the release would set the lease again."""
    monkeypatch.setattr(flights, "RENEWAL_INTERVAL_S", 0.01)
    leases = InMemoryLeases({}, "own")
    leases.renewals_go_on.clear()
    call = track_call()
    waiting = WaitingFlight(SharedFlights(leases, not_called), call)
    await until(lambda: bool(leases.renewed))
    waiting.go_on.set()
    await asyncio.sleep(0.05)
    assert leases.table == {call.key: "own"}
    leases.renewals_go_on.set()
    await waiting.task
    assert not leases.table
