"""The store in Redis: the contract, and its errors."""

import time
from uuid import uuid4

import pytest

from songnodes.access import Access
from songnodes.errors import RedisUnreachable
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection
from tests.support.state_store_contract import FORM, check_contract


async def test_the_store_in_redis_keeps_to_the_contract(
    addresses: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(REDIS_URL=addresses.redis_url)
    prefix = f"songnodes:test:{uuid4().hex}"
    real_time = time.time
    monkeypatch.setattr(time, "time", lambda: real_time() + 3600)  # no clock but that of Redis
    async with connection(settings) as first, connection(settings) as second:
        store = RedisStateStore(first, prefix, FORM)
        await check_contract(store, RedisStateStore(second, prefix, FORM))
        assert await store.names() == ["a", "c", "log"]
        stored = await store.get("a")
        assert abs(stored.now - real_time()) < 60
        assert stored.run == (await first.info("server"))["run_id"]


async def test_a_redis_that_is_away_is_unreachable() -> None:
    settings = Settings(REDIS_URL="redis://127.0.0.1:1/0")
    async with connection(settings) as redis:
        with pytest.raises(RedisUnreachable):
            await RedisStateStore(redis, "songnodes:test", FORM).get("a")
