"""Reader of the keys in a range of a changelog, for the repair of foreign records."""

from confluent_kafka import TopicPartition

from songnodes.errors import ConsumerFailed
from songnodes.messaging import clients
from songnodes.settings import Settings

READ_TIMEOUT_S = 3.0  # shorter than a delivery may take, so that the lease does not expire


class ChangelogKeyReader:
    """Blocking reader; runs in a thread. Needed after a zombie wrote, so rarely."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, topic: str, partition: int, first: int, last: int) -> set[bytes]:
        """Return the keys of all records from `first` to `last`. Raises ConsumerFailed."""
        consumer = clients.consumer(self._settings, "songnodes-changelog-keys")
        try:
            consumer.assign([TopicPartition(topic, partition, first)])
            keys: set[bytes] = set()
            while True:
                message = consumer.poll(READ_TIMEOUT_S)
                if message is None or message.error():
                    raise ConsumerFailed("changelog not readable", topic=topic, offset=first)
                offset = message.offset()
                if offset is None or offset > last:
                    return keys
                key = message.key()
                if isinstance(key, bytes):
                    keys.add(key)
                if offset == last:
                    return keys
        finally:
            consumer.close()
