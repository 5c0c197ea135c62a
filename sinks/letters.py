"""Dead letters of the sinks: the record as it came and the reason, acknowledged by Kafka before going on."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

from confluent_kafka import Message

from songnodes.errors import Poison, TooManyDeadLetters
from songnodes.messaging import clients, dead_letters, topics
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings

TOPIC = "sink.dlq"
DELIVERY_TIMEOUT_S = 30.0  # of dead letters; then the batch is retried
#: Of the last WINDOW records of a sink at most MAX_SHARE may die before it stops.
WINDOW = 1000
MAX_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A record and why no row was made of it."""

    message: Message
    poison: Poison


class Letters:
    """Sends dead letters; one for the process. The producer is made when there is something to send."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = topics.physical(TOPIC, settings)

    @cached_property
    def _delivery(self) -> Delivery:
        producer = clients.producer(self._settings, **{"delivery.timeout.ms": int(DELIVERY_TIMEOUT_S * 1000)})
        return Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)

    async def send(self, sink: str, dead: Sequence[Dead]) -> None:
        """Return when Kafka has them all. Raises NotAcknowledged."""
        if dead:
            await asyncio.to_thread(self._send, sink, dead)

    def _send(self, sink: str, dead: Sequence[Dead]) -> None:
        for letter in dead:
            message = letter.message
            original = _headers(message)
            reason = dead_letters.Reason.of(
                letter.poison,
                stage=f"sink {sink}",
                topic=message.topic() or "",
                partition=message.partition() or 0,
                offset=message.offset() or 0,
                timestamp=message.timestamp()[1],
                headers=original,
            )
            produced = dead_letters.letter(reason, message.key(), message.value(), original)
            self._delivery.send(self._topic, produced.key, produced.value, produced.headers)
        self._delivery.finish()


def _headers(message: Message) -> list[tuple[str, bytes | None]]:
    return cast(list[tuple[str, bytes | None]], list(message.headers() or ()))


class Toll:
    """Counts the dead among a sink's last records. Raises TooManyDeadLetters past the limit.

    Without it a table that is not as the code expects would move a whole topic to the dead letters.
    """

    def __init__(self) -> None:
        self._recent: deque[bool] = deque(maxlen=WINDOW)

    def count(self, living: int, dead: Sequence[Dead]) -> None:
        self._recent.extend([False] * min(living, WINDOW))
        self._recent.extend([True] * len(dead))
        if len(self._recent) == WINDOW and sum(self._recent) > MAX_SHARE * WINDOW:
            raise TooManyDeadLetters(of_last=WINDOW, last_reason=str(dead[-1].poison) if dead else "")
