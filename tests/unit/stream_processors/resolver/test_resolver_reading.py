"""Inputs of the resolver on a log and tables in memory."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError

from songnodes.errors import Fenced, KafkaUnreachable, Poison
from songnodes.messaging import topics
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from stream_processors.resolver.ingest import ANSWERS, DECISIONS, EVENTS, INPUTS, PLAYLISTS
from stream_processors.resolver.reading import APP, MAX_BATCH_RECORDS, Batch, Reading
from tests.support.in_memory_log import InMemoryConsumer, InMemoryLog
from tests.support.in_memory_resolver_store import InMemoryStore
from tests.support.manual_timer import ManualTimer

SETTINGS = Settings()
NAMES = {name: topics.physical(name, SETTINGS) for name in INPUTS}
POLLS = 20  # after which an expected batch is missing


class BrokenRecord(Poison):
    """The record is no JSON"""

    reason = "broken"


class JsonCodec:
    """Codec of JSON values."""

    def decode(self, topic: str, value: bytes | None) -> dict[str, Any]:
        try:
            decoded: dict[str, Any] = json.loads(value or b"")
        except ValueError:
            raise BrokenRecord from None
        return decoded


class Inputs:
    """The topics of the resolver, its tables, and readers of them."""

    def __init__(self) -> None:
        self.log = InMemoryLog()
        for name in NAMES.values():
            self.log.create_topic(2, name)
        self.store = InMemoryStore()
        self.client: InMemoryConsumer | None = None

    def publish(self, topic: str, *numbers: int, part: int = 0) -> None:
        self.log.publish(NAMES[topic], part, *(json.dumps({"n": number}).encode() for number in numbers))

    def open(self) -> Reading:
        """Return a reader, as a new process opens it."""
        self.client = self.log.consumer(topics.group(APP, SETTINGS), instance_id=APP, eof=True)
        codec: Any = JsonCodec()
        store: Any = self.store
        ids = {name: topic.id for name, topic in self.log.topics.items()}
        return Reading(SETTINGS, codec, store, self.client, ids, timer=ManualTimer(skips=True))

    def positions(self, topic: str) -> dict[int, int]:
        """Return the stored positions."""
        stored = self.store.tables.offsets.items()
        return {part: offset for (name, part), (offset, _) in stored if name == NAMES[topic]}

    def commit(self, reading: Reading, batch: Batch) -> None:
        """Commit a batch as the intake does."""
        with self.store.transaction():
            reading.advance(batch)
        reading.note_committed(batch)


def next_batch(reading: Reading) -> Batch:
    for _ in range(POLLS):
        batch = reading.next()
        if batch.ends:
            return batch
    raise AssertionError("no batch")


def poll_until(reading: Reading, condition: Callable[[], bool]) -> None:
    for _ in range(POLLS):
        if condition():
            return
        assert not reading.next().ends
    raise AssertionError("not in time")


def numbers(batch: Batch) -> list[tuple[str, int]]:
    return sorted((record.topic, record.value["n"]) for record in batch.records)


@pytest.fixture
def inputs() -> Inputs:
    return Inputs()


def test_all_inputs_are_read_from_their_starts(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, 1, 2)
    inputs.publish(DECISIONS, 3, part=1)
    inputs.publish(EVENTS, 4)
    reading = inputs.open()
    assert not reading.began
    batch = next_batch(reading)
    assert reading.began
    assert numbers(batch) == [(DECISIONS, 3), (EVENTS, 4), (PLAYLISTS, 1), (PLAYLISTS, 2)]
    partition = Partition(NAMES[PLAYLISTS], 0)
    assert (batch.begins[partition], batch.ends[partition]) == (0, 2)
    assert {(record.partition, record.offset) for record in batch.records} >= {(partition, 0), (partition, 1)}


def test_a_restart_reads_on_at_the_stored_positions(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, 1, 2)
    reading = inputs.open()
    inputs.commit(reading, next_batch(reading))
    reading.close()
    inputs.publish(PLAYLISTS, 3)
    batch = next_batch(inputs.open())
    assert numbers(batch) == [(PLAYLISTS, 3)]
    assert batch.begins == {Partition(NAMES[PLAYLISTS], 0): 2}


def test_a_batch_that_was_not_committed_is_read_again(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, 1, 2)
    reading = inputs.open()
    next_batch(reading)
    reading.close()
    assert numbers(next_batch(inputs.open())) == [(PLAYLISTS, 1), (PLAYLISTS, 2)]


def test_it_is_caught_up_at_the_ends_of_all_inputs(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, *range(MAX_BATCH_RECORDS + 1))
    reading = inputs.open()
    first = next_batch(reading)
    assert 1 < len(first.records) <= MAX_BATCH_RECORDS, "the ends of empty partitions count too"
    assert not reading.caught_up
    assert len(first.records) + len(next_batch(reading).records) == MAX_BATCH_RECORDS + 1
    poll_until(reading, lambda: reading.caught_up)


def test_a_record_that_cannot_be_decoded_is_passed(inputs: Inputs) -> None:
    inputs.log.publish(NAMES[PLAYLISTS], 0, b"broken")
    inputs.publish(PLAYLISTS, 2)
    reading = inputs.open()
    batch = next_batch(reading)
    assert numbers(batch) == [(PLAYLISTS, 2)]
    inputs.commit(reading, batch)
    assert inputs.positions(PLAYLISTS)[0] == 2


@pytest.mark.parametrize("value", [None, b'{"n": 1}'])
@pytest.mark.parametrize("key", [b"track", b"a\0b|1"])
def test_an_answer_with_an_invalid_key_is_passed(inputs: Inputs, key: bytes, value: bytes | None) -> None:
    """PostgreSQL refuses NUL: the batch would be repeated without end."""
    inputs.log.publish(NAMES[ANSWERS], 0, value, key=key)
    inputs.log.publish(NAMES[ANSWERS], 0, b'{"n": 2}', key=b"track|1")
    batch = next_batch(inputs.open())
    assert numbers(batch) == [(ANSWERS, 2)]


def test_positions_that_another_process_moved_are_fenced(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, 1, 2)
    reading = inputs.open()
    batch = next_batch(reading)
    partition = Partition(NAMES[PLAYLISTS], 0)
    inputs.store.tables.offsets[partition] = 2, inputs.log.topics[partition.topic].id
    with pytest.raises(Fenced):
        inputs.commit(reading, batch)


@pytest.mark.parametrize("change", ["replaced", "removed", "beyond the end"])
def test_positions_of_another_log_empty_the_tables_and_all_is_read_again(inputs: Inputs, change: str) -> None:
    inputs.publish(PLAYLISTS, 1, 2, 3)
    inputs.publish(EVENTS, 9)
    reading = inputs.open()
    inputs.commit(reading, next_batch(reading))
    inputs.store.tables.facts.append("of before")
    reading.close()
    name = NAMES[PLAYLISTS]
    if change == "replaced":
        inputs.log.replace_topic(name)
        inputs.publish(PLAYLISTS, 4, 5, 6)
    elif change == "removed":
        inputs.publish(PLAYLISTS, 4)
        inputs.log.delete_before(name, 0, 4)
    else:
        inputs.store.tables.offsets[Partition(name, 0)] = 99, inputs.log.topics[name].id
    batch = next_batch(inputs.open())
    assert (EVENTS, 9) in numbers(batch), "the other inputs are read again too"
    assert inputs.store.tables.facts == []
    first = inputs.log.topics[name].partitions[0].low
    assert inputs.positions(PLAYLISTS)[0] == first


def test_a_position_lost_while_reading_opens_the_inputs_again(inputs: Inputs) -> None:
    reading = inputs.open()
    reading.next()
    inputs.publish(PLAYLISTS, 1, 2, 3)
    inputs.log.delete_before(NAMES[PLAYLISTS], 0, 2)
    with pytest.raises(KafkaUnreachable):
        next_batch(reading)


@pytest.mark.parametrize("code", [KafkaError._FATAL, KafkaError.TOPIC_AUTHORIZATION_FAILED])
def test_an_ended_consumer_opens_the_inputs_again(inputs: Inputs, code: int) -> None:
    reading = inputs.open()
    reading.next()
    assert inputs.client is not None
    inputs.client.fail(code)
    with pytest.raises(KafkaUnreachable):
        reading.next()


def test_a_lost_assignment_begins_again_at_the_stored_positions(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, 1, 2)
    reading = inputs.open()
    next_batch(reading)
    assert inputs.client is not None
    inputs.log.expire(inputs.client)
    batch = next_batch(reading)
    assert numbers(batch) == [(PLAYLISTS, 1), (PLAYLISTS, 2)]
    inputs.commit(reading, batch)


def test_the_group_gets_the_committed_positions_and_only_when_they_moved(inputs: Inputs) -> None:
    inputs.publish(PLAYLISTS, 1, 2)
    group, partition = topics.group(APP, SETTINGS), Partition(NAMES[PLAYLISTS], 0)
    reading = inputs.open()
    batch = next_batch(reading)
    inputs.commit(reading, batch)
    assert inputs.log.committed(group) == {}
    reading.commit_async()
    assert inputs.log.committed(group)[partition] == 2
    inputs.log.offsets[group].clear()
    reading.commit_async()
    assert inputs.log.committed(group) == {}


def test_an_error_of_the_store_ends_the_assignment(inputs: Inputs) -> None:
    def broken() -> None:
        raise ConnectionResetError("gone")

    inputs.store.before["offsets", "begin"] = broken
    reading = inputs.open()
    with pytest.raises(ConnectionResetError):
        reading.next()
    assert not reading.began
