"""Assertions about consumers that hold for a broker and for the log in memory.

A test class derives from `LogContract` and has a fixture `log`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pytest
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from songnodes.messaging import clients
from songnodes.messaging.log_offsets import Partition
from songnodes.messaging.positions.consumer import TopicConsumer

TIMEOUT_S = 60.0  # for the broker
GROUP = "group"


class Log(Protocol):
    """A broker, or the log in memory."""

    def create_topic(self, partitions: int) -> str: ...
    def publish(self, topic: str, part: int, *values: bytes | None, key: bytes | None = None) -> None: ...
    def publish_transaction(self, topic: str, part: int, value: bytes) -> None: ...
    def delete_before(self, topic: str, part: int, offset: int) -> None: ...
    def expire(self, consumer: Any) -> None: ...
    def committed(self, group: str) -> dict[Partition, int]: ...
    def consumer(
        self, group: str, *, instance_id: str | None = None, reset: str = "error", eof: bool = False
    ) -> Any: ...


class Member:
    """Member of a group that keeps what its callbacks and polls return."""

    def __init__(self, consumer: TopicConsumer, start: int = 0) -> None:
        self.consumer = consumer
        self.start = start
        self.partitions: set[int] = set()
        self.calls: list[str] = []
        self.messages: list[Message] = []

    def join(self, topic: str) -> "Member":
        """Subscribe with all callbacks."""
        self.consumer.subscribe(
            [topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )
        return self

    def poll(self) -> None:
        """Poll once."""
        message = self.consumer.poll(0.05)
        if message is not None:
            self.messages.append(message)

    @property
    def offsets(self) -> list[int | None]:
        """Offsets of the records read."""
        return [message.offset() for message in self.messages if message.error() is None]

    @property
    def errors(self) -> list[int]:
        """Codes of the errors read."""
        return [error.code() for message in self.messages if (error := message.error()) is not None]

    def _on_assign(self, consumer: TopicConsumer, partitions: list[TopicPartition]) -> None:
        self.calls.append("assign")
        self.partitions = {entry.partition for entry in partitions}
        consumer.assign([TopicPartition(entry.topic, entry.partition, self.start) for entry in partitions])

    def _on_revoke(self, consumer: TopicConsumer, partitions: list[TopicPartition]) -> None:
        self._end("revoke", consumer)

    def _on_lost(self, consumer: TopicConsumer, partitions: list[TopicPartition]) -> None:
        self._end("lost", consumer)

    def _end(self, call: str, consumer: TopicConsumer) -> None:
        self.calls.append(call)
        self.partitions = set()
        consumer.unassign()


@contextmanager
def reader(log: Log, topic: str, offset: int, **config: Any) -> Iterator[Member]:
    """Yield a consumer of partition 0 that is no member of a group."""
    consumer = log.consumer(GROUP, **config)
    try:
        consumer.assign([TopicPartition(topic, 0, offset)])
        yield Member(consumer)
    finally:
        consumer.close()


def poll_until(condition: Callable[[], bool], *members: Member) -> None:
    """Poll all members until the condition is true."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end, [(member.calls, member.offsets, member.errors) for member in members]
        for member in members:
            member.poll()


def poll_more(*members: Member) -> None:
    """Poll some more: nothing is expected."""
    for _ in range(10):
        for member in members:
            member.poll()


