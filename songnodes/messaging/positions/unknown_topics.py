"""Topics that a broker reported as unknown: for seconds while it starts, or until they are created."""

from confluent_kafka import KafkaError, KafkaException

from songnodes import logs
from songnodes.clock import Timer
from songnodes.errors import ConsumerFailed
from songnodes.messaging import log_offsets
from songnodes.messaging.log_offsets import Partition
from songnodes.messaging.positions.consumer import TopicConsumer

REQUEST_TIMEOUT_S = 10.0
#: From the report to the check. A broker that starts answers requests before it has read its own metadata.
UNKNOWN_TOPIC_TIMEOUT_S = 60.0
UNKNOWN_TOPIC_ERRORS = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
}

log = logs.get(__name__)


class UnknownTopics:
    """Topics to check again. librdkafka reports each once and finds it by itself when the broker has it."""

    def __init__(self, consumer: TopicConsumer, timer: Timer) -> None:
        self._consumer = consumer
        self._timer = timer
        self._deadlines: dict[str, float] = {}  # monotonic

    def report(self, topic: str, error: str) -> None:
        """Add a topic, unless it waits for its check."""
        log.warning("topic_unknown", topic=topic, error=error)
        self._deadlines.setdefault(topic, self._timer.monotonic() + UNKNOWN_TOPIC_TIMEOUT_S)

    def check(self) -> None:
        """Request the topics that are due. Raises ConsumerFailed for one that is still unknown."""
        now = self._timer.monotonic()
        for topic in [topic for topic, deadline in self._deadlines.items() if now >= deadline]:
            del self._deadlines[topic]
            try:
                log_offsets.watermarks(self._consumer, Partition(topic, 0), REQUEST_TIMEOUT_S)
            except KafkaException as error:
                reason = error.args[0]
                if reason.code() in UNKNOWN_TOPIC_ERRORS:
                    raise ConsumerFailed(topic=topic, error=reason.str()) from error
                self.report(topic, reason.str())  # the broker is down
