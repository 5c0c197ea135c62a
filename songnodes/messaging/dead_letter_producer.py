"""Dead letters of processes other than stages, acknowledged by Kafka before the process goes on."""

from collections.abc import Sequence
from functools import cached_property
from typing import cast

from confluent_kafka import Message

from songnodes.errors import Poison
from songnodes.messaging import clients, dead_letters, topics
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings

#: Topic of all writers to PostgreSQL.
TOPIC = "sink.dlq"
DELIVERY_TIMEOUT_S = 30.0  # then the batch is retried


class DeadLetterProducer:
    """Sends dead letters; the producer is created for the first one."""

    def __init__(self, settings: Settings, topic: str = TOPIC) -> None:
        self._settings = settings
        self._topic = topics.physical(topic, settings)

    @cached_property
    def _delivery(self) -> Delivery:
        producer = clients.producer(self._settings, **{"delivery.timeout.ms": int(DELIVERY_TIMEOUT_S * 1000)})
        return Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)

    def send(self, stage: str, letters: Sequence[tuple[Message, Poison]]) -> None:
        """Return when Kafka has acknowledged all. Raises NotAcknowledged: then no record may be skipped."""
        if not letters:
            return
        for message, poison in letters:
            original = cast(list[tuple[str, bytes | None]], list(message.headers() or ()))
            reason = dead_letters.Reason.of(
                poison,
                stage=stage,
                topic=message.topic() or "",
                partition=message.partition() or 0,
                offset=message.offset() or 0,
                timestamp=message.timestamp()[1],
                headers=original,
            )
            letter = dead_letters.letter(reason, message.key(), message.value(), original)
            self._delivery.send(self._topic, letter.key, letter.value, letter.headers)
        self._delivery.finish()
