"""Producer of pages: only an acknowledged page counts as published."""

from collections import deque
from collections.abc import Callable
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from producers.drift.holds import Headers, Holds, OpenAlarms
from songnodes.domain.records import Page
from songnodes.errors import KafkaUnreachable, TopicMissing
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

TOPIC = "bronze.pages"
MAX_IN_FLIGHT_KB = 64 * 1024  # handed to librdkafka and not acknowledged yet
DELIVERY_TIMEOUT_S = 60.0  # a broker's restart takes 10 s
METADATA_TIMEOUT_S = 15.0  # for the first response of the broker
QUEUE_FULL_WAIT_S = 0.2  # for acknowledgements

OnDelivery = Callable[[str | None], None]


class Outbox:
    """Producer of pages that reports each delivery: None when Kafka has the page, otherwise the error.

    `on_delivery` is called from `send` and `flush`, in this thread. A page of a site with an open drift alarm
    gets the hold as a header.
    """

    def __init__(
        self,
        settings: Settings,
        codec: Codec,
        *,
        timeout_s: float = DELIVERY_TIMEOUT_S,
        holds: Holds | None = None,
    ) -> None:
        self._codec = codec
        self._holds = holds or OpenAlarms(settings)
        self._topic = topics.physical(TOPIC, settings)
        self._errors: deque[KafkaError] = deque(maxlen=1)
        self._producer: Producer = clients.producer(
            settings,
            **{
                "message.timeout.ms": int(timeout_s * 1000),
                "queue.buffering.max.kbytes": MAX_IN_FLIGHT_KB,
                "compression.type": topics.compression([TOPIC]),
                "error_cb": self._errors.append,
                "log_level": 0,  # errors come through error_cb; librdkafka would print them
            },
        )

    def check(self) -> None:
        """Check that the broker answers and has the topic. Raises KafkaUnreachable, TopicMissing."""
        try:
            metadata = self._producer.list_topics(self._topic, timeout=METADATA_TIMEOUT_S).topics[self._topic]
        except KafkaException as error:
            cause = self._errors[0] if self._errors else error.args[0]
            raise KafkaUnreachable(str(cause)) from error
        if metadata.error is not None:
            raise TopicMissing(self._topic)

    def send(self, page: Page, on_delivery: OnDelivery) -> None:
        """Enqueue a page.

        Raises Poison when it cannot be encoded, above all RecordTooLarge; PostgresUnreachable when the open
        alarms cannot be read.
        """
        value = self._codec.encode(TOPIC, page)
        headers = self._holds.headers(page)

        def delivered(error: KafkaError | None, _message: Message) -> None:
            on_delivery(None if error is None else error.str())

        while True:
            try:
                self._produce(page["page_id"], value, headers, delivered)
                break
            except BufferError:
                self._producer.poll(QUEUE_FULL_WAIT_S)
        self._producer.poll(0)

    def _produce(self, key: str, value: bytes, headers: Headers, callback: Any) -> None:
        self._producer.produce(
            self._topic, key=key.encode(), value=value, headers=[*headers], on_delivery=callback
        )

    def flush(self) -> None:
        """Wait until every page is acknowledged or has failed; bounded by the delivery timeout of each."""
        while self._producer.flush(1.0):
            pass
