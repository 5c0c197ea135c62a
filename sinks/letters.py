"""Dead letters of the sinks."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from confluent_kafka import Message

from songnodes.errors import Poison
from songnodes.messaging.dead_letter_producer import DeadLetterProducer
from songnodes.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A record and why no row was made of it."""

    message: Message
    poison: Poison


class Letters:
    """Sends the dead letters of all sinks of a process."""

    def __init__(self, settings: Settings) -> None:
        self._producer = DeadLetterProducer(settings)

    async def send(self, sink: str, dead: Sequence[Dead]) -> None:
        """Return when Kafka has acknowledged all. Raises NotAcknowledged."""
        if dead:
            letters = [(letter.message, letter.poison) for letter in dead]
            await asyncio.to_thread(self._producer.send, f"sink {sink}", letters)
