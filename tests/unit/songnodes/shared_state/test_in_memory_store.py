"""The store in memory keeps to the contract of the store in Redis."""

import time

from songnodes.shared_state.in_memory_store import InMemoryStateStore
from tests.support.state_store_contract import FORM, check_contract


async def test_the_store_in_memory_keeps_to_the_contract() -> None:
    store = InMemoryStateStore(FORM, time.time)
    await check_contract(store, store)
    assert await store.names() == ["a", "c", "log"]
