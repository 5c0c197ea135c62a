"""Leases in Redis: one owner at a time, released and renewed by it only, and ended with their time."""

import asyncio
from uuid import uuid4

import pytest

from enrichment.gateway import flights
from enrichment.gateway.flights import RedisLeases
from songnodes.access import Access
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import connection


async def test_a_lease_has_one_owner(addresses: Access, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = f"songnodes:test:{uuid4().hex}"
    async with connection(Settings(REDIS_URL=addresses.redis_url)) as redis:
        first, second = RedisLeases(redis, prefix), RedisLeases(redis, prefix)
        assert await first.acquire(["a", "b"]) == {"a", "b"}
        assert await second.acquire(["b", "c"]) == {"c"}
        await second.release(["a", "b"])
        await second.renew(["b"])
        assert await first.acquire(["a", "b", "c"]) == {"a", "b"}
        await first.release(["b"])
        assert await second.acquire(["a", "b"]) == {"b"}
        assert 0 < await redis.pttl(f"{prefix}:flight:b") <= flights.LEASE_S * 1000
        monkeypatch.setattr(flights, "LEASE_S", 0.01)
        await first.renew(["a"])
        while await second.acquire(["a"]) != {"a"}:  # the owner was killed
            await asyncio.sleep(0.01)
