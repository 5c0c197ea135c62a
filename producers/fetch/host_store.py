"""State of hosts, shared by all processes through Redis with compare-and-set.

The rules exist once, in Python (`rules`); Redis provides the one clock and an atomic compare-and-set. A
process killed between reading and writing leaves nothing behind.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict
from importlib.resources import files
from typing import NamedTuple, Protocol, Self, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from producers.fetch.rules import Flight, Host
from songnodes.errors import RedisUnreachable
from songnodes.redis_client import options
from songnodes.settings import Settings

REDIS_TIMEOUT_S = 5.0  # for one response of Redis
MAX_RETRY_DELAY_S = 0.01  # wait after a collision, chosen at random up to this
Result = TypeVar("Result")


class StoredHost(NamedTuple):
    """The time of reading, the host, and its stored form, which `compare_and_set` compares."""

    now: float
    host: Host
    stored: str


class HostStateStore(Protocol):
    """Stores the state of hosts."""

    async def get(self, name: str) -> StoredHost:
        """Return the current state of a host. Raises RedisUnreachable."""
        ...

    async def compare_and_set(self, name: str, expected: StoredHost, new: Host) -> bool:
        """Store `new` and return True, unless the host changed since it was read. Raises RedisUnreachable."""
        ...


async def update_host(store: HostStateStore, name: str, rule: Callable[[Host, float], Result]) -> Result:
    """Apply `rule` to a host and the time, retrying while other processes write first; return its result.

    A result that is no Host leaves the store unchanged.
    """
    while True:
        stored_host = await store.get(name)
        result = rule(stored_host.host, stored_host.now)
        if not isinstance(result, Host) or await store.compare_and_set(name, stored_host, result):
            return result
        await asyncio.sleep(random.uniform(0, MAX_RETRY_DELAY_S))  # noqa: S311


class RedisHostStore:
    """Hosts, and texts about them such as robots.txt, in Redis: one key each."""

    def __init__(self, redis: Redis, key_prefix: str) -> None:
        self._redis = redis
        self._prefix = key_prefix
        self._get = redis.register_script(_lua("get"))
        self._compare_and_set = redis.register_script(_lua("compare_and_set"))

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Open a store whose connections are established when first used."""
        url = settings.require("redis_url").redis_url
        redis = Redis.from_url(
            url,
            **options(settings),
            decode_responses=True,
            socket_timeout=REDIS_TIMEOUT_S,
            socket_connect_timeout=REDIS_TIMEOUT_S,
        )
        try:
            yield cls(redis, _key_prefix(settings))
        finally:
            await redis.aclose()

    async def get(self, name: str) -> StoredHost:
        """Return the current state of a host. Raises RedisUnreachable."""
        with _translate_redis_errors():
            micros, stored = await self._get(keys=[self._key(name)])
        return StoredHost(micros / 1e6, from_json(stored) if stored else Host(), stored or "")

    async def compare_and_set(self, name: str, expected: StoredHost, new: Host) -> bool:
        """Store `new` and return True, unless the host changed since it was read. Raises RedisUnreachable."""
        with _translate_redis_errors():
            return bool(
                await self._compare_and_set(keys=[self._key(name)], args=[expected.stored, to_json(new)])
            )

    async def names(self) -> list[str]:
        """Return the hosts with stored state, sorted. Raises RedisUnreachable."""
        start = self._key("")
        with _translate_redis_errors():
            keys = [key async for key in self._redis.scan_iter(match=f"{start}*")]
        return sorted(key.removeprefix(start) for key in keys)

    async def get_text(self, kind: str, name: str) -> str | None:
        """Return a text about a host, or None. Raises RedisUnreachable."""
        with _translate_redis_errors():
            text = await self._redis.get(f"{self._prefix}:{kind}:{name}")
        return text if text is None else str(text)

    async def put_text(self, kind: str, name: str, text: str, seconds: float) -> None:
        """Store a text about a host for `seconds`. Raises RedisUnreachable."""
        with _translate_redis_errors():
            await self._redis.set(f"{self._prefix}:{kind}:{name}", text, px=max(int(seconds * 1000), 1))

    def _key(self, name: str) -> str:
        return f"{self._prefix}:host:{name}"


def _key_prefix(settings: Settings) -> str:
    """Return the prefix of all keys.

    Real sites see all pipelines on one Redis as one client, so these share their state; simulated sites
    belong to a namespace.
    """
    return f"songnodes:fetch:simulated:{settings.namespace}" if settings.sites else "songnodes:fetch"


def to_json(host: Host) -> str:
    """Serialise a host."""
    return json.dumps(asdict(host), separators=(",", ":"), sort_keys=True)


def from_json(text: str) -> Host:
    """Parse the output of `to_json`."""
    values = json.loads(text)
    values["spent"] = {int(hour): count for hour, count in values["spent"].items()}
    values["flight"] = Flight(**values["flight"]) if values["flight"] else None
    return Host(**values)


@contextmanager
def _translate_redis_errors() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise RedisUnreachable(str(error) or type(error).__name__) from error


def _lua(name: str) -> str:
    return files("producers.fetch").joinpath("lua", f"{name}.lua").read_text()
