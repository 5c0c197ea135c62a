"""The gate itself, over a memory of this process: patience, and turns that are lost on the way."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from producers.fetch import gate as gates
from producers.fetch import rules
from producers.fetch.gate import Gate
from producers.fetch.memory import Seen, read, written
from producers.fetch.refusals import GateDown, HostHeld, Unreachable
from producers.fetch.rules import Conclusion, Host, Terms

TERMS = Terms(pause=0.02, budget=100)
HOST = "site.example"


class Memory:
    """Hosts of this process. `others` swap first, so many times; `away` is a Redis that does not answer."""

    def __init__(self) -> None:
        self.stored: dict[str, str] = {}
        self.others = 0
        self.away = False

    async def look(self, name: str) -> Seen:
        if self.away:
            raise GateDown()
        stored = self.stored.get(name, "")
        return Seen(time.time(), read(stored) if stored else Host(), stored)

    async def swap(self, name: str, seen: Seen, new: Host) -> bool:
        if self.away:
            raise GateDown()
        if self.others or self.stored.get(name, "") != seen.stored:
            self.others = max(self.others - 1, 0)
            return False
        self.stored[name] = written(new)
        return True

    @property
    def host(self) -> Host:
        return read(self.stored[HOST])


@pytest.fixture
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gates, "LEASE", 1.0)
    monkeypatch.setattr(rules, "LEASE", 1.0)
    monkeypatch.setattr(gates, "MARGIN", 0.2)
    monkeypatch.setattr(gates, "SIGN_OF_LIFE", 0.1)


async def test_turns_come_one_after_the_other() -> None:
    memory = Memory()
    gate = Gate(memory, patience=5.0)
    memory.others = 3
    spans: list[tuple[float, float]] = []

    async def visit() -> None:
        async with gate.turn(HOST, TERMS) as turn:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            turn.conclusion = Conclusion(ending="fetched")
            spans.append((began, time.monotonic()))

    await asyncio.gather(*(visit() for _ in range(6)))
    spans.sort()
    assert all(later[0] - earlier[1] >= 0.019 for earlier, later in pairwise(spans))
    assert (memory.host.fetched, memory.host.flight) == (6, None)


async def test_who_would_wait_too_long_is_told_until_when() -> None:
    memory = Memory()
    gate = Gate(memory, patience=1.0)
    await gate.conclude(HOST, TERMS, Conclusion(ending="limited", hold=600.0, why="429"))
    with pytest.raises(HostHeld) as caught:
        async with gate.turn(HOST, TERMS):
            pytest.fail("a held host gives no turn")
    rest = (caught.value.until - datetime.now(UTC)).total_seconds()
    assert (caught.value.host, caught.value.why) == (HOST, "429") and 590 < rest <= 600


@pytest.mark.usefixtures("short_leases")
async def test_a_long_request_keeps_its_turn() -> None:
    memory = Memory()
    async with Gate(memory, patience=1.0).turn(HOST, TERMS) as turn:
        await asyncio.sleep(1.5)
        turn.check()
        turn.conclusion = Conclusion(ending="fetched")
    assert memory.host.fetched == 1


@pytest.mark.usefixtures("short_leases")
async def test_a_request_ends_before_another_process_may_take_its_turn() -> None:
    memory = Memory()
    began = time.monotonic()
    with pytest.raises(GateDown):  # it cannot even say that it ended
        async with Gate(memory, patience=1.0).turn(HOST, TERMS):
            memory.away = True
            await asyncio.sleep(5.0)
    assert time.monotonic() - began < 3.0


@pytest.mark.usefixtures("short_leases")
async def test_a_turn_that_another_took_is_lost_and_no_fault_of_the_site() -> None:
    memory = Memory()
    with pytest.raises(Unreachable, match="lost"):
        async with Gate(memory, patience=1.0).turn(HOST, TERMS):
            memory.stored[HOST] = written(Host())
            await asyncio.sleep(5.0)
    assert (memory.host.failed, memory.host.held_until) == (0, 0.0)


@pytest.mark.usefixtures("short_leases")
async def test_nothing_is_sent_by_a_process_that_stood_still_too_long() -> None:
    memory = Memory()
    with pytest.raises(Unreachable):
        async with Gate(memory, patience=1.0).turn(HOST, TERMS) as turn:
            time.sleep(0.9)  # the whole process stands
            turn.check()
    assert memory.host.failed == 0


async def test_an_error_within_a_turn_is_a_failure_and_giving_up_is_none() -> None:
    memory = Memory()
    gate = Gate(memory, patience=1.0)
    with pytest.raises(ValueError, match="x"):
        async with gate.turn(HOST, TERMS):
            raise ValueError("x")
    assert memory.host.failed == 1

    async def given_up() -> None:
        async with gate.turn(HOST, TERMS):
            await asyncio.sleep(5.0)

    task = asyncio.create_task(given_up())
    await asyncio.sleep(0.2)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (memory.host.failed, memory.host.flight) == (1, None)
