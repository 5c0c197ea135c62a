"""State of hosts, shared by all processes through Redis with compare-and-set."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Self, TypeVar

from redis.asyncio import Redis

from producers.fetch.rules import Flight, Host
from songnodes.settings import Settings
from songnodes.shared_state.redis_store import RedisStateStore, connection, translate_redis_errors
from songnodes.shared_state.store import Form, StateStore, Stored, update

Result = TypeVar("Result")
StoredHost = Stored[Host]
HostStateStore = StateStore[Host]


async def update_host(store: HostStateStore, name: str, rule: Callable[[Host, float], Result]) -> Result:
    """Apply `rule` to a host and the time, retrying while other processes write first; return its result.

    A result that is no Host leaves the store unchanged.
    """

    def next_state(host: Host, now: float) -> tuple[Host | None, Result]:
        result = rule(host, now)
        return result if isinstance(result, Host) else None, result

    return await update(store, name, next_state)


def to_json(host: Host) -> str:
    """Serialise a host."""
    return json.dumps(asdict(host), separators=(",", ":"), sort_keys=True)


def from_json(text: str) -> Host:
    """Parse the output of `to_json`."""
    values = json.loads(text)
    values["spent"] = {int(hour): count for hour, count in values["spent"].items()}
    values["flight"] = Flight(**values["flight"]) if values["flight"] else None
    return Host(**values)


HOST_FORM = Form(Host(), to_json, from_json)


class RedisHostStore(RedisStateStore[Host]):
    """Hosts, and texts about them such as robots.txt, in Redis: one key each."""

    def __init__(self, redis: Redis, key_prefix: str) -> None:
        super().__init__(redis, f"{key_prefix}:host", HOST_FORM)
        self._prefix = key_prefix

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Open a store whose connections are established when first used."""
        async with connection(settings) as redis:
            yield cls(redis, _key_prefix(settings))

    async def get_text(self, kind: str, name: str) -> str | None:
        """Return a text about a host, or None. Raises RedisUnreachable."""
        with translate_redis_errors():
            text = await self._redis.get(f"{self._prefix}:{kind}:{name}")
        return text if text is None else str(text)

    async def put_text(self, kind: str, name: str, text: str, seconds: float) -> None:
        """Store a text about a host for `seconds`. Raises RedisUnreachable."""
        with translate_redis_errors():
            await self._redis.set(f"{self._prefix}:{kind}:{name}", text, px=max(int(seconds * 1000), 1))


def _key_prefix(settings: Settings) -> str:
    """Return the prefix of all keys.

    Real sites see all pipelines on one Redis as one client, so these share their state; simulated sites
    belong to a namespace.
    """
    return f"songnodes:fetch:simulated:{settings.namespace}" if settings.sites else "songnodes:fetch"
