"""Dead letters of the resolver, in the topic of all writers to PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass

from songnodes import logs, metrics
from songnodes.errors import Poison
from songnodes.messaging.dead_letter_producer import DeadLetterProducer
from songnodes.settings import Settings
from stream_processors.resolver.ingest import InputRecord

STAGE = "resolver"

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record that cannot be ingested, and the reason."""

    record: InputRecord
    poison: Poison


class DeadLetterSender:
    """Sends dead letters, counts and logs them."""

    def __init__(self, settings: Settings) -> None:
        self._producer = DeadLetterProducer(settings)

    def send(self, dead: Sequence[DeadLetter]) -> None:
        """Return when Kafka has acknowledged all. Raises NotAcknowledged."""
        for letter in dead:
            metrics.DEAD_LETTERS.labels(STAGE, letter.poison.reason).inc()
            log.error(
                "dead_letter",
                topic=letter.record.topic,
                error=str(letter.poison),
                reason=letter.poison.reason,
            )
        messages = ((letter.record.message, letter.poison) for letter in dead)
        self._producer.send(STAGE, [(message, poison) for message, poison in messages if message is not None])
