"""States in Redis: one key each, its time the clock of all processes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from typing import Generic

from redis.asyncio import BlockingConnectionPool, Redis
from redis.exceptions import RedisError

from songnodes.errors import RedisUnreachable
from songnodes.redis_client import options
from songnodes.settings import Settings
from songnodes.shared_state.store import Form, State, Stored

REDIS_TIMEOUT_S = 5.0  # for one response of Redis, and for a connection that is free
MAX_CONNECTIONS = 32  # of one client; further requests wait


@asynccontextmanager
async def connection(settings: Settings, *, decode: bool = True) -> AsyncIterator[Redis]:
    """Open a client whose connections are established when first used; texts where `decode`, else bytes."""
    url = settings.require("redis_url").redis_url
    pool = BlockingConnectionPool.from_url(
        url,
        **options(settings),
        max_connections=MAX_CONNECTIONS,
        timeout=REDIS_TIMEOUT_S,
        decode_responses=decode,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
    )
    redis = Redis.from_pool(pool)
    try:
        yield redis
    finally:
        await redis.aclose()


class RedisStateStore(Generic[State]):
    """States by name under one prefix of keys. `redis` is a client that decodes responses."""

    def __init__(self, redis: Redis, key_prefix: str, form: Form[State]) -> None:
        self._redis = redis
        self._start = f"{key_prefix}:"
        self._form = form
        self._get = redis.register_script(script_text("get"))
        self._compare_and_set = redis.register_script(script_text("compare_and_set"))
        self._replace = redis.register_script(script_text("replace"))

    async def get(self, name: str) -> Stored[State]:
        """Return the current state of a name. Raises RedisUnreachable."""
        with translate_redis_errors():
            micros, text, run = await self._get(keys=[self._start + name])
        return Stored(micros / 1e6, self._form.read(text), text, run)

    async def compare_and_set(self, name: str, expected: Stored[State], new: State) -> bool:
        """Store `new` and return True, unless the state changed since it was read.

        Raises RedisUnreachable.
        """
        with translate_redis_errors():
            return bool(
                await self._compare_and_set(
                    keys=[self._start + name], args=[expected.text, self._form.dump(new)]
                )
            )

    async def replace(self, name: str, expected: Stored[State], new: State) -> tuple[bool, Stored[State]]:
        """Store `new` unless the state, or the run of the server, is another one than `expected`.

        Return True if it is stored, and the current state with the time. Raises RedisUnreachable.
        """
        text = self._form.dump(new)
        with translate_redis_errors():
            is_stored, micros, current, run = await self._replace(
                keys=[self._start + name], args=[expected.text, text, expected.run]
            )
        if is_stored:
            return True, Stored(micros / 1e6, new, text, expected.run)
        return False, Stored(micros / 1e6, self._form.read(current), current, run)

    async def names(self) -> list[str]:
        """Return the names with a stored state, sorted. Raises RedisUnreachable."""
        with translate_redis_errors():
            keys = [key async for key in self._redis.scan_iter(match=f"{self._start}*")]
        return sorted(key.removeprefix(self._start) for key in keys)


#: In the RuntimeError of uvloop for a write to a closed connection, where asyncio raises an OSError.
CLOSED_TRANSPORT = "handler is closed"


@contextmanager
def translate_redis_errors() -> Iterator[None]:
    """Raise RedisUnreachable for an error of the client or of its connection."""
    try:
        yield
    except (RedisError, OSError) as error:
        raise RedisUnreachable(str(error) or type(error).__name__) from error
    except RuntimeError as error:
        if CLOSED_TRANSPORT not in str(error):
            raise
        raise RedisUnreachable(str(error)) from error


def script_text(name: str) -> str:
    """Return a script of this package."""
    return files("songnodes.shared_state").joinpath("lua", f"{name}.lua").read_text()
