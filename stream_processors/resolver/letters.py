"""Dead letters of the resolver, in the topic of all writers to PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from confluent_kafka import Message

from songnodes import logs, metrics
from songnodes.errors import Poison
from songnodes.messaging import clients, dead_letters, topics
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from stream_processors.resolver.taking import Taken

TOPIC = "sink.dlq"
STAGE = "resolver"
DELIVERY_TIMEOUT_S = 30.0  # after it the batch is retried

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A record that cannot be ingested, and the reason."""

    record: Taken
    poison: Poison


class Letters:
    """Sends dead letters; the producer is created for the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @cached_property
    def _delivery(self) -> Delivery:
        producer = clients.producer(self._settings, **{"delivery.timeout.ms": int(DELIVERY_TIMEOUT_S * 1000)})
        return Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)

    def send(self, dead: Sequence[Dead]) -> None:
        """Return when Kafka has acknowledged all. Raises NotAcknowledged."""
        topic = topics.physical(TOPIC, self._settings)
        for letter in dead:
            message = letter.record.message
            metrics.DEAD_LETTERS.labels(STAGE, letter.poison.reason).inc()
            log.error(
                "dead_letter",
                topic=letter.record.topic,
                error=str(letter.poison),
                reason=letter.poison.reason,
            )
            if message is not None:
                self._send(topic, message, letter.poison)
        if dead:
            self._delivery.finish()

    def _send(self, topic: str, message: Message, poison: Poison) -> None:
        original = cast(list[tuple[str, bytes | None]], list(message.headers() or ()))
        reason = dead_letters.Reason.of(
            poison,
            stage=STAGE,
            topic=message.topic() or "",
            partition=message.partition() or 0,
            offset=message.offset() or 0,
            timestamp=message.timestamp()[1],
            headers=original,
        )
        self._delivery.send(topic, message.key(), message.value(), reason.headers(original))
