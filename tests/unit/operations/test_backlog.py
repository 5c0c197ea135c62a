"""Waiting for a pipeline to come to rest, with readers and logs of our own."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from operations.replay import backlog as module
from operations.replay.backlog import Stalled, backlog, drain
from songnodes.messaging import log_offsets
from songnodes.messaging.log_offsets import Bounds, Partition

AT = Partition("t", 0)
OTHER = Partition("u", 0)


class Steps:
    """A reader that stands elsewhere each time it is looked at."""

    process = "steps"
    group = "g"

    def __init__(self, name: str, topic: Partition, positions: Iterator[int | None]) -> None:
        self.name = name
        self.topics: tuple[str, ...] = (topic.topic,)
        self._at = topic
        self._positions = positions

    def positions(self) -> dict[Partition, int]:
        position = next(self._positions)
        return {} if position is None else {self._at: position}

    def move(self, to: Mapping[Partition, int]) -> None:
        raise AssertionError("a look at the backlog moves nothing")


@pytest.fixture(autouse=True)
def logs(monkeypatch: pytest.MonkeyPatch) -> dict[Partition, Bounds]:
    """The logs on the broker; no time passes between two looks."""
    there = {AT: Bounds(start=10, end=20), OTHER: Bounds(start=0, end=5)}
    monkeypatch.setattr(
        log_offsets, "partitions", lambda admin, names: [at for at in there if at.topic in names]
    )
    monkeypatch.setattr(log_offsets, "bounds", lambda admin, wanted: {at: there[at] for at in wanted})
    monkeypatch.setattr(module, "POLL_INTERVAL_S", 0)
    return there


ADMIN: Any = None


@pytest.mark.parametrize(("position", "left"), [(None, 10), (10, 10), (13, 7), (20, 0), (4, 10), (25, 0)])
def test_what_is_left(position: int | None, left: int) -> None:
    assert backlog(ADMIN, [Steps("a", AT, iter([position]))]) == ({"a": left} if left else {})


def test_all_positions_are_taken_before_any_end(
    logs: dict[Partition, Bounds], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a record could be overlooked: read after the first look, its output written after the ends."""
    order: list[str] = []

    class Watched(Steps):
        def positions(self) -> dict[Partition, int]:
            order.append(self.name)
            return super().positions()

    read_bounds = log_offsets.bounds

    def bounds(*arguments: Any) -> Any:
        order.append("ends")
        return read_bounds(*arguments)

    monkeypatch.setattr(log_offsets, "bounds", bounds)
    backlog(ADMIN, [Watched("a", AT, iter([20])), Watched("b", OTHER, iter([5]))])
    assert order == ["a", "b", "ends"]


def test_waiting_ends_when_nothing_is_left_anywhere() -> None:
    told: list[Mapping[str, int]] = []
    readers = [Steps("a", AT, iter([10, 15, 20, 20])), Steps("b", OTHER, iter([5, 5, 4, 5]))]
    assert drain(ADMIN, readers, told.append)
    assert told == [{"a": 10}, {"a": 5}, {"b": 1}]


def test_waiting_ends_when_nothing_moves() -> None:
    with pytest.raises(Stalled, match="a 10"):
        drain(ADMIN, [Steps("a", AT, iter(lambda: 10, None))], lambda left: None, stall_timeout=0.05)


def test_waiting_ends_in_time() -> None:
    assert not drain(ADMIN, [Steps("a", AT, iter(lambda: 10, None))], lambda left: None, time_limit=0.05)
