"""Starts of the requests of one process: one is reserved while earlier ones are waited for."""

import asyncio
import time
from dataclasses import replace

import pytest

from enrichment.gateway.account import ACCOUNT_FORM, AccountState, Limits, Slot
from enrichment.gateway.account_store import AccountStore
from enrichment.gateway.slots import SlotBook
from enrichment.types import Window
from songnodes.shared_state.in_memory_store import InMemoryStateStore
from songnodes.shared_state.store import Stored

#: The second start is 45 ms after the first one, so near that it is reserved at once.
LIMITS = Limits(operation="search", windows=(Window(starts=1, seconds=0.03),), all_windows=(), timeout_s=10.0)


class CountingStore(InMemoryStateStore[AccountState]):
    """A store that counts how often a state was replaced."""

    replaced = 0

    async def replace(
        self, name: str, expected: Stored[AccountState], new: AccountState
    ) -> tuple[bool, Stored[AccountState]]:
        """Store a state that was expected."""
        self.replaced += 1
        return await super().replace(name, expected, new)


def test_a_start_is_reserved_while_an_earlier_one_is_waited_for() -> None:
    async def starts() -> tuple[list[int], list[float]]:
        store = CountingStore(ACCOUNT_FORM, time.time)
        book = SlotBook(AccountStore(store, lambda: 1), max_wait_s=60.0)
        reserved_at_start, started = [], []

        async def acquire() -> None:
            slot = await book.acquire("local|1", LIMITS)
            assert isinstance(slot, Slot)
            reserved_at_start.append(store.replaced)
            started.append(slot.start)

        async with asyncio.TaskGroup() as group:
            for _ in range(3):
                group.create_task(acquire())
        return reserved_at_start, started

    reserved_at_start, started = asyncio.run(starts())
    # One change of the state per reservation: the third task reserved before the second one started.
    assert reserved_at_start[1] >= 3
    assert started == sorted(started)


@pytest.mark.parametrize(("lateness_s", "is_moved"), [(0.005, True), (60.0, False)])
def test_a_start_missed_by_more_than_the_lateness_is_moved(lateness_s: float, is_moved: bool) -> None:
    async def acquire() -> int:
        store = CountingStore(ACCOUNT_FORM, time.time)
        book = SlotBook(AccountStore(store, lambda: 1), max_wait_s=60.0)
        limits = replace(LIMITS, windows=(), lateness_s=lateness_s)
        waiting = asyncio.create_task(book.acquire("local|1", limits))
        while not store.replaced:
            await asyncio.sleep(0)
        time.sleep(0.1)  # the loop is busy when the start comes
        await waiting
        return store.replaced

    assert (asyncio.run(acquire()) > 1) == is_moved
