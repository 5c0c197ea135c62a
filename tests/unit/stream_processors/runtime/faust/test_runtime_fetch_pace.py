"""Times of a worker's fetches, on a clock moved by hand."""

import pytest

from stream_processors.runtime.faust.fetch_pace import (
    IDLE_AFTER_S,
    IDLE_WAIT_S,
    INTERVAL_S,
    WAIT_S,
    FetchPace,
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_fetch_with_records_is_followed_by_a_pause(clock: Clock) -> None:
    pace = FetchPace(clock)
    pace.begin()
    clock.now += INTERVAL_S / 5
    assert pace.end(has_records=True, is_recovery=False) == pytest.approx(INTERVAL_S * 4 / 5)
    assert pace.end(has_records=False, is_recovery=False) == 0
    assert pace.end(has_records=True, is_recovery=True) == 0


def test_a_slow_fetch_is_followed_by_no_pause(clock: Clock) -> None:
    pace = FetchPace(clock)
    pace.begin()
    clock.now += 2 * INTERVAL_S
    assert pace.end(has_records=True, is_recovery=False) == 0


def test_a_worker_without_records_for_long_waits_longer(clock: Clock) -> None:
    pace = FetchPace(clock)
    assert pace.begin() == WAIT_S
    clock.now += IDLE_AFTER_S + 1
    pace.end(has_records=False, is_recovery=False)
    assert pace.begin() == IDLE_WAIT_S
    pace.end(has_records=True, is_recovery=False)
    assert pace.begin() == WAIT_S
