"""Consumer that begins at positions stored by its listener, and returns batches of one assignment.

All methods are for one thread. Callbacks of the group are called inside `fetch`, `keep_alive` and `close`.
"""

import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from songnodes import logs
from songnodes.clock import SystemTimer, Timer
from songnodes.errors import ConsumerEnded, ConsumerFailed, PositionLost, Transient
from songnodes.messaging import clients, log_offsets
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.consumer import TopicConsumer
from songnodes.messaging.positions.unknown_topics import UnknownTopics

POLL_TIMEOUT_S = 0.5  # a stop waits for it
REQUEST_TIMEOUT_S = 10.0  # per request to the broker
RETRY_INTERVAL_S = 1.0  # of an assignment, while a server does not respond
#: From a small batch to the next: with few records, a transaction per record costs more than its row.
SMALL_BATCH_PAUSE_S = 0.1
SMALL_BATCH_SHARE = 0.1  # of a full batch
#: Between two commits to the group: of 110 requests per page in a trickle, 10 were commits of every batch.
COMMIT_INTERVAL_S = 1.0
#: librdkafka recovers by itself from other errors and never from these.
HOPELESS_ERRORS = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError._UNKNOWN_TOPIC,
}

log = logs.get(__name__)


class Stopped(Exception):
    """The consumer was stopped while it waited"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordBatch:
    """Records fetched together. `ends` has the next offset of each of their partitions.

    A batch of an earlier `generation` (assignment of partitions) is for another owner to process.
    """

    generation: int
    ends: Mapping[Partition, int]
    messages: Sequence[Message]


class AssignmentListener(Protocol):
    """Owner of stored positions. A generation ends when partitions are assigned or revoked."""

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Return the first offset to read of each partition; called again after Transient."""

    def revoked(self, generation: int) -> None:
        """Drop all partitions, and the batches that wait. `commit_sync` reaches the next owner."""


