"""A Kafka broker in memory: partitions and consumer groups, for tests of consumers without a server.

`tests/support/log_contract.py` runs the same assertions against this log and against a broker.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, overload

from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from songnodes.messaging.log_offsets import Partition
from songnodes.messaging.positions.consumer import RebalanceCallback

#: A poll without records returns after this time at the latest: tests have clocks of their own.
LONGEST_POLL_S = 0.005


@dataclass(slots=True)
class StoredPartition:
    """Records by offset; `low` is the first offset kept, `high` the next one."""

    low: int = 0
    high: int = 0
    records: dict[int, Message] = field(default_factory=dict)

    def next_record(self, offset: int) -> Message | None:
        """Return the first record at this offset or above."""
        return next((self.records[at] for at in range(offset, self.high) if at in self.records), None)


@dataclass(slots=True)
class Topic:
    """A topic; its id changes when it is deleted and created again."""

    id: str
    partitions: list[StoredPartition]


class InMemoryLog:
    """Topics, consumer groups and committed offsets. Methods may be called by any thread."""

    def __init__(self) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.topics: dict[str, Topic] = {}
        self.offsets: dict[str, dict[Partition, int]] = {}  # committed, by group
        self._groups: dict[str, Group] = {}
        self._ids = count(1)

    def create_topic(self, partitions: int, name: str = "") -> str:
        """Create a topic and return its name."""
        with self.changed:
            number = next(self._ids)
            name = name or f"topic-{number}"
            self.topics[name] = Topic(f"id-{number}", [StoredPartition() for _ in range(partitions)])
            return name

    def replace_topic(self, topic: str) -> None:
        """Delete a topic and create it again, empty."""
        self.create_topic(len(self.topics[topic].partitions), topic)

    def publish(self, topic: str, part: int, *values: bytes | None, key: bytes | None = None) -> None:
        """Append records to a partition."""
        with self.changed:
            stored = self.topics[topic].partitions[part]
            for value in values:
                stored.records[stored.high] = Message(
                    topic=topic,
                    partition=part,
                    offset=stored.high,
                    key=key,
                    value=value,
                    headers=[],
                    timestamp=(1, 1_700_000_000_000 + stored.high),
                )
                stored.high += 1
            self.changed.notify_all()

    def publish_transaction(self, topic: str, part: int, value: bytes) -> None:
        """Append a record and a marker of its transaction, which is an offset without a record."""
        with self.changed:
            self.publish(topic, part, value)
            self.topics[topic].partitions[part].high += 1

    def delete_before(self, topic: str, part: int, offset: int) -> None:
        """Delete the records below an offset, as retention does."""
        with self.changed:
            stored = self.topics[topic].partitions[part]
            stored.low = offset
            stored.records = {at: record for at, record in stored.records.items() if at >= offset}

    def consumer(
        self, group: str, *, instance_id: str | None = None, reset: str = "error", eof: bool = False
    ) -> "InMemoryConsumer":
        """Return a consumer that has not joined the group yet."""
        return InMemoryConsumer(self, group, instance_id, reset, eof)

    def expire(self, consumer: "InMemoryConsumer") -> None:
        """End a member's session: its partitions are assigned to the others."""
        with self.changed:
            consumer.events.append(_event(KafkaError._MAX_POLL_EXCEEDED))
            consumer.is_lost = True
            self.group(consumer.group).remove(consumer)

    def committed(self, group: str) -> dict[Partition, int]:
        """Return the offsets committed to a group."""
        with self.changed:
            return dict(self.offsets.get(group, {}))

    def group(self, name: str) -> "Group":
        """Return the members of a group."""
        return self._groups.setdefault(name, Group(self))

    def stored(self, partition: Partition) -> StoredPartition:
        """Return a partition. Raises KafkaException for a topic or a partition that does not exist."""
        try:
            return self.topics[partition[0]].partitions[partition[1]]
        except (KeyError, IndexError):
            raise KafkaException(KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)) from None


