"""Spare budgets: rechecks use a budget only while less than half of it is used."""

from enrichment.gateway import account
from enrichment.gateway.account import ACCOUNT_FORM, AccountState
from enrichment.gateway.terms import Terms
from enrichment.providers import ALL
from enrichment.types import Call, ProviderAccess, Window
from enrichment.worker import spare_budgets
from enrichment.worker.spare_budgets import SpareBudgets
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.in_memory_store import InMemoryStateStore
from songnodes.shared_state.store import Stored

NOW = 1_800_000_000.0
BUDGET = 200
CALL = Call(provider="beatport", operation="search", parameters={"artist": "a", "title": "b"})
OTHER = Call(provider="deezer", operation="search", parameters={"artist": "a", "title": "b"})


def terms(name: str, *windows: Window) -> Terms:
    return Terms(provider=ALL[name], access=ProviderAccess(base_url="http://p.example"), windows=windows)


TERMS = {
    "beatport": terms("beatport", Window(starts=10, seconds=1.0), Window(starts=BUDGET, seconds=86_400.0)),
    "deezer": terms("deezer", Window(starts=1, seconds=5.0)),
}


async def used(number: int) -> InMemoryStateStore[AccountState]:
    """Return the store of an account of which so many starts are used."""
    store = InMemoryStateStore(ACCOUNT_FORM, lambda: NOW)
    name = TERMS["beatport"].account
    limits = TERMS["beatport"].limits(ALL["beatport"].operations["search"])
    stored = await store.get(name)
    starts = [(limits, NOW - 3600 + second) for second in range(number)]
    assert await store.compare_and_set(name, stored, account.add_starts(stored.state, starts))
    return store


async def test_half_of_a_budget_is_left_to_new_tracks() -> None:
    budgets = SpareBudgets(TERMS, await used(BUDGET // 2 - 3))
    assert [await budgets.admit(CALL) for _ in range(5)] == [True, True, True, False, False]
    assert not await SpareBudgets(TERMS, await used(BUDGET // 2)).admit(CALL)
    assert await SpareBudgets(TERMS, await used(0)).admit(CALL)


async def test_calls_under_way_count_after_the_next_reading() -> None:
    budgets = SpareBudgets(TERMS, await used(BUDGET // 2 - 2))
    assert await budgets.admit(CALL) and await budgets.admit(CALL)
    budgets._states.clear()  # read again: the starts of both are not reserved yet
    assert not await budgets.admit(CALL)
    budgets.end(CALL)
    budgets._states.clear()
    assert await budgets.admit(CALL)  # the other one was not sent


async def test_a_provider_without_a_budget_needs_no_state() -> None:
    class Away(InMemoryStateStore[AccountState]):
        async def get(self, name: str) -> Stored[AccountState]:
            raise RedisUnreachable("away")

    budgets = SpareBudgets(TERMS, Away(ACCOUNT_FORM, lambda: NOW))
    assert await budgets.admit(OTHER)
    assert not await budgets.admit(CALL)  # nobody knows what is used


def test_a_budget_is_a_window_longer_than_a_minute() -> None:
    windows = [Window(starts=1, seconds=60.0), Window(starts=1, seconds=3600.0)]
    assert spare_budgets.budgets_of(windows) == windows[1:]
