"""Producer of outputs and changelog records: deliveries awaited by batch, produced only under the lease."""

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from time import monotonic
from typing import Any, NoReturn

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from songnodes.errors import NotAcknowledged
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.errors import StateTooLarge
from stream_processors.runtime.exit import crash
from stream_processors.runtime.state.transaction import Headers

ANY_PARTITION = -1
#: Time for which librdkafka collects records of a partition into a batch; `send` ends it. A produce request
#: costs the broker as much with 1 record as with 100.
LINGER_MS = 100
SEND_INTERVAL_S = 0.05  # between two calls of `send` that have an effect
SEND_TIMEOUT_S = 0.001  # librdkafka's threads notice a flush within a fifth of it
POLL_INTERVAL_S = 0.002  # between two polls of delivery reports while a caller waits for them
FULL_QUEUE_POLL_S = 0.05  # while librdkafka's queue is full
#: Size of librdkafka's queue. The outputs between two calls of `wait_for_capacity` must fit in above
#: MAX_PENDING_RECORDS.
QUEUE_SIZE_RECORDS = 200_000
#: Above these no record is passed to an agent: 0.3 s of work, and what a small machine can hold in memory.
MAX_PENDING_RECORDS = 20_000
MAX_PENDING_BYTES = 64 * 1024 * 1024

DeliveryReport = Callable[[KafkaError | None, Message], None]


class DeliveryBatch:
    """Records whose delivery is awaited together, and their last offset in a partition of their own."""

    __slots__ = ("count", "last", "on_delivery", "pending")

    def __init__(self) -> None:
        self.on_delivery: DeliveryReport | None = None  # one for all its records, set by the producer
        self.pending = 0  # records not acknowledged yet
        self.last = -1  # offset of the record acknowledged last
        self.count = 0  # records acknowledged


class RecordProducer:
    """Passes records to librdkafka and awaits the acknowledgement of all records of a batch.

    Waiting for an empty queue would never end under load (committed offsets were 320,000 behind), so
    each record belongs to a batch, and a commit waits for the batches started before it.
    """

    def __init__(
        self, producer: Producer, lease: Lease, on_failure: Callable[[BaseException], NoReturn] = crash
    ) -> None:
        self._producer = producer
        self._lease = lease
        self._on_failure = on_failure
        self._current = DeliveryBatch()
        self._unacknowledged: list[DeliveryBatch] = []
        self._pending_bytes = 0
        self._sent_at = float("-inf")

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int = ANY_PARTITION,
        headers: Headers | None = None,
        batch: DeliveryBatch | None = None,
    ) -> None:
        """Pass one record to librdkafka. Raises LeaseExpired, StateTooLarge and NotAcknowledged."""
        self._lease.check()
        is_state = batch is not None  # changelog records of a commit have a batch of their own
        batch = batch or self._current
        size = len(value or b"")
        on_delivery = batch.on_delivery
        if on_delivery is None:
            on_delivery = batch.on_delivery = partial(self._on_delivery, batch, is_state)
        try:
            self._enqueue(topic, key, value, partition, headers, on_delivery)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                raise StateTooLarge(topic=topic, key=key, size=size) from error
            raise NotAcknowledged(f"{topic}: {error}") from error
        batch.pending += 1
        self._pending_bytes += size

    def _on_delivery(
        self, batch: DeliveryBatch, is_state: bool, error: KafkaError | None, message: Message
    ) -> None:
        """Count a record of the batch as acknowledged; a failed delivery ends the process."""
        if error is not None:
            topic = message.topic()
            if is_state and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                self._on_failure(StateTooLarge(topic=topic, size=len(message)))
            self._on_failure(NotAcknowledged(f"{topic}: {error}"))
        self._pending_bytes -= len(message)
        batch.pending -= 1
        batch.last = message.offset() or 0
        batch.count += 1

    def _enqueue(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        partition: int,
        headers: Headers | None,
        on_delivery: DeliveryReport,
    ) -> None:
        options: dict[str, Any] = {"headers": headers} if headers else {}
        while True:
            try:
                self._producer.produce(topic, value, key, partition, on_delivery, **options)
                return
            except BufferError:  # one record emitted too many outputs: the event loop blocks until they fit
                self._lease.check()
                self._producer.poll(FULL_QUEUE_POLL_S)

    def start_new_batch(self) -> list[DeliveryBatch]:
        """Return the batches of all records produced so far; later records go to a new batch."""
        self._unacknowledged = [batch for batch in self._unacknowledged if batch.pending]
        self._unacknowledged.append(self._current)
        self._current = DeliveryBatch()
        return list(self._unacknowledged)

    async def wait_until_delivered(self, batches: Sequence[DeliveryBatch]) -> None:
        """Return when all records of these batches are acknowledged. Raises LeaseExpired."""
        if any(batch.pending for batch in batches):
            self._send()
        while any(batch.pending for batch in batches):
            self._producer.poll(0)
            self._lease.check()
            await asyncio.sleep(POLL_INTERVAL_S)

    async def flush(self) -> None:
        """Return when all records produced before this call are acknowledged. Raises LeaseExpired."""
        await self.wait_until_delivered(self.start_new_batch())

    def send(self) -> None:
        """Let librdkafka send its records now: no input waits, so no further output joins their batches.

        Has no effect within SEND_INTERVAL_S of the last call that had: the linger then ends the batches, so
        that a stage which waits for input after every few records does not send each of them alone.
        """
        if len(self._producer) and monotonic() - self._sent_at >= SEND_INTERVAL_S:
            self._send()

    def _send(self) -> None:
        self._sent_at = monotonic()
        self._producer.flush(SEND_TIMEOUT_S)

    def poll(self) -> None:
        """Process delivery reports, and check the lease. Raises LeaseExpired."""
        self._lease.check()
        self._producer.poll(0)

    @property
    def pending_records(self) -> int:
        """Number of records not acknowledged yet."""
        return len(self._producer)

    @property
    def is_full(self) -> bool:
        """True while so many records are pending that no further record may be handled."""
        return self._pending_bytes > MAX_PENDING_BYTES or len(self._producer) > MAX_PENDING_RECORDS

    async def wait_for_capacity(self) -> None:
        """Yield to the event loop, and return when the next records may be handled."""
        await asyncio.sleep(0)
        while self.is_full:
            self._producer.poll(0)
            await asyncio.sleep(POLL_INTERVAL_S)
