"""Pages on their way to Kafka: published is what was acknowledged, and nothing else."""

from collections import deque
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from producers.drift.holds import Headers, Holds, OpenAlarms
from producers.refusals import KafkaDown
from songnodes.domain.records import Page
from songnodes.errors import Fatal
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

TOPIC = "bronze.pages"
IN_FLIGHT = 64 * 1024  # kilobytes handed to librdkafka and not acknowledged yet
PATIENCE = 60.0  # seconds until an unacknowledged page counts as failed; a broker's restart takes 10
FIRST_ANSWER = 15.0  # seconds for the first sign of life of the broker
FULL = 0.2  # seconds to wait for acknowledgements when the queue is full

Told = Callable[[str | None], None]


class TopicMissing(Fatal):
    """The topic of pages does not exist"""

    remedy = "Run `songnodes topics apply`"


class Outbox:
    """Sends pages and tells each sender, by `tell`, None when Kafka has the page, else what went wrong.

    `tell` is called from `send` and `flush`, in this thread. A page of a site that seems to have changed gets
    the hold that stands, as a header.
    """

    def __init__(
        self, settings: Settings, codec: Codec, *, patience: float = PATIENCE, holds: Holds | None = None
    ) -> None:
        self._codec = codec
        self._holds = holds or OpenAlarms(settings)
        self._topic = topics.physical(TOPIC, settings)
        self._errors: deque[KafkaError] = deque(maxlen=1)
        self._producer: Producer = clients.producer(
            settings,
            **{
                "message.timeout.ms": int(patience * 1000),
                "queue.buffering.max.kbytes": IN_FLIGHT,
                "error_cb": self._errors.append,
                "log_level": 0,  # errors come through error_cb; librdkafka would print them
            },
        )

    def check(self) -> None:
        """Whether the broker answers and has the topic. Raises KafkaDown, TopicMissing."""
        try:
            found = self._producer.list_topics(self._topic, timeout=FIRST_ANSWER).topics[self._topic]
        except KafkaException as error:
            cause = self._errors[0] if self._errors else error.args[0]
            raise KafkaDown(str(cause)) from error
        if found.error is not None:
            raise TopicMissing(self._topic)

    def send(self, page: Page, tell: Told) -> None:
        """Hand a page over. Raises Poison when it cannot be encoded, above all TooLarge; a Transient when
        PostgreSQL cannot say whether the page is held."""
        value = self._codec.encode(TOPIC, page)
        headers = self._holds.headers(page)

        def delivered(error: KafkaError | None, _message: Message) -> None:
            tell(None if error is None else error.str())

        while True:
            try:
                self._produce(page["page_id"], value, headers, delivered)
                break
            except BufferError:
                self._producer.poll(FULL)
        self._producer.poll(0)

    def _produce(self, key: str, value: bytes, headers: Headers, delivered: Any) -> None:
        self._producer.produce(
            self._topic, key=key.encode(), value=value, headers=[*headers], on_delivery=delivered
        )

    def flush(self) -> None:
        """Wait until every page is acknowledged or has failed; bounded by the patience of each."""
        while self._producer.flush(1.0):
            pass
