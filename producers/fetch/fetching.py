"""The one way to ask a site for a page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from producers.fetch.exchange import Answer, Ask
from songnodes.clock import Clock, SystemClock
from songnodes.settings import Settings

PATIENCE = 30.0  # seconds to wait for a host's turn before the caller may do something else


class Fetching:
    """Asks sites for pages: robots.txt, then the host's turn, then the request, then what follows from it."""

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, settings: Settings, *, clock: Clock | None = None, patience: float = PATIENCE
    ) -> AsyncIterator[Self]:
        """With connections to Redis and the sites; `patience` seconds are waited for a host's turn."""
        clock = clock or SystemClock()
        yield cls()

    async def fetch(self, ask: Ask) -> Answer:
        """The answer of any status. Raises HostHeld, Unreachable, GateDown (ask again later), Disallowed,
        NoContact, NoBrowser, NotFetchable."""
        raise NotImplementedError

    async def block(self, host: str, why: str) -> None:
        """The body of a 200 was a block or limit page: hold the host (`Answer.url`'s) for hours."""
        raise NotImplementedError