class Group:
    """Members of a consumer group, rebalanced eagerly: all revoke before any is assigned."""

    def __init__(self, log: InMemoryLog) -> None:
        self._log = log
        self._members: list[InMemoryConsumer] = []
        self._waiting: set[InMemoryConsumer] = set()  # have to revoke before the next assignment

    def join(self, member: "InMemoryConsumer") -> None:
        """Add a member; one with the instance id of another takes its place and its partitions."""
        for index, previous in enumerate(self._members):
            if member.instance_id is not None and previous.instance_id == member.instance_id:
                self._members[index] = member
                self._waiting.discard(previous)
                previous.fence()
                member.to_assign = previous.to_assign or list(previous.group_partitions)
                return
        self._members.append(member)
        self._rebalance()

    def remove(self, member: "InMemoryConsumer") -> None:
        """Remove a member and assign its partitions to the others."""
        if member in self._members:
            self._members.remove(member)
            self._waiting.discard(member)
            self._rebalance()

    def has_revoked(self, member: "InMemoryConsumer") -> None:
        """Note that a member has no partitions any more; assign when all are ready."""
        self._waiting.discard(member)
        self._assign_if_ready()

    def is_waiting_for(self, member: "InMemoryConsumer") -> bool:
        """Return True if a member has to revoke its partitions."""
        return member in self._waiting

    def _rebalance(self) -> None:
        for member in self._members:
            member.to_assign = None
        self._waiting = {member for member in self._members if member.group_partitions}
        self._assign_if_ready()

    def _assign_if_ready(self) -> None:
        if self._waiting or not self._members:
            return
        topics = {topic for member in self._members for topic in member.topics}
        partitions = [
            Partition(topic, part)
            for topic in sorted(topics)
            for part in range(len(self._log.topics[topic].partitions))
        ]
        for index, member in enumerate(self._members):
            member.to_assign = partitions[index :: len(self._members)]
        self._log.changed.notify_all()


