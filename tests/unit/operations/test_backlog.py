"""The wait until a pipeline has processed all its input, with simulated readers and logs."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from operations.replay import backlog as module
from operations.replay.backlog import backlog, drain
from songnodes.errors import PipelineStalled
from songnodes.messaging import log_offsets
from songnodes.messaging.log_offsets import Bounds, Partition

AT = Partition("t", 0)
OTHER = Partition("u", 0)


class SteppingReader:
    """A reader whose position changes with every query."""

    process = "steps"
    group = "g"
    membership_s = 0.0

    def __init__(self, name: str, topic: Partition, positions: Iterator[int | None]) -> None:
        self.name = name
        self.topics: tuple[str, ...] = (topic.topic,)
        self._at = topic
        self._positions = positions

    def positions(self) -> dict[Partition, int]:
        position = next(self._positions)
        return {} if position is None else {self._at: position}

    def move(self, to: Mapping[Partition, int]) -> None:
        raise AssertionError("reading the backlog must not move an offset")


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> dict[Partition, Bounds]:
    """Return the logs on the broker; no time passes between two polls."""
    log_bounds = {AT: Bounds(start=10, end=20), OTHER: Bounds(start=0, end=5)}
    monkeypatch.setattr(
        log_offsets,
        "partitions",
        lambda admin, names: [partition for partition in log_bounds if partition.topic in names],
    )
    monkeypatch.setattr(
        log_offsets,
        "bounds",
        lambda admin, wanted: {key: log_bounds[key] for key in wanted},
    )
    monkeypatch.setattr(module, "POLL_INTERVAL_S", 0)
    return log_bounds


ADMIN: Any = None


@pytest.mark.parametrize(("position", "left"), [(None, 10), (10, 10), (13, 7), (20, 0), (4, 10), (25, 0)])
def test_the_backlog_is_the_distance_from_position_to_log_end(position: int | None, left: int) -> None:
    assert backlog(ADMIN, [SteppingReader("a", AT, iter([position]))]) == ({"a": left} if left else {})


def test_all_positions_are_read_before_any_log_end(
    logs: dict[Partition, Bounds], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the other order a record could be missed: consumed after the positions, output after the ends."""
    order: list[str] = []

    class OrderRecordingReader(SteppingReader):
        def positions(self) -> dict[Partition, int]:
            order.append(self.name)
            return super().positions()

    read_bounds = log_offsets.bounds

    def bounds(*arguments: Any) -> Any:
        order.append("ends")
        return read_bounds(*arguments)

    monkeypatch.setattr(log_offsets, "bounds", bounds)
    backlog(ADMIN, [OrderRecordingReader("a", AT, iter([20])), OrderRecordingReader("b", OTHER, iter([5]))])
    assert order == ["a", "b", "ends"]


def test_drain_returns_true_when_no_reader_has_a_backlog() -> None:
    reports: list[Mapping[str, int]] = []
    readers = [
        SteppingReader("a", AT, iter([10, 15, 20, 20])),
        SteppingReader("b", OTHER, iter([5, 5, 4, 5])),
    ]
    assert drain(ADMIN, readers, reports.append)
    assert reports == [{"a": 10}, {"a": 5}, {"b": 1}]


def test_drain_without_progress_raises_stalled() -> None:
    with pytest.raises(PipelineStalled, match="a 10"):
        drain(ADMIN, [SteppingReader("a", AT, iter(lambda: 10, None))], lambda left: None, stall_timeout=0.05)


def test_drain_returns_false_at_its_time_limit() -> None:
    assert not drain(
        ADMIN, [SteppingReader("a", AT, iter(lambda: 10, None))], lambda left: None, time_limit=0.05
    )
