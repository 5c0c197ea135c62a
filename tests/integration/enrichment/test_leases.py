"""Leases in Redis: one owner at a time, released and renewed by it only, and ended with their time."""

import asyncio
from uuid import uuid4

import pytest

from enrichment.gateway import flights
from enrichment.gateway.cache import RedisAnswerCache
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.flights import RedisLeases
from songnodes.access import Access
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import connection

ENTRY = Entry(status=200, headers={}, body=b"{}", latency_ms=1, received=0.0, outcome="hit", fresh_until=60.0)


async def test_a_lease_has_one_owner(addresses: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = f"songnodes:test:{uuid4().hex}"
    async with connection(Settings(REDIS_URL=addresses.redis_url), decode=False) as redis:
        first, second = RedisLeases(redis, prefix), RedisLeases(redis, prefix)
        assert await first.acquire(["a", "b"]) == (frozenset({"a", "b"}), {})
        assert await second.acquire(["b", "c"]) == (frozenset({"c"}), {})
        await second.release(["a", "b"], {})
        await second.renew(["b"])
        assert await first.acquire(["a", "b", "c"]) == (frozenset({"a", "b"}), {})
        await first.release(["b"], {})
        assert await second.acquire(["a", "b"]) == (frozenset({"b"}), {})
        assert 0 < await redis.pttl(f"{prefix}:flight:b") <= flights.LEASE_S * 1000
        monkeypatch.setattr(flights, "LEASE_S", 0.01)
        await first.renew(["a"])
        while await second.acquire(["a"]) != (frozenset({"a"}), {}):  # the owner was killed
            await asyncio.sleep(0.01)


async def test_the_answers_of_a_flight_are_stored_when_its_lease_ends(addresses: Access) -> None:
    prefix = f"songnodes:test:{uuid4().hex}"
    async with connection(Settings(REDIS_URL=addresses.redis_url), decode=False) as redis:
        first, second = RedisLeases(redis, prefix), RedisLeases(redis, prefix)
        await first.acquire(["a", "b", "c"])
        await first.release(["a", "b"], {"b": (ENTRY, 60.0), "d": (ENTRY, 0.0001)})
        assert await second.acquire(["a", "b", "c"]) == (frozenset({"a", "b"}), {"b": ENTRY})
        cache = RedisAnswerCache(redis, prefix)
        assert await cache.get("b") == ENTRY
        assert 0 < await redis.pttl(f"{prefix}:answer:b") <= 60_000
        await second.release(["a", "b"], {})
        assert await cache.get("b") == ENTRY
