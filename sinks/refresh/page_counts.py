"""Counts over whole tables that pages show: tracks by key, values by provider, quality by source.

A step of many seconds is not repeated with every pass over all rows: it takes a hundredth of the time.
"""

import time
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg

from sinks.database import query

_FILE = "refresh_page_counts"
MAX_TIME_SHARE: Final = 0.01
#: Seconds up to which a step is repeated with every pass.
SHORT_S: Final = 5.0

Count = Callable[[asyncpg.Connection], Awaitable[object]]


async def keys(connection: asyncpg.Connection) -> None:
    """Count the tracks of each genre by key, in the open transaction."""
    await connection.execute(query(_FILE, "keys"))


async def coverage(connection: asyncpg.Connection) -> None:
    """Store the rows of field_coverage, in the open transaction."""
    await connection.execute(query(_FILE, "forget_coverage"))
    await connection.execute(query(_FILE, "coverage"))


async def quality(connection: asyncpg.Connection) -> None:
    """Store the rows of source_quality, in the open transaction."""
    await connection.execute(query(_FILE, "forget_quality"))
    await connection.execute(query(_FILE, "quality"))


#: Steps in their order, as `songnodes status` names them.
STEPS: Final[tuple[tuple[str, Count], ...]] = (
    ("key_counts", keys),
    ("field_coverage", coverage),
    ("source_quality", quality),
)


class Rests:
    """Times until which steps rest after they took long."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._until: dict[str, float] = {}

    def is_due(self, step: str) -> bool:
        """Return True if the step may run again."""
        return self._now() >= self._until.get(step, 0.0)

    def took(self, step: str, seconds: float) -> None:
        """Let a step rest for as long as it should after these seconds."""
        rest_s = seconds / MAX_TIME_SHARE if seconds > SHORT_S else 0.0
        self._until[step] = self._now() + rest_s
