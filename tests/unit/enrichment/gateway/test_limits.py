"""Log of starts: no window exceeded at the arrival at the server, and nearly all of it used."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.gateway.limits import (
    MARGIN_S,
    StartLog,
    add_start,
    next_start,
    remove_start,
    share_of,
    starts_used,
)
from enrichment.types import Window
from songnodes.provider_settings import LATENESS_S
from tests.support.arrivals import most_within

BEGIN = 1_800_000_000.0
DAY_S = 86400.0
PER_SECOND = Window(starts=1, seconds=1.0)
PER_5_S = Window(starts=50, seconds=5.0)
TEN_PER_SECOND = Window(starts=10, seconds=1.0)
PER_DAY = Window(starts=1000, seconds=DAY_S)

windows = st.lists(
    st.builds(Window, starts=st.integers(1, 300), seconds=st.sampled_from([0.5, 1.0, 5.0, 60.0, 3600.0])),
    min_size=1,
    max_size=3,
)
#: Seconds until the next request; seconds from the start to the arrival; too late to be sent.
requests = st.lists(
    st.tuples(
        st.floats(0, 2) | st.just(0.0) | st.floats(0, 3600),
        st.floats(0, MARGIN_S - 1e-6),
        st.sampled_from([False, False, False, True]),
    ),
    max_size=120,
)


@given(windows, requests)
def test_no_window_is_exceeded_at_the_arrival(
    limits: list[Window], calls: list[tuple[float, float, bool]]
) -> None:
    log, now, arrivals = StartLog(), BEGIN, []
    for pause, way, is_late in calls:
        now += pause
        start = next_start(log, limits, now)
        log = add_start(log, limits, start)
        if is_late:
            late = start + 0.05
            log = remove_start(log, limits, start)
            start = next_start(log, limits, late)
            log = add_start(log, limits, start)
        arrivals.append(start + 0.1 + way)
        now = max(now, start - 1)  # the next process does not wait for this start
    for window in limits:
        assert most_within(arrivals, window.seconds) <= window.starts


@pytest.mark.parametrize("window", [PER_SECOND, PER_5_S, TEN_PER_SECOND, PER_DAY])
def test_98_percent_of_a_window_are_used(window: Window) -> None:
    log, starts = StartLog(), [BEGIN]
    for _ in range(window.starts * 12):
        log = add_start(log, [window], starts[-1])
        starts.append(next_start(log, [window], starts[-1]))
    used = sum(start < BEGIN + 10 * window.seconds for start in starts)
    assert used >= 0.98 * 10 * window.starts


def test_a_start_is_not_before_one_that_is_reserved() -> None:
    log = add_start(StartLog(), [PER_5_S], BEGIN + 1)
    assert next_start(log, [PER_5_S], BEGIN) == BEGIN + 1


def test_a_budget_of_a_day_is_used_once_and_returns_with_the_next_day() -> None:
    log = StartLog()
    for number in range(1000):
        start = next_start(log, [PER_DAY], BEGIN + number)
        assert start == BEGIN + number
        log = add_start(log, [PER_DAY], start)
    assert starts_used(log, PER_DAY, BEGIN + 1000) == 1000
    again = next_start(log, [PER_DAY], BEGIN + 1000)
    assert BEGIN + DAY_S < again < BEGIN + DAY_S * 1.02


def test_a_log_has_no_more_starts_than_its_windows_need() -> None:
    log = StartLog()
    for number in range(500):
        log = add_start(log, [PER_5_S, PER_DAY], BEGIN + number * 60)
    assert len(log.recent) == 1
    assert len(log.counts["86400"]) <= 130
    for _ in range(200):
        log = add_start(log, [PER_5_S, PER_SECOND], next_start(log, [PER_5_S], BEGIN + 40_000))
    assert len(log.recent) == 50


def test_a_window_of_none_never_starts() -> None:
    assert next_start(StartLog(), [Window(starts=0, seconds=DAY_S)], BEGIN) == math.inf
    assert next_start(StartLog(), [Window(starts=0, seconds=DAY_S), PER_SECOND], BEGIN) == math.inf


@given(st.integers(1, 200), st.integers(1, 40))
def test_all_shares_together_are_within_the_window(starts: int, processes: int) -> None:
    (share,) = share_of([Window(starts=starts, seconds=1.0)], processes)
    assert share.starts >= 1
    assert processes * share.starts / share.seconds <= starts


def test_the_margin_covers_a_late_request() -> None:
    assert 0 < LATENESS_S < MARGIN_S <= 0.02
