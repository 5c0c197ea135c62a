"""Trending score: level and momentum of a track's support by DJs (docs/domain.md, section 7).

Evidence is one DJ in one ISO week. Nothing decayed is ever stored: the sums are computed from the days of
support at a given date, so that a retraction or a replay yields the same number. `as_of` is a date, and only
days before it count. The SQL of the refresh computes the same; a test holds both together.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from songnodes.domain.dates import shift

FAST_HALF_LIFE = 7.0  # days
SLOW_HALF_LIFE = 56.0  # days
FAST_DECAY = math.log(2) / FAST_HALF_LIFE  # per day
SLOW_DECAY = math.log(2) / SLOW_HALF_LIFE  # per day

#: Supports per day that a track without history is assumed to have: limits the effect of a single play.
PRIOR_RATE = 0.02
#: Half of full level is never below this many supports per day.
KAPPA_FLOOR = 0.3
KAPPA_PERCENTILE = 0.99
#: Tracks with a day of support in this many days before `as_of` take part in kappa.
ACTIVE_DAYS = 90

#: Without support in this many days before `as_of` the score is 0; it would be below one millionth, and
#: another each day.
SCORED_DAYS = 365

#: Less support than this in the recent days caps the score.
RECENT_DAYS = 28
RECENT_SUPPORT = 2.0
CAP = 0.3

MAIN_WEIGHT = 1.0
LAYERED_WEIGHT = 0.5

#: Days whose ISO week is remembered: ten years of sets.
CACHED_DAYS = 4096

#: A set counts from the noon of its day.
NOON = 0.5


class Play(NamedTuple):
    """A track in one DJ's set. `layered`: never on its own in that set.

    Not a dataclass: one is created for each playlist of a DJ at each fact, in a fifth of the time.
    """

    day: date
    layered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Support per day, decayed fast and slowly, and the support of the last 28 days."""

    fast: float
    slow: float
    recent: float


@lru_cache(CACHED_DAYS)
def iso_week(day: date) -> tuple[int, int]:
    """Return the ISO (year, week) of a day."""
    year, week, _ = day.isocalendar()
    return year, week


def weeks_of_support(plays: Iterable[Play]) -> dict[tuple[int, int], tuple[date, float]]:
    """Return one DJ's plays as support: per ISO (year, week) the day of the first play and the weight.

    The weight is 1 if any play of the week was a main one, else .5; how many plays or sources does not count.
    """
    weeks: dict[tuple[int, int], tuple[date, float]] = {}
    for play in plays:
        week = iso_week(play.day)
        weight = LAYERED_WEIGHT if play.layered else MAIN_WEIGHT
        first, heaviest = weeks.get(week, (play.day, weight))
        weeks[week] = (min(first, play.day), max(heaviest, weight))
    return weeks


def decayed(days: Mapping[date, float], as_of: date) -> Rates:
    """Return the rates at the beginning of `as_of`, from the weight of support per day. Not negative.

    In steady state both estimate the same supports per day, so they compare directly. Days are summed in
    their order, so that equal evidence gives an equal number to the last bit. The fast rate of support
    that is older than a year is 0.
    """
    fast = slow = recent = 0.0
    since = shift(as_of, -timedelta(days=RECENT_DAYS))
    scored_since, is_scored = shift(as_of, -timedelta(days=SCORED_DAYS)), False
    for day in sorted(days):
        if day >= as_of:
            break
        age = max(0.0, (as_of - day).days - NOON)
        fast += days[day] * math.exp(-FAST_DECAY * age)
        slow += days[day] * math.exp(-SLOW_DECAY * age)
        if day >= since:
            recent += days[day]
        is_scored = is_scored or day >= scored_since
    return Rates(fast=FAST_DECAY * fast if is_scored else 0.0, slow=SLOW_DECAY * slow, recent=recent)


def momentum(rates: Rates) -> float:
    """Return the fast rate's excess over the slow one in standard deviations; about 0 in steady state."""
    return (rates.fast - rates.slow) / math.sqrt((rates.slow + PRIOR_RATE) * FAST_DECAY / 2)


def score(rates: Rates, kappa: float) -> float:
    """Return the trending score, 0 to 1: the geometric mean of level and momentum.

    `kappa` is the rate at which the level is one half, see `kappa`. Support under 2 in the last 28 days gives
    at most .3.
    """
    level = rates.fast / (rates.fast + kappa) if rates.fast > 0 else 0.0
    value = math.sqrt(level * _logistic(momentum(rates)))
    return min(value, CAP) if rates.recent < RECENT_SUPPORT else value


def _logistic(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def kappa(fast_rates: Iterable[float]) -> float:
    """Return the 99th percentile of the fast rates of the tracks that are active, at least .3.

    Interpolated as `percentile_cont` of PostgreSQL does it. No tracks: the floor.
    """
    ordered = sorted(fast_rates)
    if not ordered:
        return KAPPA_FLOOR
    place = KAPPA_PERCENTILE * (len(ordered) - 1)
    below = math.floor(place)
    above = math.ceil(place)
    value = ordered[below] + (ordered[above] - ordered[below]) * (place - below)
    return max(KAPPA_FLOOR, value)


def is_active(days: Iterable[date], as_of: date) -> bool:
    """Return True if the track had support within ACTIVE_DAYS before `as_of`."""
    since = shift(as_of, -timedelta(days=ACTIVE_DAYS))
    return any(since <= day < as_of for day in days)
