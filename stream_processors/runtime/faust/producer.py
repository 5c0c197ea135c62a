"""Faust's producer: keeps the outbox going."""

import asyncio
from typing import Any

from faust.transport import base
from mode import Service

from stream_processors.runtime.exit import crash

IDLE = 0.02  # seconds between two looks at delivery reports while nobody waits for them


class Producer(base.Producer):
    """Faust itself produces nothing here; agents and commits use the outbox directly.

    Faust's confluent producer cannot be used (it swaps key and value and partitions by Python's `hash`), and
    that of aiokafka makes a future per record.
    """

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    app: Any

    @Service.task
    async def _poll(self) -> None:
        while not self.should_stop:
            try:
                self.app.outbox.poll()
            except BaseException as error:
                crash(error)
            await asyncio.sleep(IDLE)

    async def on_stop(self) -> None:
        await self.flush()

    async def flush(self) -> None:
        await self.app.outbox.flush()

    async def create_topic(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: topics are made by the deployment, never by a worker."""

    def supports_headers(self) -> bool:
        return True
