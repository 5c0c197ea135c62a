"""Single flight across processes: a lease per call in Redis while its request is under way.

The owner of the lease stores a cacheable answer before it releases the lease. Others wait for it, and send a
request of their own if there is none then, or after FLIGHT_WAIT_S. The lease of a process that was killed
ends after LEASE_S. Without Redis every process sends its requests.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import uuid4

from redis.asyncio import Redis

from enrichment.gateway.question import Answered
from enrichment.types import Call
from songnodes import logs
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.redis_store import script_text, translate_redis_errors

LEASE_S = 15.0
RENEWAL_INTERVAL_S = 5.0
FLIGHT_WAIT_S = 60.0
FIRST_POLL_S, MAX_POLL_S = 0.02, 0.5

Answers = dict[str, Answered]
"""Answers by `Call.key`."""

log = logs.get(__name__)


class Leases(Protocol):
    """Leases by key, each of one owner."""

    async def acquire(self, keys: Sequence[str]) -> frozenset[str]:
        """Return the keys whose lease is this owner's now. Raises RedisUnreachable."""
        ...

    async def renew(self, keys: Sequence[str]) -> None:
        """Extend leases of this owner. Raises RedisUnreachable."""
        ...

    async def release(self, keys: Sequence[str]) -> None:
        """End leases of this owner. Raises RedisUnreachable."""
        ...


class RedisLeases:
    """Leases in Redis under one prefix of keys."""

    def __init__(self, redis: Redis, key_prefix: str) -> None:
        self._redis = redis
        self._start = f"{key_prefix}:flight:"
        self._owner = uuid4().hex
        self._set_lease = redis.register_script(script_text("set_lease"))

    async def acquire(self, keys: Sequence[str]) -> frozenset[str]:
        """Return the keys whose lease is this owner's now. Raises RedisUnreachable."""
        owned = await self._set(keys, LEASE_S)
        return frozenset(key for key, is_own in zip(keys, owned, strict=True) if is_own)

    async def renew(self, keys: Sequence[str]) -> None:
        """Extend leases of this owner. Raises RedisUnreachable."""
        await self._set(keys, LEASE_S)

    async def release(self, keys: Sequence[str]) -> None:
        """End leases of this owner. Raises RedisUnreachable."""
        await self._set(keys, 0.0)

    async def _set(self, keys: Sequence[str], seconds: float) -> list[int]:
        with translate_redis_errors():
            names = [self._start + key for key in keys]
            result: list[int] = await self._set_lease(keys=names, args=[self._owner, int(seconds * 1000)])
        return result


class SharedFlights:
    """Fetches calls that no other process fetches, and waits for the answers of the others."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases

    async def fetch(
        self,
        calls: Sequence[Call],
        look_up: Callable[[Sequence[Call]], Awaitable[Answers]],
        fetch: Callable[[Sequence[Call]], Awaitable[Answers]],
    ) -> Answers:
        """Return the answers of calls. `look_up` returns fresh ones of the cache, `fetch` sends requests."""
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + FLIGHT_WAIT_S, FIRST_POLL_S
        answers: Answers = {}
        try:
            while left := [call for call in calls if call.key not in answers]:
                owned = await self._leases.acquire([call.key for call in left])
                async with self._released(owned):
                    answers |= await look_up(left)  # the previous owner may have stored it before it released
                    own = [call for call in left if call.key in owned and call.key not in answers]
                    if own:
                        answers |= await fetch(own)
                if all(call.key in answers for call in left):
                    continue
                if loop.time() >= deadline:
                    break
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, MAX_POLL_S)
        except RedisUnreachable as error:
            log.warning("leases_unreachable", error=str(error))
        if left := [call for call in calls if call.key not in answers]:
            answers |= await fetch(left)
        return answers

    @asynccontextmanager
    async def _released(self, keys: frozenset[str]) -> AsyncIterator[None]:
        """Renew leases meanwhile, and release them at the end."""
        if not keys:
            yield
            return
        renewal = asyncio.create_task(self._renew(sorted(keys)))
        try:
            yield
        finally:
            renewal.cancel()
            with contextlib.suppress(RedisUnreachable):  # they end by themselves
                await asyncio.shield(self._leases.release(sorted(keys)))

    async def _renew(self, keys: Sequence[str]) -> None:
        while True:
            await asyncio.sleep(RENEWAL_INTERVAL_S)
            with contextlib.suppress(RedisUnreachable):
                await self._leases.renew(keys)
