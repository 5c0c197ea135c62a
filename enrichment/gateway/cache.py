"""Cache of answers in Redis: one key per call. Lookups of the same moment are one request to Redis."""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from redis.asyncio import Redis

from enrichment.gateway import cache_rules
from enrichment.gateway.cache_rules import Entry
from songnodes.errors import RedisUnreachable
from songnodes.shared_state.redis_store import translate_redis_errors

MAX_KEYS_PER_REQUEST = 256
#: Between the prefix of all keys and `Call.key`.
ANSWERS = ":answer:"


class AnswerCache(Protocol):
    """Stores entries by `Call.key`."""

    async def get(self, key: str) -> Entry | None:
        """Return the entry of a call, stale ones too. Raises RedisUnreachable."""
        ...

    async def put(self, key: str, entry: Entry, seconds: float) -> None:
        """Store an entry for so long. Raises RedisUnreachable."""
        ...

    async def delete(self, keys: Iterable[str]) -> int:
        """Delete entries and return how many existed. Raises RedisUnreachable."""
        ...


class RedisAnswerCache:
    """Entries in Redis. `redis` is a client that returns bytes."""

    def __init__(self, redis: Redis, key_prefix: str) -> None:
        self._redis = redis
        self._start = f"{key_prefix}{ANSWERS}"
        self._waiting: dict[str, list[asyncio.Future[Entry | None]]] = {}
        self._reading: set[asyncio.Task[None]] = set()

    async def get(self, key: str) -> Entry | None:
        """Return the entry of a call, stale ones too. Raises RedisUnreachable."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._begin_read)
        future: asyncio.Future[Entry | None] = loop.create_future()
        self._waiting.setdefault(key, []).append(future)
        return await future

    async def put(self, key: str, entry: Entry, seconds: float) -> None:
        """Store an entry for so long. Raises RedisUnreachable."""
        if seconds > 0:
            with translate_redis_errors():
                await self._redis.set(
                    self._start + key, cache_rules.dump(entry), px=max(int(seconds * 1000), 1)
                )

    async def delete(self, keys: Iterable[str]) -> int:
        """Delete entries and return how many existed. Raises RedisUnreachable."""
        names = [self._start + key for key in keys]
        deleted = 0
        for begin in range(0, len(names), MAX_KEYS_PER_REQUEST):
            with translate_redis_errors():
                deleted += int(await self._redis.delete(*names[begin : begin + MAX_KEYS_PER_REQUEST]))
        return deleted

    def _begin_read(self) -> None:
        waiting, self._waiting = self._waiting, {}
        keys = list(waiting)
        for begin in range(0, len(keys), MAX_KEYS_PER_REQUEST):
            part = {key: waiting[key] for key in keys[begin : begin + MAX_KEYS_PER_REQUEST]}
            task = asyncio.ensure_future(self._read(part))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)

    async def _read(self, waiting: dict[str, list[asyncio.Future[Entry | None]]]) -> None:
        try:
            with translate_redis_errors():
                values = await self._redis.mget([self._start + key for key in waiting])
        except BaseException as error:
            reason = error if isinstance(error, RedisUnreachable) else RedisUnreachable("lookup cancelled")
            for future in _open_futures(waiting):
                future.set_exception(reason)
            if not isinstance(error, RedisUnreachable):
                raise
            return
        for futures, value in zip(waiting.values(), values, strict=True):
            entry = cache_rules.load(value) if isinstance(value, bytes) else None
            for future in futures:
                if not future.done():
                    future.set_result(entry)


class InMemoryAnswerCache:
    """Entries of this process; for tests and for calls without Redis. `now` returns seconds since 1970."""

    def __init__(self) -> None:
        self._entries: dict[str, bytes] = {}

    async def get(self, key: str) -> Entry | None:
        """Return the entry of a call, stale ones too."""
        stored = self._entries.get(key)
        return None if stored is None else cache_rules.load(stored)

    async def put(self, key: str, entry: Entry, seconds: float) -> None:
        """Store an entry; how long is up to the reader."""
        if seconds > 0:
            self._entries[key] = cache_rules.dump(entry)

    async def delete(self, keys: Iterable[str]) -> int:
        """Delete entries and return how many existed."""
        return sum(self._entries.pop(key, None) is not None for key in list(keys))


def _open_futures(
    waiting: dict[str, list[asyncio.Future[Entry | None]]],
) -> Iterable[asyncio.Future[Entry | None]]:
    return (future for futures in waiting.values() for future in futures if not future.done())
