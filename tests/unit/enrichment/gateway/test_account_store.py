"""Accounts while Redis is away, when it is back, and after it lost states: no budget is granted twice."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from enrichment.gateway import account_store
from enrichment.gateway.account import ACCOUNT_FORM, ALL, AccountState, Closed, Limits, Slot
from enrichment.gateway.account_store import AccountStore
from enrichment.gateway.breaker import Breaker
from enrichment.gateway.limits import MARGIN_S, starts_used
from enrichment.gateway.slots import ALONE_RETRY_S, SlotBook
from enrichment.types import Classified, Window
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.in_memory_store import InMemoryStateStore
from songnodes.shared_state.store import Stored

BEGIN = 1_800_000_000.0
ACCOUNT = "local|1"
#: A share of it has so few starts that a window of them would be kept exactly.
BUDGET = Window(starts=200, seconds=86400.0)
LIMITS = Limits(operation="search", windows=(), all_windows=(BUDGET,), timeout_s=10.0)
SHORT = Limits(operation="search", windows=(Window(starts=2, seconds=3.0),), all_windows=(), timeout_s=10.0)


class MovableLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is moved; it does not wait for its timers."""

    def __init__(self) -> None:
        super().__init__()
        self.moved_s = 0.0
        self.call_later = self.call_without_waiting  # type: ignore[method-assign,assignment]

    def time(self) -> float:
        """Return the moved time."""
        return 1000.0 + self.moved_s

    def call_without_waiting(self, delay: float, callback: Any, *arguments: Any, **options: Any) -> Any:
        """Move the time by the delay and call at once."""
        self.moved_s += max(delay, 0.0)
        return super().call_soon(callback, *arguments, **options)


class FlakyStore:
    """A shared store that can be away, and can be started again with older states."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.is_away = False
        self.requests = 0
        self.run = "1"
        self._states = InMemoryStateStore(ACCOUNT_FORM, lambda: BEGIN + loop.time())

    async def get(self, name: str) -> Stored[AccountState]:
        """Return a state. Raises RedisUnreachable."""
        self._check()
        self.requests += 1
        return (await self._states.get(name))._replace(run=self.run)

    async def compare_and_set(self, name: str, expected: Stored[AccountState], new: AccountState) -> bool:
        """Store a state. Raises RedisUnreachable."""
        self._check()
        return await self._states.compare_and_set(name, expected, new)

    async def replace(
        self, name: str, expected: Stored[AccountState], new: AccountState
    ) -> tuple[bool, Stored[AccountState]]:
        """Store a state that was expected. Raises RedisUnreachable."""
        self._check()
        self.requests += 1
        is_stored = expected.run == self.run and await self._states.compare_and_set(name, expected, new)
        return is_stored, (await self._states.get(name))._replace(run=self.run)

    def copy(self) -> dict[str, str]:
        """Return all states as they are stored now."""
        return dict(self._states._texts)

    def restart(self, states: dict[str, str]) -> None:
        """Start the server again, with these states."""
        self._states._texts = dict(states)
        self.run += "1"

    def _check(self) -> None:
        if self.is_away:
            raise RedisUnreachable("away")


class Process:
    """A process with slots of its own over the shared store."""

    def __init__(self, shared: FlakyStore, processes: int = 2) -> None:
        self.accounts = AccountStore(shared, lambda: processes)
        self.slots = SlotBook(self.accounts, max_wait_s=60.0)

    async def start(self, number: int, limits: Limits = LIMITS) -> int:
        """Request so many starts and return how many were granted."""
        results = [await self.slots.acquire(ACCOUNT, limits) for _ in range(number)]
        return sum(isinstance(result, Slot) for result in results)


def run(coroutine: Coroutine[Any, Any, None]) -> None:
    """Run in a loop whose time is moved."""
    with asyncio.Runner(loop_factory=MovableLoop) as runner:
        runner.run(coroutine)


def wait(seconds: float) -> None:
    """Move the time of the loop."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, MovableLoop)
    loop.moved_s += seconds


async def used(shared: FlakyStore) -> int:
    """Return the starts of the budget that the shared store counts."""
    stored = await shared.get(ACCOUNT)
    return starts_used(stored.state.logs[ALL], BUDGET, stored.now)


