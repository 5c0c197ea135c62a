"""A positioned consumer on a log in memory: assignments, rebalances, pauses, errors."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, Producer, TopicPartition

from songnodes.errors import ConsumerEnded, ConsumerFailed, PositionLost, Transient
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.positioned_consumer import (
    COMMIT_INTERVAL_S,
    RETRY_INTERVAL_S,
    SMALL_BATCH_PAUSE_S,
    PositionedConsumer,
    RecordBatch,
    Stopped,
)
from songnodes.messaging.positions.unknown_topics import UNKNOWN_TOPIC_TIMEOUT_S
from tests.support.in_memory_log import InMemoryConsumer, InMemoryLog
from tests.support.manual_timer import ManualTimer

GROUP = "group"
BATCH = 5
POLLS = 20  # after which an expected batch is missing


@dataclass
class Table:
    """Stored positions; a partition without one begins at the start of its log."""

    stored: dict[Partition, int] = field(default_factory=dict)
    errors: list[Exception] = field(default_factory=list)
    generations: list[int] = field(default_factory=list)
    owned: set[Partition] = field(default_factory=set)
    bounds: dict[Partition, Bounds] = field(default_factory=dict)
    on_revoked: Callable[[], object] = lambda: None

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        if self.errors:
            raise self.errors.pop(0)
        self.generations.append(generation)
        self.owned, self.bounds = set(logs), dict(logs)
        return {partition: self.stored.setdefault(partition, log.start) for partition, log in logs.items()}

    def revoked(self, generation: int) -> None:
        self.generations.append(generation)
        self.owned = set()
        self.on_revoked()


class Reader:
    """A positioned consumer with its table, client and time."""

    def __init__(
        self,
        log: InMemoryLog,
        topic: str,
        *,
        table: Table | None = None,
        instance_id: str | None = None,
        eof: bool = False,
        small_batch_pause_s: float = SMALL_BATCH_PAUSE_S,
    ) -> None:
        self.table = table or Table()
        self.timer = ManualTimer(skips=True)
        self.stop = threading.Event()
        self.client: InMemoryConsumer = log.consumer(GROUP, instance_id=instance_id, eof=eof)
        self.consumer = PositionedConsumer(
            self.client,
            self.table,
            batch_records=BATCH,
            small_batch_pause_s=small_batch_pause_s,
            stop=self.stop,
            timer=self.timer,
        )
        self.consumer.subscribe([topic])

    def next_batch(self, *members: "Reader") -> RecordBatch:
        """Return the next batch, while the other members poll too."""
        for _ in range(POLLS):
            batch = self.consumer.fetch()
            if batch is not None:
                return batch
            for member in members:
                assert member.consumer.fetch() is None
        raise AssertionError("no batch")


def values(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def offsets(batch: RecordBatch) -> list[tuple[int | None, int | None]]:
    """Return partition and offset of each record."""
    return [(message.partition(), message.offset()) for message in batch.messages]


@pytest.fixture
def log() -> InMemoryLog:
    return InMemoryLog()


def test_reading_begins_at_the_stored_position(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *values(4))
    partition = Partition(topic, 0)
    reader = Reader(log, topic, table=Table(stored={partition: 2}))
    batch = reader.next_batch()
    assert offsets(batch) == [(0, 2), (0, 3)]
    assert batch.ends == {partition: 4}
    assert reader.table.bounds == {partition: Bounds(start=0, end=4)}
    assert [batch.generation] == reader.table.generations


def test_a_partition_without_a_position_begins_at_the_start_of_its_log(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *values(4))
    log.delete_before(topic, 0, 3)
    assert offsets(Reader(log, topic).next_batch()) == [(0, 3)]


def test_a_batch_has_at_most_its_size_and_an_end_per_partition(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    log.publish(topic, 0, *values(3))
    log.publish(topic, 1, *values(4))
    reader = Reader(log, topic)
    batch = reader.next_batch()
    assert len(batch.messages) == BATCH
    assert batch.ends == {Partition(topic, 0): 3, Partition(topic, 1): 2}
    assert reader.next_batch().ends == {Partition(topic, 1): 4}
    assert reader.consumer.fetch() is None


def test_offsets_without_records_are_passed(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish_transaction(topic, 0, b"a")
    log.publish_transaction(topic, 0, b"b")
    batch = Reader(log, topic).next_batch()
    assert offsets(batch) == [(0, 0), (0, 2)]
    assert batch.ends == {Partition(topic, 0): 3}


@pytest.mark.parametrize("pause_s", [SMALL_BATCH_PAUSE_S, 0.5])
def test_a_small_batch_is_followed_by_a_pause_and_a_large_one_is_not(
    log: InMemoryLog, pause_s: float
) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic, small_batch_pause_s=pause_s)
    for count in (1, 1, BATCH, 1):
        log.publish(topic, 0, *values(count))
        reader.next_batch()
    pauses = [pause for pause in reader.timer.pauses if pause]
    assert pauses == pytest.approx([pause_s] * 2)


def test_it_is_caught_up_when_every_partition_was_read_to_its_end(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    log.publish(topic, 0, *values(BATCH))
    log.publish(topic, 1, b"a")
    reader = Reader(log, topic, eof=True)
    assert not reader.consumer.is_caught_up
    reader.next_batch()
    assert not reader.consumer.is_caught_up
    reader.next_batch()
    for _ in range(3):
        reader.consumer.fetch()
    assert reader.consumer.is_caught_up
    log.publish(topic, 1, b"b")
    reader.next_batch()
    assert reader.consumer.is_caught_up, "it was read to an end that it had"


def test_revoked_partitions_end_a_generation_and_continue_where_the_table_is(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    log.publish(topic, 0, *values(2))
    first = Reader(log, topic)
    batch = first.next_batch()
    second = Reader(log, topic, table=Table(stored=first.table.stored))
    first.table.stored |= batch.ends
    for _ in range(4):
        first.consumer.fetch()
        second.consumer.fetch()
    assert first.table.owned | second.table.owned == {Partition(topic, 0), Partition(topic, 1)}
    assert batch.generation < first.table.generations[-1] == 3
    second.consumer.close()
    log.publish(topic, 0, b"later")
    assert offsets(first.next_batch()) == [(0, 2)]


def test_a_rebalance_within_a_fetch_makes_no_batch_of_two_assignments(log: InMemoryLog) -> None:
    """The first record is of the previous assignment. A batch with later ones would skip those between."""
    topic = log.create_topic(1)
    log.publish(topic, 0, *values(4))
    reader = Reader(log, topic)
    assert reader.next_batch().ends == {Partition(topic, 0): 4}
    log.publish(topic, 0, *values(3))

    def rebalance() -> None:
        reader.table.stored[Partition(topic, 0)] = 2  # the other owner got that far
        log.expire(reader.client)

    reader.client.before("consume", rebalance)
    assert reader.consumer.fetch() is None
    assert offsets(reader.next_batch()) == [(0, 2), (0, 3), (0, 4), (0, 5), (0, 6)]


def test_an_end_reached_within_the_fetch_of_a_rebalance_is_read_again(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *values(4))
    reader = Reader(log, topic, eof=True)
    reader.next_batch()
    log.publish(topic, 0, b"last")
    reader.table.stored[Partition(topic, 0)] = 4
    reader.client.before("consume", lambda: log.expire(reader.client))
    reader.consumer.fetch()
    assert not reader.consumer.is_caught_up
    assert offsets(reader.next_batch()) == [(0, 4)]
    assert reader.consumer.is_caught_up


def test_a_lost_assignment_is_dropped_like_a_revoked_one(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    log.expire(reader.client)
    reader.consumer.fetch()
    reader.consumer.fetch()
    assert reader.table.generations == [1, 2, 3]
    assert reader.table.owned == {Partition(topic, 0)}


def test_keeping_alive_pauses_and_loses_no_record(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    log.publish(topic, 0, *values(3))
    reader.consumer.keep_alive()
    reader.consumer.keep_alive()
    assert reader.client.paused == {Partition(topic, 0)}
    assert reader.client.positions == {Partition(topic, 0): 0}
    assert offsets(reader.next_batch()) == [(0, 0), (0, 1), (0, 2)]
    assert reader.client.paused == set()


def test_partitions_that_are_revoked_while_paused_are_read_when_they_come_back(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    reader.consumer.keep_alive()
    joining = Reader(log, topic)
    for _ in range(POLLS):
        reader.consumer.keep_alive()
        joining.consumer.fetch()
    assert len(reader.table.owned) == 1
    joining.consumer.close()
    for part in range(2):
        log.publish(topic, part, *values(2))
    assert offsets(reader.next_batch()) == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_librdkafka_keeps_a_partition_paused_when_it_is_assigned_again() -> None:
    """The log in memory does the same: else the test above would show nothing."""
    servers = {"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 0}
    producer = Producer(servers)
    for part in range(2):
        producer.produce("paused", b"1", partition=part)
    producer.flush()
    broker = producer.list_topics().brokers[1]
    address = f"{broker.host}:{broker.port}"
    consumer = Consumer({"bootstrap.servers": address, "group.id": GROUP, "log_level": 0})
    partitions = [TopicPartition("paused", part, 0) for part in range(2)]
    consumer.assign(partitions)
    assert {message.partition() for message in consumer.consume(2, timeout=10)} == {0, 1}
    consumer.pause(partitions[:1])
    consumer.unassign()
    consumer.assign(partitions)
    assert [message.partition() for message in consumer.consume(2, timeout=1)] == [1]
    consumer.resume(partitions[:1])
    assert [message.partition() for message in consumer.consume(1, timeout=10)] == [0]
    consumer.close()


def test_a_record_that_arrives_while_pausing_comes_first(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    reader.client.before("poll", lambda: reader.client.resume(reader.consumer._partitions))
    log.publish(topic, 1, *values(2))
    reader.consumer.keep_alive()
    assert offsets(reader.next_batch()) == [(1, 0), (1, 1)]


def test_records_that_arrived_while_pausing_are_dropped_with_their_partitions(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    reader.client.before("poll", lambda: reader.client.resume(reader.consumer._partitions))
    log.publish(topic, 0, *values(2))
    reader.consumer.keep_alive()
    log.expire(reader.client)
    assert offsets(reader.next_batch()) == [(0, 0), (0, 1)]


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (KafkaError._AUTO_OFFSET_RESET, PositionLost),
        (KafkaError._FATAL, ConsumerEnded),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, ConsumerFailed),
        (KafkaError.GROUP_AUTHORIZATION_FAILED, ConsumerFailed),
        (KafkaError._UNKNOWN_TOPIC, ConsumerFailed),
    ],
)
@pytest.mark.parametrize("call", ["fetch", "keep_alive"])
def test_errors_that_librdkafka_never_recovers_from_are_raised(
    log: InMemoryLog, code: int, error: type[Exception], call: str
) -> None:
    reader = Reader(log, log.create_topic(1))
    reader.consumer.fetch()
    reader.client.fail(code)
    with pytest.raises(error):
        getattr(reader.consumer, call)()


def test_other_errors_are_left_to_librdkafka(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, b"a")
    reader = Reader(log, topic)
    reader.client.fail(KafkaError._ALL_BROKERS_DOWN)
    assert offsets(reader.next_batch()) == [(0, 0)]


@pytest.mark.parametrize("call", ["fetch", "keep_alive"])
def test_a_topic_unknown_to_a_broker_that_starts_is_read_on(log: InMemoryLog, call: str) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    reader.client.fail(KafkaError.UNKNOWN_TOPIC_OR_PART, topic)
    getattr(reader.consumer, call)()
    reader.timer.advance(UNKNOWN_TOPIC_TIMEOUT_S)
    getattr(reader.consumer, call)()
    log.publish(topic, 0, b"a")
    assert offsets(reader.next_batch()) == [(0, 0)]


@pytest.mark.parametrize("call", ["fetch", "keep_alive"])
def test_a_topic_that_remains_unknown_is_an_error(log: InMemoryLog, call: str) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    reader.client.fail(KafkaError.UNKNOWN_TOPIC_OR_PART, "removed")
    getattr(reader.consumer, call)()
    reader.timer.advance(UNKNOWN_TOPIC_TIMEOUT_S)
    with pytest.raises(ConsumerFailed, match="removed"):
        getattr(reader.consumer, call)()


def test_a_broker_that_is_down_at_the_check_of_a_topic_is_waited_for(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    reader.client.fail(KafkaError.UNKNOWN_TOPIC_OR_PART, "removed")
    reader.consumer.fetch()
    reader.client.before("get_watermark_offsets", broker_down)
    reader.timer.advance(UNKNOWN_TOPIC_TIMEOUT_S)
    reader.consumer.fetch()
    reader.timer.advance(UNKNOWN_TOPIC_TIMEOUT_S)
    with pytest.raises(ConsumerFailed, match="removed"):
        reader.consumer.fetch()


def broker_down() -> None:
    raise KafkaException(KafkaError(KafkaError._TRANSPORT))


def test_a_position_that_retention_removed_while_reading_is_an_error(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    reader = Reader(log, topic)
    reader.consumer.fetch()
    log.publish(topic, 0, *values(4))
    log.delete_before(topic, 0, 3)
    with pytest.raises(PositionLost, match="offset out of range"):
        reader.consumer.fetch()


def test_a_static_member_that_was_replaced_is_ended(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    first = Reader(log, topic, instance_id="place")
    first.consumer.fetch()
    second = Reader(log, topic, instance_id="place")
    second.consumer.fetch()
    with pytest.raises(ConsumerEnded, match="fenced"):
        first.consumer.fetch()
    assert second.table.owned == {Partition(topic, 0)}


@pytest.mark.parametrize("error", [Transient("down"), KafkaException(KafkaError(KafkaError._TIMED_OUT))])
def test_an_assignment_is_repeated_until_the_servers_respond(log: InMemoryLog, error: Exception) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, b"a")
    reader = Reader(log, topic, table=Table(errors=[error, error]))
    assert offsets(reader.next_batch()) == [(0, 0)]
    assert [pause for pause in reader.timer.pauses if pause][:2] == [RETRY_INTERVAL_S] * 2


def test_an_assignment_is_repeated_until_the_watermarks_are_known(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, b"a")
    reader = Reader(log, topic)

    def timeout() -> None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    reader.client.before("get_watermark_offsets", timeout)
    assert offsets(reader.next_batch()) == [(0, 0)]
    assert RETRY_INTERVAL_S in reader.timer.pauses


def test_a_stop_ends_an_assignment_that_waits_for_a_server(log: InMemoryLog) -> None:
    reader = Reader(log, log.create_topic(1))

    def stop_and_fail() -> None:
        reader.stop.set()
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    reader.client.before("get_watermark_offsets", stop_and_fail)
    with pytest.raises(Stopped):
        reader.consumer.fetch()


def test_an_unknown_error_of_the_listener_is_raised(log: InMemoryLog) -> None:
    reader = Reader(log, log.create_topic(1), table=Table(errors=[ValueError("no rule")]))
    with pytest.raises(ValueError, match="no rule"):
        reader.consumer.fetch()


def test_positions_are_committed_to_the_group(log: InMemoryLog) -> None:
    partition = Partition(log.create_topic(1), 0)
    reader = Reader(log, partition.topic)
    reader.consumer.commit_async({partition: 7})
    assert log.committed(GROUP) == {partition: 7}


def test_commits_are_an_interval_apart_and_none_is_lost(log: InMemoryLog) -> None:
    partition = Partition(log.create_topic(1), 0)
    reader = Reader(log, partition.topic)
    reader.consumer.fetch()
    for position in (7, 8, 9):
        reader.consumer.commit_async({partition: position})
    log.publish(partition.topic, 0, *values(2))
    reader.next_batch()
    assert log.committed(GROUP) == {partition: 7}
    reader.consumer.fetch()
    assert log.committed(GROUP) == {partition: 9}, "no record came: the topic is read to its end"
    reader.consumer.commit_async({partition: 10})
    reader.timer.advance(COMMIT_INTERVAL_S)
    reader.consumer.keep_alive()
    assert log.committed(GROUP) == {partition: 10}
    reader.consumer.commit_async({partition: 11})
    reader.consumer.close()
    assert log.committed(GROUP) == {partition: 11}


def test_positions_of_revoked_partitions_are_not_committed(log: InMemoryLog) -> None:
    """The next owner may have committed a later one."""
    partition = Partition(log.create_topic(1), 0)
    reader = Reader(log, partition.topic)
    reader.consumer.fetch()
    for position in (7, 8):
        reader.consumer.commit_async({partition: position})
    log.expire(reader.client)
    reader.consumer.fetch()
    reader.timer.advance(COMMIT_INTERVAL_S)
    reader.consumer.fetch()
    assert log.committed(GROUP) == {partition: 7}


def test_a_revocation_may_commit_before_the_next_owner_begins(log: InMemoryLog) -> None:
    partition = Partition(log.create_topic(1), 0)
    reader = Reader(log, partition.topic)
    reader.consumer.fetch()
    for position in (7, 8):
        reader.consumer.commit_async({partition: position})
    reader.table.on_revoked = lambda: reader.consumer.commit_sync({})
    log.consumer(GROUP).subscribe([partition.topic])
    reader.consumer.fetch()
    assert reader.table.generations == [1, 2, 3]
    assert log.committed(GROUP) == {partition: 8}


def test_a_lost_partition_is_not_committed(log: InMemoryLog) -> None:
    """The next owner may have committed a later one."""
    partition = Partition(log.create_topic(1), 0)
    reader = Reader(log, partition.topic)
    reader.consumer.fetch()
    reader.consumer.commit_async({partition: 7})
    reader.table.on_revoked = lambda: reader.consumer.commit_sync({partition: 8})
    log.expire(reader.client)
    reader.consumer.fetch()
    assert log.committed(GROUP) == {partition: 7}


@pytest.mark.parametrize("error", [KafkaException(KafkaError(KafkaError._STATE)), RuntimeError("closed")])
def test_a_commit_that_fails_is_ignored(log: InMemoryLog, error: Exception) -> None:
    partition = Partition(log.create_topic(1), 0)
    reader = Reader(log, partition.topic)
    reader.client.before("commit", raiser(error))
    reader.consumer.commit_async({partition: 7})
    assert log.committed(GROUP) == {}


def test_partitions_are_read_without_a_group(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    log.publish(topic, 0, *values(2))
    log.publish(topic, 1, *values(1))
    partitions: Sequence[Partition] = [Partition(topic, 0), Partition(topic, 1)]
    table = Table(stored={partitions[0]: 1})
    consumer = PositionedConsumer(log.consumer(GROUP), table, batch_records=BATCH)
    consumer.assign(partitions)
    batch = consumer.fetch()
    assert batch is not None
    assert offsets(batch) == [(0, 1), (1, 0)]
    assert consumer.end_offset(partitions[0]) == 2
    consumer.close()
    with pytest.raises(RuntimeError):
        consumer.fetch()


def raiser(error: Exception) -> Callable[[], None]:
    def action() -> None:
        raise error

    return action
