"""Fetched pages into `bronze.pages`: kept is what Kafka has acknowledged."""

import asyncio
from typing import Protocol

from producers.outbox import Told
from producers.refusals import NotDelivered
from songnodes.domain.records import Page


class Outbox(Protocol):
    """Where pages go: `producers.outbox.Outbox`."""

    def check(self) -> None: ...

    def send(self, page: Page, tell: Told) -> None: ...

    def flush(self) -> None: ...


class Archive:
    """One page at a time: a crawler is polite and never in a hurry, and what is in flight may be lost."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._turn = asyncio.Lock()

    async def check(self) -> None:
        """Whether Kafka is there, before any site is asked. Raises KafkaDown, TopicMissing."""
        await asyncio.to_thread(self._outbox.check)

    async def keep(self, page: Page) -> None:
        """Returns when Kafka has the page. Raises NotDelivered, and Poison for what no topic takes."""
        async with self._turn:
            error = await asyncio.to_thread(self._deliver, page)
        if error is not None:
            raise NotDelivered(error, first=page["page_id"])

    def _deliver(self, page: Page) -> str | None:
        told: list[str | None] = []
        self._outbox.send(page, told.append)
        self._outbox.flush()
        return told[0]