#: Of a share of 100 starts, one may be stored: it was under way when Redis went away.
@pytest.mark.parametrize(("before", "alone"), [(60, 39), (100, 0), (150, 0)])
def test_the_share_of_a_budget_counts_the_starts_before_the_outage(before: int, alone: int) -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        assert await process.start(before) == before
        shared.is_away = True
        assert await process.start(120) == alone
        shared.is_away = False
        wait(account_store.RETRY_INTERVAL_S)
        assert await process.start(200) == BUDGET.starts - before - alone
        assert await used(shared) == BUDGET.starts

    run(scenario())


def test_starts_of_an_outage_are_counted_without_a_further_call() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        await process.start(10)
        shared.is_away = True
        assert await process.start(7) == 7
        task = asyncio.create_task(process.accounts.run())
        for _ in range(10):
            await asyncio.sleep(0)
        assert process.accounts.is_alone
        shared.is_away = False
        while process.accounts.is_alone:
            await asyncio.sleep(0)
        task.cancel()
        assert await used(shared) == 17

    run(scenario())


def test_a_process_that_stops_reports_the_starts_of_an_outage() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        await process.start(10)
        shared.is_away = True
        assert await process.start(3) == 3
        task = asyncio.create_task(process.accounts.run())
        await asyncio.sleep(0)
        shared.is_away = False
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await used(shared) == 13

    run(scenario())


def test_a_process_that_begins_during_an_outage_knows_no_budget() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        await Process(shared).start(150)
        shared.is_away = True
        process = Process(shared, processes=1)
        closed = await process.slots.acquire(ACCOUNT, LIMITS)
        assert isinstance(closed, Closed) and closed.cause == "limit"
        assert closed.until - BEGIN - asyncio.get_running_loop().time() <= ALONE_RETRY_S
        assert await process.start(3, SHORT) == 3  # after the hold of a window
        shared.is_away = False
        wait(account_store.RETRY_INTERVAL_S)
        assert await process.start(100) == 50

    run(scenario())


@pytest.mark.parametrize("lost", ["all", "newest"])
def test_starts_that_redis_lost_count_as_far_as_a_process_knows_them(lost: str) -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        first, second = Process(shared), Process(shared)
        await first.start(20)
        older = shared.copy()
        await first.start(30)
        await second.start(40)
        await first.start(10)
        shared.restart({} if lost == "all" else older)
        await second.start(1)
        assert await used(shared) == 91
        await first.start(1)
        assert await used(shared) == 101  # those of the first process are known again, none is counted twice

    run(scenario())


def test_the_first_start_after_a_restart_of_redis_is_a_window_later() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process, loop = Process(shared), asyncio.get_running_loop()
        await process.start(1, SHORT)
        older = shared.copy()
        await process.start(1, SHORT)
        shared.restart(older)
        restarted_at = loop.time()
        await Process(shared).start(1, SHORT)
        assert loop.time() >= restarted_at + SHORT.windows[0].seconds + MARGIN_S

    run(scenario())


def test_an_opening_of_an_outage_stays_open_afterwards() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        await process.start(1)
        shared.is_away = True
        slot = await process.slots.acquire(ACCOUNT, LIMITS)
        assert isinstance(slot, Slot)
        quota = Classified(outcome="quota", retry_after_s=46_800.0)
        await process.slots.record(ACCOUNT, LIMITS, slot, quota)
        shared.is_away = False
        wait(account_store.RETRY_INTERVAL_S)
        await process.accounts.merge_outages()
        closed = await Process(shared).slots.acquire(ACCOUNT, LIMITS)
        assert isinstance(closed, Closed) and closed.cause == "quota"

    run(scenario())


def test_a_process_alone_needs_one_request_per_change() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        await process.start(1)
        requests = shared.requests
        assert await process.slots.closed(ACCOUNT, LIMITS) is None
        assert await process.start(5) == 5
        assert shared.requests == requests + 5

    run(scenario())


