"""Refresh that takes the queue to its end, unless it kills itself (SIGKILL) before a statement by number.

python -m tests.support.killed_refresh DAY NUMBER    # 0: never
"""

import asyncio
import os
import signal
import sys
from datetime import date
from typing import Any

from sinks.main import connected
from sinks.refresh import command
from sinks.refresh.refresher import Refresher
from songnodes.settings import Settings

STATEMENTS = ("execute", "fetch", "fetchrow", "fetchval")


class Mortal:
    """A connection whose statements are counted; `die` is called before the one with this number, from 1."""

    def __init__(self, connection: Any, number: int, die: Any) -> None:
        self.connection = connection
        self.left = number
        self.die = die

    def count(self) -> None:
        """Count one statement, or another point at which the process may die."""
        self.left -= 1
        if self.left == 0:
            self.die()

    def __getattr__(self, name: str) -> Any:
        attribute = getattr(self.connection, name)
        if name not in STATEMENTS:
            return attribute

        async def counted(*arguments: Any, **options: Any) -> Any:
            self.count()
            return await attribute(*arguments, **options)

        return counted


async def _run(day: date, number: int) -> None:
    settings = Settings()
    async with command.opened(settings, await connected(settings)) as refresher:
        connection = refresher._connection
        mortal: Any = Mortal(connection, number, lambda: os.kill(os.getpid(), signal.SIGKILL))
        mortal_refresher = Refresher(mortal, refresher._publisher)
        for _ in range(20):
            if not await mortal_refresher.some(day):
                return
        raise AssertionError("the queue has no end")


if __name__ == "__main__":
    asyncio.run(_run(date.fromisoformat(sys.argv[1]), int(sys.argv[2])))
