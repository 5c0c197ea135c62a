"""Withdrawal: a tombstone per answer, page by page, and no entry left in the cache."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from enrichment import withdrawal as module
from enrichment.gateway.cache import InMemoryAnswerCache
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.terms import Terms
from enrichment.types import ProviderAccess
from enrichment.withdrawal import Selection, Withdrawal
from tests.support.local_provider import LocalProvider, track_call

NOW = datetime(2026, 11, 29, tzinfo=UTC)
COUNT = 5


class Table:
    """Rows in the order of time and id, of which a query returns those after a position."""

    def __init__(self) -> None:
        self.arguments: list[tuple[object, ...]] = []
        self._rows = [
            {
                "track_id": f"t{number}" if number else "",
                "artist_id": None if number else "a",
                "id": UUID(int=number),
                "provider": "local",
                "operation": "track",
                "parameters": f'{{"id": "{number}"}}',
                "attempted_at": NOW - timedelta(days=COUNT - number // 2),
            }
            for number in range(COUNT)
        ]

    async def fetch(self, statement: str, *arguments: Any) -> Sequence[Mapping[str, Any]]:
        """Return the rows after the position in the first two arguments."""
        self.arguments.append(arguments[3:])
        after = (arguments[0], arguments[1])
        return [row for row in self._rows if (row["attempted_at"], row["id"]) > after][: arguments[2]]


class Tombstones:
    """Keeps the keys withdrawn."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    async def withdraw(self, keys: Sequence[str]) -> None:
        """Keep the keys."""
        self.keys += keys


async def cache_of_all() -> InMemoryAnswerCache:
    """Return a cache with all answers of the table, and another one."""
    cache = InMemoryAnswerCache()
    for number in range(COUNT + 1):
        entry = Entry(
            status=200, headers={}, body=b"", latency_ms=1, received=0.0, outcome="hit", fresh_until=1.0
        )
        await cache.put(track_call(str(number)).key, entry, 60.0)
    return cache


async def test_all_answers_of_a_selection_are_withdrawn_in_pages(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 2)
    table, tombstones, cache = Table(), Tombstones(), await cache_of_all()
    withdrawal = Withdrawal(table, tombstones, cache)  # type: ignore[arg-type]
    assert await withdrawal.withdraw(Selection(provider="local")) == COUNT
    of_tracks = [f"t{number}|{UUID(int=number)}" for number in range(1, COUNT)]
    assert tombstones.keys == [f"a|artist|{UUID(int=0)}", *of_tracks]
    assert [await cache.get(track_call(str(number)).key) for number in range(COUNT)] == [None] * COUNT
    assert await cache.get(track_call(str(COUNT)).key) is not None
    assert table.arguments[0] == ("local", None, None, None)


async def test_nothing_selected_withdraws_nothing() -> None:
    tombstones = Tombstones()
    withdrawal = Withdrawal(Table(), tombstones, InMemoryAnswerCache())  # type: ignore[arg-type]
    assert await withdrawal.withdraw(Selection()) == 0
    assert tombstones.keys == []


async def test_retention_applies_to_providers_that_have_one() -> None:
    table, tombstones = Table(), Tombstones()
    access = ProviderAccess(base_url="http://127.0.0.1:1")
    kept = Terms(provider=LocalProvider(), access=access, windows=())
    expiring = Terms(provider=LocalProvider(), access=access, windows=(), retention_s=86400.0)
    withdrawal = Withdrawal(table, tombstones, InMemoryAnswerCache())  # type: ignore[arg-type]
    result = await withdrawal.enforce_retention({"kept": kept, "expiring": expiring}, NOW)
    assert result == {"expiring": COUNT}
    assert table.arguments == [("expiring", NOW - timedelta(days=1))]