class PositionedConsumer:
    """Join a group with `subscribe` or read partitions with `assign`, then `fetch`; end with `close`.

    `stop` interrupts pauses. Raises Stopped where an assignment waits for a server.
    """

    def __init__(
        self,
        consumer: TopicConsumer,
        listener: AssignmentListener,
        *,
        batch_records: int,
        small_batch_pause_s: float = SMALL_BATCH_PAUSE_S,
        stop: threading.Event | None = None,
        timer: Timer | None = None,
    ) -> None:
        self._consumer = consumer
        self._listener = listener
        self._batch_records = batch_records
        self._small_batch_pause_s = small_batch_pause_s
        self._stop = stop or threading.Event()
        self._timer = timer or SystemTimer()
        self._generation = 0
        self._partitions: list[TopicPartition] = []
        self._behind: set[Partition] = set()
        self._paused = False
        self._early: list[Message] = []  # fetched before the partitions were paused
        self._next_fetch = 0.0  # monotonic
        self._to_commit: dict[Partition, int] = {}
        self._is_lost = False  # while partitions are revoked whose session has ended
        self._next_commit = float("-inf")  # monotonic
        self._unknown_topics = UnknownTopics(consumer, self._timer)

    @property
    def is_caught_up(self) -> bool:
        """True once every partition was read to an end that it had since it was assigned.

        For consumers with `enable.partition.eof`.
        """
        return bool(self._partitions) and not self._behind

    def subscribe(self, topics: Iterable[str]) -> None:
        """Join the group of the consumer."""
        self._consumer.subscribe(
            list(topics), on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    def assign(self, partitions: Sequence[Partition]) -> None:
        """Read these partitions, without a group."""
        self._generation += 1
        self._early, self._paused = [], False
        positions = self._load_positions(partitions)
        self._partitions = [TopicPartition(*partition, positions[partition]) for partition in partitions]
        self._behind = set(partitions)
        self._consumer.assign(self._partitions)

    def fetch(self, timeout_s: float = POLL_TIMEOUT_S) -> RecordBatch | None:
        """Return the next batch; None if no record came in time.

        Raises PositionLost, ConsumerFailed and ConsumerEnded.
        """
        self._commit_if_due()
        self._unknown_topics.check()
        self._resume()
        polled = self._poll(timeout_s)  # may clear the early records: rebalances occur inside a poll
        messages = [*self._early, *polled]
        self._early = []
        if not messages:
            self._commit()
            return None
        last = {(message.topic(), message.partition()): message for message in messages}
        ends = {_partition(message): _offset(message) + 1 for message in last.values()}
        return RecordBatch(generation=self._generation, ends=ends, messages=messages)

    def keep_alive(self) -> None:
        """Poll without fetching records, so that the group does not end the session. Raises as `fetch`."""
        self._commit_if_due()
        self._unknown_topics.check()
        if not self._paused and self._partitions:
            self._consumer.pause(self._partitions)
            self._paused = True
        message = self._consumer.poll(0)
        if message is not None:
            self._early += self._without_errors([message])

    def commit_async(self, positions: Mapping[Partition, int]) -> None:
        """Commit positions to the group: for lag tools, nothing depends on it.

        At once if the last commit was COMMIT_INTERVAL_S ago; otherwise when it is, or when a fetch returns no
        record. Those of revoked partitions are dropped.
        """
        self._to_commit |= positions
        self._commit_if_due()

    def commit_sync(self, positions: Mapping[Partition, int]) -> None:
        """Commit positions and those of `commit_async` at once, for `AssignmentListener.revoked`.

        Without effect if the partitions were lost: the next owner may have committed later ones. Logs errors.
        """
        if not self._is_lost:
            self._to_commit |= positions
            self._commit(in_background=False)

    def _commit_if_due(self) -> None:
        if self._timer.monotonic() >= self._next_commit:
            self._commit()

    def _commit(self, *, in_background: bool = True) -> None:
        if not self._to_commit:
            return
        self._next_commit = self._timer.monotonic() + COMMIT_INTERVAL_S
        offsets = [TopicPartition(*partition, offset) for partition, offset in self._to_commit.items()]
        self._to_commit = {}
        try:
            if in_background:
                self._consumer.commit(offsets=offsets, asynchronous=True)
            else:
                self._consumer.commit(offsets=offsets, asynchronous=False)
        except (KafkaException, RuntimeError) as error:
            log.debug("offset_commit_failed", error=str(error))

    def end_offset(self, partition: Partition) -> int:
        """Return the next offset of the partition's log as of the last fetch, without a request."""
        _, end = self._consumer.get_watermark_offsets(TopicPartition(*partition), cached=True)
        return end

    def close(self) -> None:
        """Commit the remaining positions, and leave the group."""
        self._commit()
        self._consumer.close()

    def _resume(self) -> None:
        if self._paused:
            self._consumer.resume(self._partitions)
            self._paused = False

    def _poll(self, timeout_s: float) -> list[Message]:
        message = self._consumer.poll(timeout_s)
        if message is None:
            return []
        first = self._without_errors([message])
        self._timer.wait(self._stop, max(0.0, self._next_fetch - self._timer.monotonic()))
        generation = self._generation
        more = self._without_errors(self._consumer.consume(self._batch_records - 1, timeout=0))
        if generation != self._generation:
            # The first record is of the previous assignment. A batch of both would move the new owner's
            # position past records that it never received, so the new partitions are read from their start.
            self._consumer.assign(self._partitions)
            self._behind = {Partition(entry.topic, entry.partition) for entry in self._partitions}
            return []
        if len(more) < self._batch_records * SMALL_BATCH_SHARE:
            self._next_fetch = self._timer.monotonic() + self._small_batch_pause_s
        return [*first, *more]

    def _without_errors(self, messages: Iterable[Message]) -> list[Message]:
        """Return the records and handle the errors at once: records may be dropped in a rebalance, and a
        consumer reports its end only once."""
        records = []
        for message in messages:
            error = message.error()
            if error is None:
                records.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                self._behind.discard(_partition(message))
            elif error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART and (topic := message.topic()):
                self._unknown_topics.report(topic, error.str())
            else:
                _handle(error, message.topic())
        return records

    def _load_positions(self, partitions: Sequence[Partition]) -> Mapping[Partition, int]:
        while not self._stop.is_set():
            try:
                bounds = {
                    partition: log_offsets.watermarks(self._consumer, partition, REQUEST_TIMEOUT_S)
                    for partition in partitions
                }
                return self._listener.assigned(self._generation, bounds)
            except (Transient, KafkaException) as error:
                log.warning("assignment_retry", topics=_topics(partitions), error=str(error))
                self._timer.wait(self._stop, RETRY_INTERVAL_S)
        raise Stopped

    def _on_assign(self, _consumer: object, partitions: list[TopicPartition]) -> None:
        self.assign([Partition(entry.topic, entry.partition) for entry in partitions])

    def _on_revoke(self, _consumer: object, _partitions: list[TopicPartition]) -> None:
        self._generation += 1
        self._resume()  # librdkafka keeps a partition paused, even when it is assigned again
        self._early, self._partitions = [], []
        self._listener.revoked(self._generation)
        self._to_commit = {}
        self._consumer.unassign()

    def _on_lost(self, consumer: object, partitions: list[TopicPartition]) -> None:
        self._is_lost = True
        try:
            self._on_revoke(consumer, partitions)
        finally:
            self._is_lost = False


def _handle(error: KafkaError, topic: str | None) -> None:
    if error.code() == KafkaError._AUTO_OFFSET_RESET:
        raise PositionLost(topic=topic, error=error.str())
    if clients.ended(error):
        raise ConsumerEnded(error.str())
    if error.code() in HOPELESS_ERRORS:
        raise ConsumerFailed(topic=topic, error=error.str())
    log.warning("consumer_error", topic=topic, error=error.str())


def _topics(partitions: Iterable[Partition]) -> list[str]:
    return sorted({partition.topic for partition in partitions})


def _partition(message: Message) -> Partition:
    topic, number = message.topic(), message.partition()
    assert topic is not None and number is not None  # noqa: S101  # a record has both
    return Partition(topic, number)


def _offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None  # noqa: S101
    return offset
