"""Records that refresh publishes: stored with the rows that they are made of, then sent.

A record that is sent before its transaction is committed would stay in the topic if the process died between,
and nothing would replace it if the rows change back before the next try.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from confluent_kafka import Producer

from sinks.database import query
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings

DELIVERY_TIMEOUT_S = 30.0  # of one batch
#: Records sent at once.
BATCH = 5000

_FILE = "refresh_unsent"


class Publisher:
    """Stores records in the open transaction, and sends those stored."""

    def __init__(self, settings: Settings, codec: Codec, producer: Producer) -> None:
        self._settings = settings
        self._codec = codec
        self._delivery = Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)

    async def store(
        self, connection: asyncpg.Connection, topic: str, records: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """Store records by key in the open transaction; a newer record of a key replaces an unsent one."""
        if records:
            encoded = [self._codec.encode(topic, record) for record in records.values()]
            await connection.execute(query(_FILE, "store"), topic, list(records), encoded)

    async def send(self, connection: asyncpg.Connection) -> None:
        """Send what is stored, also by a process before this one. Raises NotAcknowledged.

        Refreshers take turns: a record that another one has replaced must not be sent after its successor.
        """
        while await connection.fetchval(query(_FILE, "any")):
            async with connection.transaction():
                await connection.execute(query("refresh", "exclusive"))
                rows = await connection.fetch(query(_FILE, "some"), BATCH)
                await asyncio.to_thread(self._deliver, rows)
                sent = [[row[name] for row in rows] for name in ("topic", "key")]
                await connection.execute(query(_FILE, "delivered"), *sent)

    def _deliver(self, rows: Sequence[asyncpg.Record]) -> None:
        for row in rows:
            self._delivery.send(topics.physical(row["topic"], self._settings), row["key"], row["record"])
        self._delivery.finish()
