"""Contract of every store of states: the same tests for the store in Redis and the one in memory."""

import asyncio
import json
from functools import partial

from songnodes.shared_state.store import Form, ReplacingStore, StateStore, update

FORM: Form[list[int]] = Form([], json.dumps, json.loads)
WRITERS = 4
UPDATES = 10


def _append(number: int, state: list[int], now: float) -> tuple[list[int], None]:
    return [*state, number], None


async def check_contract(store: ReplacingStore[list[int]], second_client: ReplacingStore[list[int]]) -> None:
    """Check a store through two clients of it; the names used here must be new."""
    await _check_compare_and_set(store, second_client)
    await _check_replace(store, second_client)
    await _check_that_no_update_is_lost(store, second_client)
    await _check_that_a_rule_may_leave_the_state(store)


async def _check_compare_and_set(store: StateStore[list[int]], second_client: StateStore[list[int]]) -> None:
    first = await store.get("a")
    assert (first.state, first.text) == ([], "")
    assert await second_client.compare_and_set("a", await second_client.get("a"), [1])
    assert not await store.compare_and_set("a", first, [2])
    second = await store.get("a")
    assert second.state == [1] and second.now >= first.now
    assert await store.compare_and_set("a", second, [])
    assert not await store.compare_and_set("a", first, [2])  # empty is not absent
    assert (await store.get("b")).text == ""


async def _check_replace(store: ReplacingStore[list[int]], second_client: ReplacingStore[list[int]]) -> None:
    absent = await store.get("c")
    is_stored, first = await store.replace("c", absent, [1])
    assert is_stored and first == (await store.get("c"))._replace(now=first.now)
    assert first.now >= absent.now
    is_stored, current = await second_client.replace("c", absent, [2])
    assert not is_stored and current.state == [1] and current.text == first.text
    is_stored, second = await second_client.replace("c", current, [1, 2])
    assert is_stored and (await store.get("c")).state == second.state == [1, 2]
    is_stored, current = await store.replace("c", second._replace(run="another"), [3])
    assert not is_stored and current == second._replace(now=current.now)


async def _check_that_no_update_is_lost(
    store: StateStore[list[int]], second_client: StateStore[list[int]]
) -> None:
    async def write(client: StateStore[list[int]], writer: int) -> None:
        for number in range(UPDATES):
            await update(client, "log", partial(_append, writer * UPDATES + number))

    await asyncio.gather(*(write((store, second_client)[writer % 2], writer) for writer in range(WRITERS)))
    assert sorted((await store.get("log")).state) == list(range(WRITERS * UPDATES))


async def _check_that_a_rule_may_leave_the_state(store: StateStore[list[int]]) -> None:
    before = await store.get("log")
    assert await update(store, "log", lambda state, now: (None, len(state))) == WRITERS * UPDATES
    assert (await store.get("log")).text == before.text
