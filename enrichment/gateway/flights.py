"""Single flight across processes: a lease per call in Redis while its request is under way.

The owner of the lease stores a cacheable answer when it releases the lease, in one request to Redis. Others
wait for it, and send a request of their own if there is none then, or after FLIGHT_WAIT_S. The lease of a
process that was killed ends after LEASE_S. Without Redis every process sends its requests.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol
from uuid import uuid4

from redis.asyncio import Redis

from enrichment.gateway import cache_rules
from enrichment.gateway.cache import ANSWERS
from enrichment.gateway.cache_rules import Entry
from enrichment.gateway.question import Answered
from enrichment.types import Call
from songnodes import logs
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.redis_store import script_text, translate_redis_errors

LEASE_S = 15.0
RENEWAL_INTERVAL_S = 5.0
MAX_KEYS_PER_RENEWAL = 256
FLIGHT_WAIT_S = 60.0
FIRST_POLL_S, MAX_POLL_S = 0.02, 0.5

Answers = dict[str, Answered]
"""Answers by `Call.key`."""

log = logs.get(__name__)


Entries = Mapping[str, tuple[Entry, float]]
"""Entries of the cache by `Call.key`, each with the seconds for which it is stored."""


class Leases(Protocol):
    """Leases by key, each of one owner."""

    async def acquire(self, keys: Sequence[str]) -> tuple[frozenset[str], Mapping[str, Entry]]:
        """Return the keys whose lease is this owner's now, and what the cache has of all keys then.

        Raises RedisUnreachable.
        """
        ...

    async def renew(self, keys: Sequence[str]) -> None:
        """Extend leases of this owner. Raises RedisUnreachable."""
        ...

    async def release(self, keys: Sequence[str], entries: Entries) -> None:
        """Store entries in the cache, then end leases of this owner. Raises RedisUnreachable."""
        ...


class RedisLeases:
    """Leases in Redis under one prefix of keys. `redis` is a client that returns bytes."""

    def __init__(self, redis: Redis, key_prefix: str) -> None:
        self._start = f"{key_prefix}:flight:"
        self._answers = f"{key_prefix}{ANSWERS}"
        self._owner = uuid4().hex
        self._acquire = redis.register_script(script_text("lease_and_get"))
        self._renew = redis.register_script(script_text("renew_lease"))
        self._release = redis.register_script(script_text("store_and_release"))

    async def acquire(self, keys: Sequence[str]) -> tuple[frozenset[str], Mapping[str, Entry]]:
        """Return the keys whose lease is this owner's now, and what the cache has of all keys then.

        Raises RedisUnreachable.
        """
        with translate_redis_errors():
            owned, values = await self._acquire(
                keys=[*self._leases(keys), *(self._answers + key for key in keys)],
                args=[self._owner, int(LEASE_S * 1000)],
            )
        entries = {key: cache_rules.load(value) for key, value in zip(keys, values, strict=True) if value}
        return (
            frozenset(key for key, is_own in zip(keys, owned, strict=True) if is_own),
            {key: entry for key, entry in entries.items() if entry is not None},
        )

    async def renew(self, keys: Sequence[str]) -> None:
        """Extend leases of this owner. Raises RedisUnreachable."""
        with translate_redis_errors():
            await self._renew(keys=self._leases(keys), args=[self._owner, int(LEASE_S * 1000)])

    async def release(self, keys: Sequence[str], entries: Entries) -> None:
        """Store entries in the cache, then end leases of this owner. Raises RedisUnreachable."""
        values: list[str | bytes | int] = [self._owner]
        for entry, seconds in entries.values():
            values += (cache_rules.dump(entry), max(int(seconds * 1000), 1))
        with translate_redis_errors():
            await self._release(
                keys=[*(self._answers + key for key in entries), *self._leases(keys)], args=values
            )

    def _leases(self, keys: Sequence[str]) -> list[str]:
        return [self._start + key for key in keys]


class Renewals:
    """Extends all leases that this process holds, in few requests: under a slow limit it holds hundreds."""

    def __init__(self, leases: Leases) -> None:
        self._leases = leases
        self._keys: set[str] = set()
        self._renewal: asyncio.Task[None] | None = None
        self._sending = asyncio.Lock()

    def begin(self, keys: frozenset[str]) -> None:
        """Renew these leases from now on."""
        self._keys |= keys
        if self._renewal is None or self._renewal.done():
            self._renewal = asyncio.get_running_loop().create_task(self._renew())

    async def end(self, keys: frozenset[str]) -> None:
        """Renew these leases no more. Return when none of them is in a request that is under way, which
        would set them again after their release.
        """
        self._keys -= keys
        async with self._sending:
            if not self._keys and self._renewal is not None:
                self._renewal.cancel()
                self._renewal = None

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL_INTERVAL_S)
            async with self._sending:
                keys = sorted(self._keys)
                for begin in range(0, len(keys), MAX_KEYS_PER_RENEWAL):
                    with contextlib.suppress(RedisUnreachable):
                        await self._leases.renew(keys[begin : begin + MAX_KEYS_PER_RENEWAL])


class SharedFlights:
    """Fetches calls that no other process fetches, and waits for the answers of the others.

    `store` stores entries while no lease can be had.
    """

    def __init__(self, leases: Leases, store: Callable[[Entries], Awaitable[None]]) -> None:
        self._leases = leases
        self._store = store
        self._renewals = Renewals(leases)

    async def fetch(
        self,
        calls: Sequence[Call],
        fresh: Callable[[Mapping[str, Entry]], Answers],
        fetch: Callable[[Sequence[Call]], Awaitable[tuple[Answers, Entries]]],
    ) -> Answers:
        """Return the answers of calls. `fresh` returns those of entries that are, `fetch` sends requests."""
        loop = asyncio.get_running_loop()
        deadline, pause_s = loop.time() + FLIGHT_WAIT_S, FIRST_POLL_S
        answers: Answers = {}
        try:
            while left := [call for call in calls if call.key not in answers]:
                owned, entries = await self._leases.acquire([call.key for call in left])
                async with self._released(owned) as stored:
                    answers |= fresh(entries)  # the previous owner stored them when it released its lease
                    own = [call for call in left if call.key in owned and call.key not in answers]
                    if own:
                        fetched, new = await fetch(own)
                        answers |= fetched
                        stored |= new
                if all(call.key in answers for call in left):
                    continue
                if loop.time() >= deadline:
                    break
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, MAX_POLL_S)
        except RedisUnreachable as error:
            log.warning("leases_unreachable", error=str(error))
        if left := [call for call in calls if call.key not in answers]:
            fetched, new = await fetch(left)
            answers |= fetched
            await self._store(new)
        return answers

    @asynccontextmanager
    async def _released(self, keys: frozenset[str]) -> AsyncIterator[dict[str, tuple[Entry, float]]]:
        """Renew leases meanwhile; at the end store the entries that the mapping has then, and release."""
        entries: dict[str, tuple[Entry, float]] = {}
        if not keys:
            yield entries
            return
        self._renewals.begin(keys)
        try:
            yield entries
        finally:
            try:
                await asyncio.shield(self._release(keys, entries))
            except RedisUnreachable as error:  # the leases end by themselves
                log.warning("leases_unreachable", error=str(error))

    async def _release(self, keys: frozenset[str], entries: Entries) -> None:
        await self._renewals.end(keys)
        await self._leases.release(sorted(keys), entries)
