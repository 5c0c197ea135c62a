"""Delivery of records that Kafka must acknowledge before dependent work continues."""

import time
from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from songnodes.errors import NotAcknowledged

BY_PARTITIONER = -1  # librdkafka's RD_KAFKA_PARTITION_UA
QUEUE_FULL_WAIT_S = 0.2  # for acknowledgements when the producer's queue is full

Headers = Sequence[tuple[str, bytes | None]]


class Delivery:
    """Sends records and waits for their acknowledgements; for one thread, and one batch after the other.

    `timeout_s` limits the delivery of everything; NotAcknowledged is raised after it. Some records may have
    arrived then: send all of them again.
    """

    def __init__(self, producer: Producer, *, timeout_s: float) -> None:
        self._producer = producer
        self._timeout_s = timeout_s
        self._sent = 0
        self._failed: list[str] = []

    def send(
        self,
        topic: str,
        key: bytes | str | None,
        value: bytes | None,
        headers: Headers = (),
        partition: int | None = None,
    ) -> None:
        """Hand a record over, its topic by physical name. Raises NotAcknowledged.

        Without `partition` the producer's partitioner chooses it.
        """
        deadline = time.monotonic() + self._timeout_s
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key,
                    partition=BY_PARTITIONER if partition is None else partition,
                    headers=[*headers],
                    on_delivery=self._delivered,
                )
                break
            except BufferError as full:
                if time.monotonic() > deadline:
                    raise NotAcknowledged(str(full), topic=topic) from full
                self._producer.poll(QUEUE_FULL_WAIT_S)
            except KafkaException as refused:
                raise NotAcknowledged(str(refused), topic=topic) from refused
        self._sent += 1
        self._producer.poll(0)

    def finish(self) -> int:
        """Wait for all acknowledgements; return the records since the last call. Raises NotAcknowledged."""
        left = self._producer.flush(self._timeout_s)
        sent, failed = self._sent, self._failed
        self._sent, self._failed = 0, []
        if left or failed:
            raise NotAcknowledged(failed[0] if failed else "no response", lost=left + len(failed), of=sent)
        return sent

    def _delivered(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self._failed.append(error.str())