class InMemoryConsumer:
    """Consumer of an in-memory log: a `songnodes.messaging.positions.consumer.TopicConsumer`."""

    def __init__(self, log: InMemoryLog, group: str, instance_id: str | None, reset: str, eof: bool) -> None:
        self._log = log
        self._reset = reset
        self._eof = eof
        self._on_assign: RebalanceCallback | None = None
        self._on_revoke: RebalanceCallback | None = None
        self._on_lost: RebalanceCallback | None = None
        self._positions: dict[Partition, int] = {}
        self._ended: dict[Partition, int] = {}  # positions of the last EOF events
        self._lost: dict[Partition, int] = {}  # positions reported as out of range
        self._paused: set[Partition] = set()
        self._before: dict[str, deque[Callable[[], object]]] = {}
        self.group = group
        self.instance_id = instance_id
        self.topics: list[str] = []
        self.events: deque[Message] = deque()
        self.group_partitions: list[Partition] = []
        self.to_assign: list[Partition] | None = None
        self.is_lost = False
        self.is_fenced = False
        self.is_closed = False

    def before(self, call: str, action: Callable[[], object]) -> None:
        """Run an action, which may raise, before the next call of this method."""
        self._before.setdefault(call, deque()).append(action)

    def fail(self, code: int, topic: str | None = None) -> None:
        """Let a poll return an event with this error, of a topic or of none."""
        with self._log.changed:
            self.events.append(Message(topic=topic, error=KafkaError(code)) if topic else _event(code))
            self._log.changed.notify_all()

    def fence(self) -> None:
        """End the consumer: another one has its instance id."""
        self.is_fenced = True
        self.events.append(_event(KafkaError._FATAL, "fenced by a consumer with the same group.instance.id"))
        self._log.changed.notify_all()

    @property
    def paused(self) -> set[Partition]:
        """Partitions that are paused."""
        return set(self._paused)

    @property
    def positions(self) -> dict[Partition, int]:
        """Next offset to read of each assigned partition."""
        return dict(self._positions)

    # The calls of a TopicConsumer.

    def subscribe(
        self,
        topics: list[str],
        on_assign: RebalanceCallback | None = None,
        on_revoke: RebalanceCallback | None = None,
        on_lost: RebalanceCallback | None = None,
    ) -> None:
        self._on_assign, self._on_revoke, self._on_lost = on_assign, on_revoke, on_lost
        with self._log.changed:
            self.topics = topics
            self._log.group(self.group).join(self)

    def assign(self, partitions: list[TopicPartition]) -> None:
        with self._log.changed:
            # a paused partition remains paused, as in librdkafka
            self._ended.clear()
            self._lost.clear()
            self._positions = {
                Partition(partition.topic, partition.partition): self._first_position(partition)
                for partition in partitions
            }

    def unassign(self) -> None:
        self.assign([])

    def pause(self, partitions: list[TopicPartition]) -> None:
        self._paused |= {Partition(partition.topic, partition.partition) for partition in partitions}

    def resume(self, partitions: list[TopicPartition]) -> None:
        self._paused -= {Partition(partition.topic, partition.partition) for partition in partitions}

    def poll(self, timeout: float = -1) -> Message | None:
        self._run_actions("poll")
        messages = self._take(1, timeout)
        return messages[0] if messages else None

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:
        self._run_actions("consume")
        return self._take(num_messages, timeout)

    def get_watermark_offsets(
        self, partition: TopicPartition, timeout: float = -1, cached: bool = False
    ) -> tuple[int, int]:
        self._run_actions("get_watermark_offsets")
        with self._log.changed:
            stored = self._log.stored(Partition(partition.topic, partition.partition))
            return stored.low, stored.high

    @overload
    def commit(self, *, offsets: list[TopicPartition], asynchronous: Literal[True] = ...) -> None: ...

    @overload
    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: Literal[False]
    ) -> list[TopicPartition]: ...

    def commit(
        self, *, offsets: list[TopicPartition], asynchronous: bool = True
    ) -> list[TopicPartition] | None:
        self._run_actions("commit")
        with self._log.changed:
            committed = self._log.offsets.setdefault(self.group, {})
            committed |= {Partition(entry.topic, entry.partition): entry.offset for entry in offsets}
        return None if asynchronous else offsets

    def close(self) -> None:
        if self.is_closed:
            return
        if not self.is_fenced:
            partitions = self.group_partitions
            self._revoke(self._on_revoke)
            with self._log.changed:
                if self.instance_id is None:
                    self._log.group(self.group).remove(self)
                else:
                    self.group_partitions = partitions  # kept for its successor
        self.is_closed = True

    # How they work.

    def _run_actions(self, call: str) -> None:
        if self.is_closed:
            raise RuntimeError("Consumer closed")
        if self._before.get(call):
            self._before[call].popleft()()

    def _first_position(self, partition: TopicPartition) -> int:
        if partition.offset >= 0:
            return partition.offset
        key = Partition(partition.topic, partition.partition)
        if partition.offset == OFFSET_BEGINNING:
            return self._log.stored(key).low
        if partition.offset == OFFSET_INVALID:
            return self._log.offsets.get(self.group, {}).get(key, OFFSET_INVALID)
        raise ValueError(f"offset {partition.offset} is not supported")

    def _take(self, limit: int, timeout: float) -> list[Message]:
        self._serve_group()
        with self._log.changed:
            messages = self._available(limit)
            if not messages and timeout:
                self._log.changed.wait(LONGEST_POLL_S)
                messages = self._available(limit)
            return messages

    def _available(self, limit: int) -> list[Message]:
        messages: list[Message] = []
        while self.events and len(messages) < limit:
            messages.append(self.events.popleft())
        if self.is_fenced:
            return messages
        for partition in self._positions:
            while len(messages) < limit and (message := self._next_of(partition)) is not None:
                messages.append(message)
        return messages

    def _next_of(self, partition: Partition) -> Message | None:
        if partition in self._paused or partition[0] not in self._log.topics:
            return None
        stored, position = self._log.stored(partition), self._positions[partition]
        if not stored.low <= position <= stored.high:
            if self._reset == "earliest":
                position = self._positions[partition] = stored.low
            elif self._lost.get(partition) != position:
                self._lost[partition] = position
                return _event(KafkaError._AUTO_OFFSET_RESET, "offset out of range", partition)
            else:
                return None
        record = stored.next_record(position)
        if record is not None:
            self._positions[partition] = _offset(record) + 1
            return record
        self._positions[partition] = stored.high
        if self._eof and self._ended.get(partition) != stored.high:
            self._ended[partition] = stored.high
            return _event(KafkaError._PARTITION_EOF, "no more messages", partition)
        return None

    def _serve_group(self) -> None:
        """Call the callbacks that are due, without the lock: they may wait for other threads."""
        group = self._log.group(self.group)
        if self.is_lost:
            self.is_lost = False
            self._revoke(self._on_lost or self._on_revoke)
            with self._log.changed:
                group.join(self)
        if group.is_waiting_for(self):
            self._revoke(self._on_revoke)
            with self._log.changed:
                group.has_revoked(self)
        with self._log.changed:
            partitions, self.to_assign = self.to_assign, None
            if partitions is not None:
                self.group_partitions = partitions
        if partitions is not None:
            self._call(self._on_assign, self.assign, partitions)

    def _revoke(self, callback: RebalanceCallback | None) -> None:
        with self._log.changed:
            partitions, self.group_partitions = self.group_partitions, []
        if partitions:
            self._call(callback, lambda _: self.unassign(), partitions)

    def _call(
        self,
        callback: RebalanceCallback | None,
        default: Callable[[list[TopicPartition]], object],
        partitions: Iterable[Partition],
    ) -> None:
        entries = [TopicPartition(topic, part) for topic, part in partitions]
        if callback is None:
            default(entries)
        else:
            callback(self, entries)


def _offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None
    return offset


def _event(code: int, reason: str = "", partition: Partition | None = None) -> Message:
    error = KafkaError(code, reason or None)
    if partition is None:
        return Message(error=error)
    return Message(topic=partition[0], partition=partition[1], error=error)