def test_starts_and_openings_of_another_process_count_at_once() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        first, second, loop = Process(shared), Process(shared), asyncio.get_running_loop()
        starts = []
        for process in (first, second, first, first, second, second, first):
            slot = await process.slots.acquire(ACCOUNT, SHORT)
            assert isinstance(slot, Slot)
            starts.append(slot.start)
        span = SHORT.windows[0].seconds + MARGIN_S
        assert all(later - earlier >= span for earlier, later in zip(starts, starts[2:], strict=False))
        wait(SHORT.windows[0].seconds)
        quota = Classified(outcome="quota", retry_after_s=600.0)
        await second.slots.record(ACCOUNT, SHORT, None, quota)
        asked_at = loop.time()
        closed = await first.slots.acquire(ACCOUNT, SHORT)
        assert isinstance(closed, Closed) and closed.cause == "quota"
        assert loop.time() == asked_at

    run(scenario())


def test_a_state_that_was_stored_before_a_restart_is_not_trusted() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        first, loop = Process(shared), asyncio.get_running_loop()
        await first.start(1, SHORT)
        older = shared.copy()
        await Process(shared).start(1, SHORT)
        shared.restart(older)  # without the start of the other process, as the first one knows it
        restarted_at = loop.time()
        await first.start(1, SHORT)
        assert loop.time() >= restarted_at + SHORT.windows[0].seconds + MARGIN_S

    run(scenario())


HIT = Classified(outcome="hit")
BUSY = Classified(outcome="busy")


async def answer(process: Process, classified: Classified, limits: Limits = LIMITS) -> Closed | None:
    """Take a start and record the outcome of its request."""
    slot = await process.slots.acquire(ACCOUNT, limits)
    assert isinstance(slot, Slot)
    return await process.slots.record(ACCOUNT, limits, slot, classified)


async def counts(shared: FlakyStore) -> tuple[int, int]:
    """Return the successes and failures in the shared store."""
    breaker = (await shared.get(ACCOUNT)).state.breakers.get(LIMITS.operation, Breaker())
    return breaker.successes, breaker.failures


def test_an_answer_is_counted_with_the_next_start() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        await process.start(1)
        requests = shared.requests
        for _ in range(3):
            assert await answer(process, HIT) is None
        assert shared.requests == requests + 3
        assert await counts(shared) == (2, 0)
        await process.accounts.merge_outages()
        await process.accounts.merge_outages()
        assert await counts(shared) == (3, 0)

    run(scenario())


def test_a_failure_counts_at_once_with_the_answers_before() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        for _ in range(6):
            await answer(process, HIT)
        for _ in range(5):
            assert await answer(process, BUSY) is None  # fewer than half have failed
        assert await counts(shared) == (6, 5)
        closed = await answer(process, BUSY)
        assert closed is not None and closed.cause == "failures"

    run(scenario())


def test_the_outcome_of_a_probe_is_stored_at_once() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        first, second = Process(shared), Process(shared)
        await answer(first, Classified(outcome="quota", retry_after_s=10.0))
        wait(10.0)
        assert await answer(second, HIT) is None
        assert (await shared.get(ACCOUNT)).state.breakers[LIMITS.operation] == Breaker()

    run(scenario())


def test_answers_are_counted_while_redis_is_away() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        process = Process(shared)
        for _ in range(6):
            await answer(process, HIT, SHORT)
        shared.is_away = True
        for _ in range(5):
            assert await answer(process, BUSY, SHORT) is None
        closed = await answer(process, BUSY, SHORT)
        assert closed is not None and closed.cause == "failures"

    run(scenario())


def test_an_opening_that_another_process_has_ended_is_over_at_once() -> None:
    async def scenario() -> None:
        shared = FlakyStore()
        first, second, third = Process(shared), Process(shared), Process(shared)
        await answer(first, Classified(outcome="quota", retry_after_s=10.0))
        wait(10.0)
        slot = await second.slots.acquire(ACCOUNT, LIMITS)  # the probe
        assert isinstance(slot, Slot) and slot.is_probe
        for process in (first, third):
            assert isinstance(await process.slots.acquire(ACCOUNT, LIMITS), Closed)
        await second.slots.record(ACCOUNT, LIMITS, slot, HIT)
        assert await first.slots.closed(ACCOUNT, LIMITS) is None
        assert isinstance(await third.slots.acquire(ACCOUNT, LIMITS), Slot)

    run(scenario())
