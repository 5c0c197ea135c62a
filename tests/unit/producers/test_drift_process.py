"""Reading of the drift watch on a log in memory."""

import threading
from typing import Any

import pytest

from producers.drift.process import (
    BATCH_RECORDS,
    RUN_RECORDS,
    SAMPLE_EVERY,
    SAMPLING_LAG,
    StoredPositions,
    batches,
)
from songnodes.messaging.log_offsets import Partition
from songnodes.messaging.positions.positioned_consumer import PositionedConsumer
from tests.support.in_memory_log import InMemoryLog
from tests.support.manual_timer import ManualTimer

POLLS = 200  # fetches until a reader without records is stopped


class Table:
    """The table `drift_positions` of one topic."""

    def __init__(self, positions: dict[int, int]) -> None:
        self._positions = positions

    def positions(self, topic: str) -> dict[int, int]:
        return self._positions


class Stop(threading.Event):
    """Set after a number of checks."""

    def __init__(self) -> None:
        super().__init__()
        self._checks = iter(range(POLLS))

    def is_set(self) -> bool:
        return super().is_set() or next(self._checks, None) is None


@pytest.fixture
def log() -> InMemoryLog:
    return InMemoryLog()


def read(
    log: InMemoryLog, topic: str, positions: dict[int, int], size: int = BATCH_RECORDS
) -> list[list[tuple[int | None, int | None]]]:
    """Read a topic to its end; return partition and offset of the records of each batch."""
    store: Any = Table(positions)
    stop = Stop()
    consumer = PositionedConsumer(
        log.consumer("drift", reset="earliest"),
        StoredPositions(store, topic),
        batch_records=size,
        timer=ManualTimer(skips=True),
    )
    consumer.assign([Partition(topic, part) for part in range(len(log.topics[topic].partitions))])
    offsets = [[(m.partition(), m.offset()) for m in messages] for messages in batches(consumer, stop)]
    consumer.close()
    return offsets


def test_reading_begins_at_the_stored_positions(log: InMemoryLog) -> None:
    topic = log.create_topic(2)
    log.publish(topic, 0, *[b"page"] * 4)
    log.publish(topic, 1, *[b"page"] * 2)
    assert read(log, topic, {0: 3}) == [[(0, 3), (1, 0), (1, 1)]]


@pytest.mark.parametrize("position", [1, 9])
def test_a_position_outside_the_log_becomes_its_start(log: InMemoryLog, position: int) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *[b"page"] * 4)
    log.delete_before(topic, 0, 2)
    assert read(log, topic, {0: position}) == [[(0, 2), (0, 3)]]


def test_with_a_lag_one_run_of_pages_in_some_is_read(log: InMemoryLog) -> None:
    topic, cycle = log.create_topic(1), RUN_RECORDS * SAMPLE_EVERY
    pages = 2 * cycle + RUN_RECORDS + SAMPLING_LAG
    log.publish(topic, 0, *[b"page"] * pages)
    offsets = [offset for batch in read(log, topic, {}) for _, offset in batch]
    runs = [offset for start in (0, cycle, 2 * cycle) for offset in range(start, start + RUN_RECORDS)]
    assert offsets == [*runs, *range(pages - SAMPLING_LAG, pages)]


def test_each_partition_is_in_a_different_part_of_the_cycle(log: InMemoryLog) -> None:
    """A change of the site is in the sample of some partition soon."""
    topic, cycle = log.create_topic(SAMPLE_EVERY), RUN_RECORDS * SAMPLE_EVERY
    for partition in range(SAMPLE_EVERY):
        log.publish(topic, partition, *[b"page"] * (cycle + SAMPLING_LAG))
    offsets = [place for batch in read(log, topic, {}) for place in batch]
    sampled = [offset or 0 for _, offset in offsets if (offset or 0) < cycle]
    assert sorted(sampled) == list(range(cycle)), "each offset in exactly one partition"


def test_pages_are_all_read_without_a_lag(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *[b"page"] * (12 * RUN_RECORDS))
    begin = 9 * RUN_RECORDS + 3
    log.delete_before(topic, 0, 12 * RUN_RECORDS - SAMPLING_LAG)
    assert len([place for batch in read(log, topic, {0: begin}) for place in batch]) == SAMPLING_LAG


def test_a_batch_without_a_page_to_read_is_passed(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *[b"page"] * (SAMPLING_LAG + 2 * RUN_RECORDS * SAMPLE_EVERY))
    sizes = [len(batch) for batch in read(log, topic, {}, size=RUN_RECORDS)]
    assert sizes[:2] == [RUN_RECORDS] * 2, "the batches between them have none"
    assert 0 not in sizes


def test_a_stopped_watch_reads_nothing_more(log: InMemoryLog) -> None:
    topic = log.create_topic(1)
    log.publish(topic, 0, *[b"page"] * 3)
    store: Any = Table({})
    consumer = PositionedConsumer(
        log.consumer("drift"), StoredPositions(store, topic), batch_records=BATCH_RECORDS
    )
    consumer.assign([Partition(topic, 0)])
    stop = threading.Event()
    stop.set()
    assert list(batches(consumer, stop)) == []
