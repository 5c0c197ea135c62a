"""What is remembered of hosts, shared by all processes: looked at, and swapped if nobody was faster.

The rules stand once, in Python (`rules`); Redis gives the one clock and an atomic swap. A process that is
killed between the two leaves nothing behind.
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

from producers.fetch.refusals import GateDown
from producers.fetch.rules import Flight, Host
from songnodes.settings import Settings

TIMEOUT = 5.0  # seconds for one answer of Redis
COLLIDED = 0.01  # seconds at most until another try
Answer = TypeVar("Answer")


class Seen(NamedTuple):
    """The time of the look, the host, and the stored form that a swap must still find."""

    now: float
    host: Host
    stored: str


class Memory(Protocol):
    """Where hosts are remembered."""

    async def look(self, name: str) -> Seen:
        """What is known now. Raises GateDown."""
        ...

    async def swap(self, name: str, seen: Seen, new: Host) -> bool:
        """Remember `new`, if nothing changed since the look. Raises GateDown."""
        ...


async def change(memory: Memory, name: str, rule: Callable[[Host, float], Answer]) -> Answer:
    """Apply a rule of (host, now) to a host, again for as long as others are faster; what it gave.

    A rule that gives no host changes nothing.
    """
    while True:
        seen = await memory.look(name)
        answer = rule(seen.host, seen.now)
        if not isinstance(answer, Host) or await memory.swap(name, seen, answer):
            return answer
        await asyncio.sleep(random.uniform(0, COLLIDED))  # noqa: S311


class RedisMemory:
    """Hosts and texts about them in Redis, one key each."""

    def __init__(self, redis: Redis, prefix: str) -> None:
        self._redis = redis
        self._prefix = prefix
        self._look = redis.register_script(_lua("look"))
        self._swap = redis.register_script(_lua("swap"))

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator[Self]:
        """Over connections that are made when they are needed."""
        url = settings.require("redis_url").redis_url
        redis = Redis.from_url(
            url, decode_responses=True, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        )
        try:
            yield cls(redis, prefix(settings))
        finally:
            await redis.aclose()

    async def look(self, name: str) -> Seen:
        """What is known now. Raises GateDown."""
        with _answering():
            micros, stored = await self._look(keys=[self._key(name)])
        return Seen(micros / 1e6, read(stored) if stored else Host(), stored or "")

    async def swap(self, name: str, seen: Seen, new: Host) -> bool:
        """Remember `new`, if nothing changed since the look. Raises GateDown."""
        with _answering():
            return bool(await self._swap(keys=[self._key(name)], args=[seen.stored, written(new)]))

    async def names(self) -> list[str]:
        """The hosts that anything is known of, sorted. Raises GateDown."""
        start = self._key("")
        with _answering():
            found = [key async for key in self._redis.scan_iter(match=f"{start}*")]
        return sorted(key.removeprefix(start) for key in found)

    async def text(self, kind: str, name: str) -> str | None:
        """A text about a host. Raises GateDown."""
        with _answering():
            found = await self._redis.get(f"{self._prefix}:{kind}:{name}")
        return found if found is None else str(found)

    async def keep(self, kind: str, name: str, text: str, seconds: float) -> None:
        """Keep a text about a host for so long. Raises GateDown."""
        with _answering():
            await self._redis.set(f"{self._prefix}:{kind}:{name}", text, px=max(int(seconds * 1000), 1))

    def _key(self, name: str) -> str:
        return f"{self._prefix}:host:{name}"


def prefix(settings: Settings) -> str:
    """What keys begin with. All pipelines on one Redis are one visitor to the real sites, so they share what
    is known of these; simulated sites belong to a namespace."""
    return f"songnodes:fetch:simulated:{settings.namespace}" if settings.sites else "songnodes:fetch"


def written(host: Host) -> str:
    """A host as text."""
    return json.dumps(asdict(host), separators=(",", ":"), sort_keys=True)


def read(text: str) -> Host:
    """The host from what `written` gave."""
    values = json.loads(text)
    values["spent"] = {int(hour): count for hour, count in values["spent"].items()}
    values["flight"] = Flight(**values["flight"]) if values["flight"] else None
    return Host(**values)


@contextmanager
def _answering() -> Iterator[None]:
    try:
        yield
    except (RedisError, OSError) as error:
        raise GateDown(str(error) or type(error).__name__) from error


def _lua(name: str) -> str:
    return files("producers.fetch").joinpath("lua", f"{name}.lua").read_text()
