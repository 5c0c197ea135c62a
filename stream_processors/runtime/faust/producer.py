"""Faust's producer: polls the record producer of the application."""

import asyncio
from typing import cast

from faust.transport import base
from mode import Service

from stream_processors.runtime.delivery.producer import RecordProducer
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.protocol import RuntimeApp

POLL_INTERVAL_S = 0.02  # between two polls of delivery reports while records are pending
#: The same while none is, when a poll checks the lease only: 50 polls per second took a third of an idle
#: worker's processor time. Records produced in the meantime are fewer than the producer may have pending.
IDLE_POLL_INTERVAL_S = 0.2


class Producer(base.Producer):
    """Faust itself produces no record here; agents and commits use the record producer directly.

    Faust's confluent producer cannot be used (it swaps key and value and partitions by Python's `hash`), and
    that of aiokafka creates a future per record.
    """

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    @property
    def _records(self) -> RecordProducer:
        return cast(RuntimeApp, self.app).record_producer

    @Service.task
    async def _poll(self) -> None:
        while not self.should_stop:
            try:
                self._records.poll()
            except BaseException as error:
                crash(error)
            await asyncio.sleep(POLL_INTERVAL_S if self._records.pending_records else IDLE_POLL_INTERVAL_S)

    async def on_stop(self) -> None:
        await self.flush()

    async def flush(self) -> None:
        await self._records.flush()

    async def create_topic(self, *args: object, **kwargs: object) -> None:
        """Create no topic: that is part of the deployment."""

    def supports_headers(self) -> bool:
        return True
