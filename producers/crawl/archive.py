"""Write fetched pages to `bronze.pages`; a page is stored when Kafka has acknowledged it."""

import asyncio
from typing import Protocol

from producers.outbox import OnDelivery
from songnodes.domain.records import Page
from songnodes.errors import NotAcknowledged


class Outbox(Protocol):
    """Part of `producers.outbox.Outbox` that the archive uses."""

    def check(self) -> None: ...

    def send(self, page: Page, on_delivery: OnDelivery) -> None: ...

    def flush(self) -> None: ...


class Archive:
    """Publishes one page at a time: a crawler is slow on purpose, and pages in flight may be lost."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._lock = asyncio.Lock()

    async def check(self) -> None:
        """Check Kafka before any site is requested. Raises KafkaUnreachable, TopicMissing."""
        await asyncio.to_thread(self._outbox.check)

    async def store(self, page: Page) -> None:
        """Publish a page and wait for the acknowledgement.

        Raises NotAcknowledged, and Poison for an invalid record.
        """
        async with self._lock:
            error = await asyncio.to_thread(self._deliver, page)
        if error is not None:
            raise NotAcknowledged(error, first=page["page_id"])

    def _deliver(self, page: Page) -> str | None:
        errors: list[str | None] = []
        self._outbox.send(page, errors.append)
        self._outbox.flush()
        return errors[0]
