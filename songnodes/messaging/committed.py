"""Committed offsets of consumer groups, fetched without joining them.

Never by `AdminClient.list_consumer_group_offsets`: while a group's coordinator is not ready, as on a new or
restarted broker, that ends the whole process by SIGSEGV (librdkafka issue 5040, present in 2.16: it hands a
retriable error to the consumer group, which an administration client does not have).
"""

from collections.abc import Iterable

from confluent_kafka import Consumer, TopicPartition

from songnodes.access import Access
from songnodes.messaging import clients
from songnodes.messaging.log_offsets import Partition

FETCH_TIMEOUT_S = 10.0


class Committed:
    """The committed offsets of one group. A consumer of it, but never a member: nothing is subscribed."""

    def __init__(self, access: Access, group: str) -> None:
        self._consumer = Consumer(
            {
                **clients.connection(access),
                "group.id": group,
                "enable.auto.commit": False,
                "log_level": 0,
            }
        )

    def offsets(self, wanted: Iterable[Partition], timeout: float = FETCH_TIMEOUT_S) -> dict[Partition, int]:
        """Return the next offset per partition; partitions without a commit are left out.

        Raises KafkaException where the broker is away for `timeout` seconds.
        """
        partitions = [TopicPartition(*partition) for partition in wanted]
        committed = self._consumer.committed(partitions, timeout=timeout) if partitions else []
        return {
            Partition(entry.topic, entry.partition): entry.offset for entry in committed if entry.offset >= 0
        }

    def close(self) -> None:
        """Close the connections."""
        self._consumer.close()
