"""Cuts with stored counts: one place or type, all time or a whole year or month."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from queries.cuts import Cut, calendar_period, covering_periods


@pytest.mark.parametrize(
    ("first", "last", "period"),
    [
        (None, None, ""),
        (date(2025, 1, 1), date(2025, 12, 31), "2025"),
        (date(2025, 2, 1), date(2025, 2, 28), "2025-02"),
        (date(2024, 2, 1), date(2024, 2, 28), None),
        (date(2024, 2, 1), date(2024, 2, 29), "2024-02"),
        (date(2025, 12, 1), date(2025, 12, 31), "2025-12"),
        (date(9999, 12, 1), date.max, "9999-12"),
        (date(2024, 1, 1), date(2025, 12, 31), None),
        (date(2024, 2, 1), date(2025, 2, 28), None),
        (date(2025, 1, 1), None, None),
        (None, date(2025, 12, 31), None),
        (date(2025, 1, 2), date(2025, 12, 31), None),
    ],
)
def test_periods_of_the_calendar(first: date | None, last: date | None, period: str | None) -> None:
    assert calendar_period(first, last) == period


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(0, 800))
def test_a_period_has_exactly_the_days_of_its_name(first: date, days: int) -> None:
    last = min(first, date.max - timedelta(days)) + timedelta(days)
    period = calendar_period(first, last)
    if period is not None:
        assert first.isoformat().startswith(period)
        assert last.isoformat().startswith(period)
        assert first == date.min or not (first - timedelta(1)).isoformat().startswith(period)
        assert last == date.max or not (last + timedelta(1)).isoformat().startswith(period)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(9000, 1, 1)), st.integers(0, 2000))
def test_covering_periods_have_each_day_once(first: date, days: int) -> None:
    last = first + timedelta(days)
    periods = covering_periods(first, last)
    for day in (first + timedelta(number) for number in range(days + 1)):
        assert sum(day.isoformat().startswith(period) for period in periods) == 1
    assert len(set(periods)) == len(periods)
    # No month in them is outside: none but the first and the last one has another day.
    months = {(first + timedelta(number)).isoformat()[:7] for number in range(days + 1)}
    assert {period for period in periods if len(period) == 7} <= months
    for year in (period for period in periods if len(period) == 4):
        assert first <= date(int(year), 1, 1)
        assert date(int(year), 12, 31) <= last


@pytest.mark.parametrize(
    ("cut", "key"),
    [
        (Cut(), None),
        (Cut(country="Spain"), ("country", "Spain", None, "")),
        (
            Cut(venue="Space", first=date(2025, 1, 1), last=date(2025, 1, 31)),
            ("venue", "Space", None, "2025-01"),
        ),
        (Cut(set_type="radio"), ("type", None, "radio", "")),
        (Cut(first=date(2025, 1, 1), last=date(2025, 12, 31)), ("all", None, None, "2025")),
        (Cut(country="Spain", set_type="radio"), ("country type", "Spain", "radio", "")),
        (Cut(venue="Space", set_type="b2b"), ("venue type", "Space", "b2b", "")),
        (Cut(country="Spain", venue="Space"), None),
        (Cut(country="Spain", venue="Space", set_type="b2b"), None),
        (Cut(country="Spain", first=date(2025, 1, 1)), None),
    ],
)
def test_keys_of_stored_counts(cut: Cut, key: tuple[str, str | None, str | None, str] | None) -> None:
    stored = cut.stored_key
    assert (stored and (stored.kind, stored.place, stored.set_type, stored.period)) == key
