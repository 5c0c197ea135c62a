"""Trending: evidence, decay, score, and the simulated histories in docs/domain.md."""

import math
import random
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.trending import (
    CAP,
    KAPPA_FLOOR,
    Play,
    Rates,
    decayed,
    is_active,
    kappa,
    momentum,
    score,
    weeks_of_support,
)

AS_OF = date(2026, 6, 1)
HISTORIES: dict[str, tuple[Callable[[int], float], float]] = {
    "steady 1 a day": (lambda age: 1.0, 0.58),
    "steady .1 a day": (lambda age: 0.1, 0.27),
    "steady 10 a day": (lambda age: 10.0, 0.68),
    "jump from .3 to 3 a day 14 days ago": (lambda age: 3.0 if age <= 14 else 0.3, 0.91),
    "new, 2 a day for 5 days": (lambda age: 2.0 if age <= 5 else 0.0, 0.77),
    "silent for 60 days": (lambda age: 0.0 if age <= 60 else 1.0, 0.02),
}


def days_ago(age: int) -> date:
    return AS_OF - timedelta(days=age)


def poisson(chance: random.Random, rate: float) -> int:
    limit, product, count = math.exp(-rate), chance.random(), 0
    while product > limit:
        product *= chance.random()
        count += 1
    return count


@pytest.mark.parametrize("history", HISTORIES)
def test_mean_scores_of_simulated_histories(history: str) -> None:
    rate, wanted = HISTORIES[history]
    chance = random.Random(history)
    scores = []
    for _ in range(200):
        days = {days_ago(age): float(poisson(chance, rate(age))) for age in range(1, 400)}
        scores.append(score(decayed(days, AS_OF), 0.5))
    assert sum(scores) / len(scores) == pytest.approx(wanted, abs=0.05)


def test_the_score_of_one_day_equals_the_manual_calculation() -> None:
    rates = decayed({days_ago(1): 1.0}, AS_OF)
    assert rates.fast == pytest.approx(math.log(2) / 7 * 2 ** (-0.5 / 7))
    assert rates.slow == pytest.approx(math.log(2) / 56 * 2 ** (-0.5 / 56))
    assert rates.recent == 1.0


def test_only_days_before_as_of_are_counted() -> None:
    past = {days_ago(3): 1.0}
    assert decayed({**past, AS_OF: 5.0, days_ago(-10): 5.0}, AS_OF) == decayed(past, AS_OF)


def test_support_under_two_in_28_days_is_capped() -> None:
    many_long_ago = {days_ago(age): 5.0 for age in range(29, 120)}
    assert score(decayed({**many_long_ago, days_ago(1): 1.5}, AS_OF), KAPPA_FLOOR) <= CAP
    assert score(decayed({days_ago(1): 2.0}, AS_OF), 0.1) > CAP
    assert decayed({days_ago(28): 1.0, days_ago(29): 1.0}, AS_OF).recent == 1.0


SUPPORT = st.dictionaries(
    st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.sampled_from([0.5, 1.0, 7.0]), max_size=40
)


@given(SUPPORT, st.floats(0.3, 50))
def test_the_score_is_a_share_independent_of_order(days: dict[date, float], half: float) -> None:
    value = score(decayed(days, AS_OF), half)
    assert 0 <= value <= 1
    assert score(decayed(dict(reversed(days.items())), AS_OF), half) == value


@given(SUPPORT, st.dates(date(2025, 1, 1), date(2026, 5, 31)))
def test_retraction_is_exact(days: dict[date, float], day: date) -> None:
    before = {key: weight for key, weight in days.items() if key != day}
    more = {**before, day: 1.0}
    less = {key: weight for key, weight in more.items() if key != day}
    assert decayed(less, AS_OF) == decayed(before, AS_OF)
    assert decayed(more, AS_OF).slow > decayed(before, AS_OF).slow


def test_support_older_than_a_year_scores_zero() -> None:
    many = decayed({days_ago(age): 1000.0 for age in range(366, 400)}, AS_OF)
    assert many.slow > 0
    assert score(many, KAPPA_FLOOR) == 0.0
    assert 0 < score(decayed({days_ago(365): 1000.0}, AS_OF), KAPPA_FLOOR) < 1e-6


def test_no_support_scores_zero() -> None:
    assert score(decayed({}, AS_OF), 0.3) == 0.0
    assert momentum(Rates(fast=0.1, slow=0.1, recent=3)) == 0.0


def test_kappa_is_the_99th_percentile_with_a_floor() -> None:
    assert kappa([]) == KAPPA_FLOOR
    assert kappa([0.01] * 100) == KAPPA_FLOOR
    assert kappa(float(n) for n in range(101)) == pytest.approx(99.0)
    assert kappa([1.0, 2.0]) == pytest.approx(1.99)


def test_a_track_is_active_within_the_window() -> None:
    assert is_active([days_ago(90)], AS_OF)
    assert not is_active([days_ago(91), AS_OF], AS_OF)


def test_a_week_of_one_dj_is_one_support_at_its_first_day() -> None:
    monday = date(2026, 5, 4)
    plays = [
        Play(day=monday + timedelta(days=5)),
        Play(day=monday + timedelta(days=2), layered=True),
        Play(day=monday + timedelta(days=6), layered=True),
        Play(day=monday + timedelta(days=7), layered=True),
    ]
    assert weeks_of_support(plays) == {
        (2026, 19): (monday + timedelta(days=2), 1.0),
        (2026, 20): (monday + timedelta(days=7), 0.5),
    }
    assert weeks_of_support(reversed(plays)) == weeks_of_support(plays)


def test_weeks_are_iso_weeks() -> None:
    assert set(weeks_of_support([Play(day=date(2027, 1, 1))])) == {(2026, 53)}
    assert weeks_of_support([]) == {}
