"""The time of the first unread record, from answers about times alone."""

import random
from collections.abc import Mapping

import pytest

from infra.embedded.oldest import oldest_ms
from songnodes.messaging.log_offsets import Partition, RecordTime

NOW_MS = 1_800_000_000_000
DAY_MS = 24 * 3600 * 1000
A, B = Partition("t", 0), Partition("t", 1)


class Logs:
    """Logs in memory that answer as a broker: offsets and times (ms) by partition."""

    def __init__(self, logs: Mapping[Partition, Mapping[int, int]]) -> None:
        self._logs = logs
        self.requests = 0

    def first_since(self, times_ms: Mapping[Partition, int]) -> dict[Partition, RecordTime | None]:
        self.requests += 1
        assert self.requests < 200
        return {
            partition: next(
                (RecordTime(offset, at) for offset, at in self._logs[partition].items() if at >= time_ms),
                None,
            )
            for partition, time_ms in times_ms.items()
        }

    def oldest_ms(self, unread: Mapping[Partition, int]) -> int | None:
        ends = {partition: max(self._logs[partition], default=0) + 1 for partition in unread}
        return oldest_ms(unread, ends, NOW_MS, self.first_since)


def test_the_first_unread_record_of_one_partition() -> None:
    log = {offset: NOW_MS - 10_000 + offset * 7 for offset in range(5, 1000)}
    for unread in (5, 6, 500, 998, 999):
        assert Logs({A: log}).oldest_ms({A: unread}) == log[unread]


def test_the_oldest_of_several_partitions_counts() -> None:
    logs = Logs({A: {0: NOW_MS - 9000, 1: NOW_MS - 50}, B: {0: NOW_MS - 8000, 1: NOW_MS - 60}})
    assert logs.oldest_ms({A: 1, B: 1}) == NOW_MS - 60
    assert logs.oldest_ms({A: 0, B: 1}) == NOW_MS - 9000
    assert logs.oldest_ms({A: 1, B: 0}) == NOW_MS - 8000


def test_equal_times_and_compacted_offsets() -> None:
    assert Logs({A: dict.fromkeys(range(10), NOW_MS - 5)}).oldest_ms({A: 7}) == NOW_MS - 5
    assert Logs({A: {3: NOW_MS - 900, 8: NOW_MS - 100}}).oldest_ms({A: 0}) == NOW_MS - 900


def test_a_record_of_the_future_is_not_old() -> None:
    assert Logs({A: {0: NOW_MS - DAY_MS, 1: NOW_MS + 2000}}).oldest_ms({A: 1}) == NOW_MS + 2000


def test_nothing_unread_and_records_removed_meanwhile() -> None:
    assert Logs({}).oldest_ms({}) is None
    assert Logs({A: {}}).oldest_ms({A: 3}) is None


@pytest.mark.parametrize("seed", range(40))
def test_random_logs_need_few_requests(seed: int) -> None:
    """Times in bursts with long pauses, as after a night without pages."""
    random.seed(seed)
    logs: dict[Partition, dict[int, int]] = {}
    for partition in (A, B):
        pauses = [random.choice([0, 1, 20, 3_600_000]) for _ in range(200)]
        at = NOW_MS - sum(pauses)
        logs[partition] = {}
        for offset, pause in enumerate(pauses):
            at += pause
            logs[partition][offset] = at
    broker = Logs(logs)
    unread = {partition: random.randrange(200) for partition in logs}
    assert broker.oldest_ms(unread) == min(logs[partition][offset] for partition, offset in unread.items())
    assert broker.requests <= 75
