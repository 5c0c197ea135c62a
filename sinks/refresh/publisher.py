"""Records that refresh publishes, by their topics."""

import asyncio
from collections.abc import Mapping
from typing import Any

from confluent_kafka import Producer

from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings

DELIVERY_TIMEOUT_S = 30.0  # of the records of one pass


class Publisher:
    """Sends records; the transaction that computed them is committed after Kafka has them."""

    def __init__(self, settings: Settings, codec: Codec, producer: Producer) -> None:
        self._settings = settings
        self._codec = codec
        self._delivery = Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)

    async def send(self, topic: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Send records by key to a topic; return when Kafka has them. Raises NotAcknowledged."""
        if records:
            await asyncio.to_thread(self._send, topic, records)

    def _send(self, topic: str, records: Mapping[str, Mapping[str, Any]]) -> None:
        physical = topics.physical(topic, self._settings)
        for key, record in records.items():
            self._delivery.send(physical, key, self._codec.encode(topic, record))
        self._delivery.finish()
