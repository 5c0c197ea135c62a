"""Inputs of the resolver: all partitions of its topics, from the positions stored in its tables."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Message

from songnodes import logs, metrics
from songnodes.clock import Timer
from songnodes.domain import enrichments
from songnodes.errors import (
    ConsumerEnded,
    ConsumerFailed,
    KafkaUnreachable,
    Poison,
    PositionLost,
    TopicMissing,
    TopicReplaced,
)
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.consumer import TopicConsumer
from songnodes.messaging.positions.positioned_consumer import PositionedConsumer
from songnodes.messaging.positions.stored import StoredPosition, check_advance, check_positions
from songnodes.settings import Settings
from stream_processors.resolver.ingest import ANSWERS, INPUTS, InputRecord
from stream_processors.resolver.store import Store

APP = "resolver"  # in metrics, and in the name of the group
MAX_BATCH_RECORDS = 500  # per transaction
POLL_TIMEOUT_S = 0.5
#: From a small batch to the next: every batch has two transactions or more, and silver emits the consequences
#: with its next commit.
SMALL_BATCH_PAUSE_S = 0.5
#: Static membership: after kill -9 the next process is assigned the partitions at once.
CONSUMER = {"group.instance.id": APP, "session.timeout.ms": 10_000, "enable.partition.eof": True}

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Decoded records; `begins` and `ends` are the positions of each partition before and after them."""

    records: Sequence[InputRecord]
    ends: Mapping[Partition, int]
    begins: Mapping[Partition, int] = field(default_factory=dict)


class Reading:
    """Consumer of all inputs. `topic_ids` are the ids of the topics by their names on the broker."""

    def __init__(
        self,
        settings: Settings,
        codec: Codec,
        store: Store,
        consumer: TopicConsumer,
        topic_ids: Mapping[str, str],
        *,
        stop: threading.Event | None = None,
        timer: Timer | None = None,
    ) -> None:
        self._codec = codec
        self._store = store
        self._names = input_names(settings)
        self._topic_ids = topic_ids
        self._positions: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}
        self._began = False
        self._consumer = PositionedConsumer(
            consumer,
            self,
            batch_records=MAX_BATCH_RECORDS,
            small_batch_pause_s=SMALL_BATCH_PAUSE_S,
            stop=stop,
            timer=timer,
        )
        self._consumer.subscribe(self._names)

    @classmethod
    def opened(cls, settings: Settings, codec: Codec, store: Store, stop: threading.Event) -> "Reading":
        """Connect to the broker and join the group. Raises KafkaUnreachable."""
        try:
            topic_ids = log_offsets.topic_ids(clients.admin(settings), input_names(settings))
        except TopicMissing as error:  # not created yet
            raise KafkaUnreachable(str(error)) from error
        consumer = clients.consumer(settings, topics.group(APP, settings), **CONSUMER)
        return cls(settings, codec, store, consumer, topic_ids, stop=stop)

    @property
    def began(self) -> bool:
        """True once the stored positions are read and verified to be those of these topics."""
        return self._began

    @property
    def caught_up(self) -> bool:
        """True once every input was read to an end that it had since the start."""
        return self._consumer.is_caught_up

    def next(self) -> Batch:
        """Return the next batch, possibly an empty one. Raises KafkaUnreachable: open a new one."""
        try:
            fetched = self._consumer.fetch(POLL_TIMEOUT_S)
        except (ConsumerEnded, ConsumerFailed, PositionLost) as error:
            raise KafkaUnreachable(str(error)) from error
        if fetched is None:
            return Batch(records=(), ends={})
        records = [record for record in map(self._decoded, fetched.messages) if record is not None]
        begins = {partition: self._positions[partition] for partition in fetched.ends}
        return Batch(records=records, ends=fetched.ends, begins=begins)

    def advance(self, batch: Batch) -> None:
        """Move the stored positions, inside of the transaction of the records. Raises Fenced."""
        expected = {partition: self._positions[partition] for partition in batch.ends}
        moved = self._store.put(
            "offsets",
            "advance",
            (
                {
                    "topic": partition.topic,
                    "part": partition.number,
                    "expected": expected[partition],
                    "next_offset": end,
                }
                for partition, end in batch.ends.items()
            ),
        )
        # after a lost response to a commit the positions are read again, so they are never at `ends` already
        check_advance(expected, batch.ends, len(moved), {})

    def note_committed(self, batch: Batch) -> None:
        """Note that the batch is in the tables."""
        self._positions.update(batch.ends)

    def commit_async(self) -> None:
        """Commit the positions whose consequences are emitted to the group: for lag tools only."""
        if self._committed != self._positions:
            self._consumer.commit_async(self._positions)
            self._committed = dict(self._positions)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Return the stored positions; with empty tables if those are positions of other logs."""
        with self._store.transaction():
            try:
                check_positions(self._stored(), logs, self._topic_ids)
            except (PositionLost, TopicReplaced):
                log.warning("inputs_replaced", consequence="the tables are emptied and all inputs read again")
                self._store.execute("offsets", "forget")
            self._begin(logs)
            stored = self._stored()
        self._positions = {partition: position.next_offset for partition, position in stored.items()}
        self._committed = {}
        self._began = True
        lag = sum(bounds.end - self._positions[partition] for partition, bounds in logs.items())
        log.info("partitions_assigned", partitions=len(logs), records=lag)
        return {partition: self._positions[partition] for partition in logs}

    def revoked(self, generation: int) -> None:
        """Drop the positions; they are read again with the next assignment."""
        self._positions, self._committed = {}, {}

    def _begin(self, logs: Mapping[Partition, Bounds]) -> None:
        """Store the start of the log of each partition without a position."""
        self._store.put(
            "offsets",
            "begin",
            (
                {
                    "topic": partition.topic,
                    "part": partition.number,
                    "next_offset": bounds.start,
                    "topic_id": self._topic_ids[partition.topic],
                }
                for partition, bounds in logs.items()
            ),
        )

    def _stored(self) -> dict[Partition, StoredPosition]:
        return {
            Partition(row["topic"], row["part"]): StoredPosition(
                next_offset=row["next_offset"], topic_id=row["topic_id"]
            )
            for row in self._store.rows("offsets", "known")
        }

    def _decoded(self, message: Message) -> InputRecord | None:
        """Return the record; None for one that cannot be decoded.

        The stages and sinks that read the same topics have it among their dead letters, and a reinserted one
        is read here too.
        """
        partition = Partition(message.topic() or "", message.partition() or 0)
        topic = self._names[partition.topic]
        metrics.PROCESSED.labels(APP, topic).inc()
        key = (message.key() or b"").decode("utf-8", "replace")
        try:
            is_withdrawal = topic == ANSWERS and message.value() is None
            value = {} if is_withdrawal else self._codec.decode(topic, message.value())
            if topic == ANSWERS:
                enrichments.split_key(key)
        except (Poison, enrichments.InvalidAnswerKey) as error:
            reason = error.reason if isinstance(error, Poison) else str(error)
            log.warning("record_unreadable", topic=topic, offset=message.offset(), reason=reason)
            return None
        return InputRecord(
            topic=topic,
            value=value,
            partition=partition,
            offset=message.offset() or 0,
            message=message,
            key=key,
        )


def input_names(settings: Settings) -> dict[str, str]:
    """Return the inputs: logical names by their names on the broker."""
    return {topics.physical(name, settings): name for name in INPUTS}
