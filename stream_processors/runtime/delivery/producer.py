"""Records on their way to Kafka: deliveries awaited by bucket, writes only under the lease."""

import asyncio
from collections.abc import Callable
from typing import Any, NoReturn

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.errors import DeliveryFailed, StateTooLarge
from stream_processors.runtime.exit import crash
from stream_processors.runtime.state.transaction import Headers

ANY_PARTITION = -1
LOOK = 0.002  # seconds between two looks at the delivery reports while something waits for them
#: librdkafka's queue. What the records between two calls of `room` emit must fit in above HIGH_WATER.
QUEUE_RECORDS = 200_000
#: Above these no record is handed to an agent: 0.3 s of work, and what a small machine can hold in memory.
HIGH_WATER = 20_000
HIGH_WATER_BYTES = 64 * 1024 * 1024


class Bucket:
    """Records whose delivery is awaited together; knows the offsets they got, per partition."""

    __slots__ = ("count", "first", "last", "open")

    def __init__(self) -> None:
        self.open = 0
        self.first: int | None = None
        self.last = -1
        self.count = 0


class Outbox:
    """Hands records to librdkafka and knows when all of a set of them are acknowledged.

    Waiting for the queue to be empty would never end under load (committed offsets stood 320,000 behind), so
    what is produced belongs to a bucket, and a commit waits for the buckets begun before it.
    """

    def __init__(
        self, producer: Producer, lease: Lease, fail: Callable[[BaseException], NoReturn] = crash
    ) -> None:
        self._producer = producer
        self._lease = lease
        self._fail = fail
        self._current = Bucket()
        self._older: list[Bucket] = []
        self._bytes = 0

    def produce(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        *,
        partition: int = ANY_PARTITION,
        headers: Headers | None = None,
        bucket: Bucket | None = None,
    ) -> None:
        """Hand one record over. Raises LeaseEnded, StateTooLarge and DeliveryFailed."""
        self._lease.check()
        is_state = bucket is not None  # a commit's changelog records have a bucket of their own
        bucket = bucket or self._current
        size = len(value or b"")

        def report(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                if is_state and error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
                    self._fail(StateTooLarge(topic=topic, size=size))
                self._fail(DeliveryFailed(f"{topic}: {error}"))
            self._bytes -= size
            bucket.open -= 1
            offset = message.offset() or 0
            if bucket.first is None:
                bucket.first = offset
            bucket.last = offset
            bucket.count += 1

        arguments: dict[str, Any] = {"headers": headers} if headers else {}
        try:
            self._hand_over(topic, value, key, partition, report, arguments)
        except KafkaException as error:
            if error.args[0].code() == KafkaError.MSG_SIZE_TOO_LARGE:
                raise StateTooLarge(topic=topic, key=key, size=size) from error
            raise DeliveryFailed(f"{topic}: {error}") from error
        bucket.open += 1
        self._bytes += size

    def _hand_over(self, topic: str, value: Any, key: Any, partition: int, report: Any, more: Any) -> None:
        while True:
            try:
                self._producer.produce(topic, value, key, partition, report, **more)
                return
            except BufferError:  # one record emitted very much: the loop stands still until there is room
                self._lease.check()
                self._producer.poll(0.05)

    def take(self) -> list[Bucket]:
        """The buckets of everything produced so far; what comes later goes to a new one."""
        self._older = [bucket for bucket in self._older if bucket.open]
        self._older.append(self._current)
        self._current = Bucket()
        return list(self._older)

    async def delivered(self, buckets: list[Bucket]) -> None:
        """Return when all records of these buckets are acknowledged."""
        while any(bucket.open for bucket in buckets):
            self._producer.poll(0)
            self._lease.check()
            await asyncio.sleep(LOOK)

    async def flush(self) -> None:
        """Return when everything produced before this call is acknowledged."""
        await self.delivered(self.take())

    def poll(self) -> None:
        """Serve delivery reports, and look at the lease."""
        self._lease.check()
        self._producer.poll(0)

    @property
    def waiting(self) -> int:
        """Records not yet acknowledged."""
        return len(self._producer)

    @property
    def full(self) -> bool:
        """Whether no more work should be begun."""
        return self._bytes > HIGH_WATER_BYTES or len(self._producer) > HIGH_WATER

    async def room(self) -> None:
        """Let the loop run, and come back when the backlog is low enough for the next records."""
        await asyncio.sleep(0)
        while self.full:
            self._producer.poll(0)
            await asyncio.sleep(LOOK)
