"""Requests that cannot be processed: dead letters in `enrichment.dlq`, so that none stops the worker."""

import threading

from confluent_kafka import Message

from songnodes import logs, metrics
from songnodes.attempts import Unforeseen, describe
from songnodes.errors import Fatal, Poison
from songnodes.messaging.dead_letter_budget import DeadLetterBudget, DeadLetterLimits
from songnodes.messaging.dead_letter_producer import DeadLetterProducer
from songnodes.process.retries import is_transient
from songnodes.settings import Settings

TOPIC = "enrichment.dlq"
STAGE = "enrichment"

log = logs.get(__name__)


def poison_of(error: Exception) -> Poison | None:
    """Return the error of a request as poison; None for one of a server, or that must stop the process."""
    if isinstance(error, Poison):
        return error
    if isinstance(error, Fatal) or is_transient(error):
        return None
    return Unforeseen(describe(error))


class DeadLetters:
    """Sends dead letters from any thread; beyond its limits the worker is at fault, and stops."""

    def __init__(self, settings: Settings) -> None:
        self._producer = DeadLetterProducer(settings, TOPIC)
        self._budget = DeadLetterBudget(DeadLetterLimits())
        self._lock = threading.Lock()

    def count_processed(self) -> None:
        """Count a request that was processed."""
        with self._lock:
            self._budget.count_processed()

    def send(self, message: Message, poison: Poison) -> None:
        """Return when Kafka has acknowledged the letter. Raises NotAcknowledged, TooManyDeadLetters."""
        with self._lock:
            self._producer.send(STAGE, [(message, poison)])
            metrics.DEAD_LETTERS.labels(STAGE, poison.reason).inc()
            log.error("dead_letter", topic=message.topic(), error=str(poison), reason=poison.reason)
            self._budget.count_dead_letter(poison.reason)