class LogContract:
    """The contract."""

    def test_records_are_read_in_order_from_the_position(self, log: Log) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a", None, b"c", b"d", key=b"key")
        with reader(log, topic, 1) as member:
            poll_until(lambda: len(member.offsets) == 3, member)
        assert [(m.offset(), m.key(), m.value()) for m in member.messages] == [
            (1, b"key", None),
            (2, b"key", b"c"),
            (3, b"key", b"d"),
        ]
        assert {(m.topic(), m.partition()) for m in member.messages} == {(topic, 0)}

    def test_a_batch_has_at_most_the_records_requested(self, log: Log) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a", b"b", b"c")
        offsets: list[int | None] = []
        with reader(log, topic, 0) as member:
            poll_until(lambda: member.offsets == [0], member)
            end = time.monotonic() + TIMEOUT_S
            while len(offsets) < 2 and time.monotonic() < end:
                batch = member.consumer.consume(1, 0.05)
                assert len(batch) <= 1
                offsets += [message.offset() for message in batch]
            assert member.consumer.consume(1, 0) == []
        assert offsets == [1, 2]

    def test_an_offset_without_a_record_is_skipped(self, log: Log) -> None:
        topic = log.create_topic(1)
        log.publish_transaction(topic, 0, b"a")
        log.publish_transaction(topic, 0, b"b")
        with reader(log, topic, 0, eof=True) as member:
            poll_until(lambda: member.errors == [KafkaError._PARTITION_EOF], member)
            assert member.consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (0, 4)
        assert member.offsets == [0, 2]

    @pytest.mark.parametrize("offset", [1, 9])
    def test_a_position_outside_the_log_is_an_error(self, log: Log, offset: int) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a", b"b", b"c")
        log.delete_before(topic, 0, 2)
        with reader(log, topic, offset) as member:
            poll_until(lambda: member.errors == [KafkaError._AUTO_OFFSET_RESET], member)
            poll_more(member)
        assert member.errors == [KafkaError._AUTO_OFFSET_RESET]
        assert member.offsets == []

    @pytest.mark.parametrize("offset", [1, 9])
    def test_a_position_outside_the_log_may_become_its_start(self, log: Log, offset: int) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a", b"b", b"c")
        log.delete_before(topic, 0, 2)
        with reader(log, topic, offset, reset="earliest") as member:
            poll_until(lambda: member.offsets == [2], member)
        assert member.errors == []

    def test_the_watermarks_are_the_first_and_the_next_offset(self, log: Log) -> None:
        topic = log.create_topic(1)
        consumer = log.consumer(GROUP)
        assert consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (0, 0)
        log.publish(topic, 0, b"a", b"b", b"c")
        log.delete_before(topic, 0, 2)
        assert consumer.get_watermark_offsets(TopicPartition(topic, 0), timeout=10) == (2, 3)
        with pytest.raises(KafkaException):
            consumer.get_watermark_offsets(TopicPartition(topic, 1), timeout=10)
        consumer.close()

    def test_the_end_is_reported_once_until_more_records_were_read(self, log: Log) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a")
        with reader(log, topic, 0, eof=True) as member:
            poll_until(lambda: bool(member.errors), member)
            poll_more(member)
            assert (member.offsets, member.errors) == ([0], [KafkaError._PARTITION_EOF])
            log.publish(topic, 0, b"b")
            poll_until(lambda: len(member.errors) == 2, member)
        assert member.offsets == [0, 1]

    def test_a_paused_partition_continues_where_it_was(self, log: Log) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a", b"b", b"c")
        with reader(log, topic, 0) as member:
            poll_until(lambda: member.offsets == [0], member)
            member.consumer.pause([TopicPartition(topic, 0)])
            poll_more(member)
            assert member.offsets == [0]
            member.consumer.resume([TopicPartition(topic, 0)])
            poll_until(lambda: member.offsets == [0, 1, 2], member)

    def test_a_new_assignment_drops_what_was_fetched(self, log: Log) -> None:
        topic = log.create_topic(1)
        log.publish(topic, 0, b"a", b"b", b"c")
        with reader(log, topic, 0) as member:
            poll_until(lambda: member.offsets == [0], member)
            member.consumer.assign([TopicPartition(topic, 0, 0)])
            poll_until(lambda: len(member.offsets) == 4, member)
        assert member.offsets == [0, 0, 1, 2]

    def test_a_second_member_gets_a_share_until_it_leaves(self, log: Log) -> None:
        topic = log.create_topic(4)
        first = Member(log.consumer(GROUP)).join(topic)
        poll_until(lambda: first.partitions == {0, 1, 2, 3}, first)
        second = Member(log.consumer(GROUP)).join(topic)
        poll_until(lambda: len(first.partitions) == len(second.partitions) == 2, first, second)
        assert first.partitions | second.partitions == {0, 1, 2, 3}
        assert first.calls == ["assign", "revoke", "assign"]
        second.consumer.close()
        assert second.calls == ["assign", "revoke"]
        poll_until(lambda: first.partitions == {0, 1, 2, 3}, first)
        first.consumer.close()
        with pytest.raises(RuntimeError):
            first.consumer.poll(0)

    def test_a_member_whose_session_expired_loses_its_partitions_and_joins_again(self, log: Log) -> None:
        topic = log.create_topic(2)
        consumer = log.consumer(GROUP)
        member = Member(consumer).join(topic)
        poll_until(lambda: member.partitions == {0, 1}, member)
        log.expire(consumer)
        poll_until(lambda: member.calls == ["assign", "lost", "assign"], member)
        assert member.partitions == {0, 1}
        assert member.errors == [KafkaError._MAX_POLL_EXCEEDED]
        consumer.close()

    def test_a_member_with_the_same_instance_id_ends_the_one_before(self, log: Log) -> None:
        topic = log.create_topic(2)
        first = Member(log.consumer(GROUP, instance_id="a")).join(topic)
        poll_until(lambda: first.partitions == {0, 1}, first)
        second = Member(log.consumer(GROUP, instance_id="a")).join(topic)
        poll_until(lambda: second.partitions == {0, 1} and bool(first.errors), first, second)
        poll_more(first, second)
        assert [clients.ended(error) for m in first.messages if (error := m.error())] == [True]
        assert second.errors == []
        first.consumer.close()
        second.consumer.close()

    def test_a_static_member_that_closes_keeps_its_place(self, log: Log) -> None:
        topic = log.create_topic(2)
        first = Member(log.consumer(GROUP, instance_id="a")).join(topic)
        poll_until(lambda: first.partitions == {0, 1}, first)
        first.consumer.close()
        second = Member(log.consumer(GROUP, instance_id="a")).join(topic)
        poll_until(lambda: second.partitions == {0, 1}, second)
        second.consumer.close()

    def test_committed_offsets_are_those_of_the_group(self, log: Log) -> None:
        topic = log.create_topic(2)
        member = Member(log.consumer(GROUP)).join(topic)
        poll_until(lambda: member.partitions == {0, 1}, member)
        member.consumer.commit(
            offsets=[TopicPartition(topic, 0, 7), TopicPartition(topic, 1, 8)], asynchronous=True
        )
        poll_until(lambda: log.committed(GROUP) == {(topic, 0): 7, (topic, 1): 8}, member)
        member.consumer.close()
