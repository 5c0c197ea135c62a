"""Curves of a set: published values, peaks, and the label of the shape."""

import statistics
from collections.abc import Sequence
from typing import Literal

#: Least share of moments with a value: below it a curve would be guessed.
MIN_COVERAGE = 0.6
#: Least rise and fall of the energy around a peak; smaller changes are noise of providers.
PROMINENCE = 0.1
#: Fewest values of a shape.
MIN_SHAPE_VALUES = 5
#: Range of the energy below which a set is a plateau.
PLATEAU_RANGE = 0.15
#: From here on rises and falls are a wave.
WAVE_PEAKS = 3
#: Change from the first to the last third, as a share of the range, that makes a rise.
RISE_SHARE = 0.35
#: Highest energy of a warm-up.
WARM_UP_PEAK = 0.6

Shape = Literal["warm-up", "build", "plateau", "wave", "peak-and-release"]
Values = Sequence[float | None]


def coverage(values: Sequence[object]) -> float:
    """Return the share of values that are known; 0 for none."""
    return sum(value is not None for value in values) / len(values) if values else 0.0


def is_covered(values: Sequence[object]) -> bool:
    """Return True if enough values are known for a curve."""
    return bool(values) and coverage(values) >= MIN_COVERAGE


def count_peaks(values: Sequence[float], prominence: float = PROMINENCE) -> int:
    """Return the number of maxima that rise at least `prominence` above the lowest value on each side.

    The ends have nothing beyond them: a set may start or end at its peak. 0 where the range is smaller.
    """
    peaks, rising = 0, True
    low = high = values[0] if values else 0.0
    for value in values:
        if rising:
            high = max(high, value)
            if high - value >= prominence:
                peaks, rising, low = peaks + 1, False, value
        else:
            low = min(low, value)
            if value - low >= prominence:
                rising, high = True, value
    if rising and values and high - (low if peaks else min(values)) >= prominence:
        peaks += 1
    return peaks


def peak_place(places: Sequence[float], values: Values) -> float | None:
    """Return the place of the highest value, the first of equals; None without values."""
    measured = [(value, -place) for place, value in zip(places, values, strict=True) if value is not None]
    return -max(measured)[1] if measured else None


def slope(xs: Sequence[float], values: Values) -> float | None:
    """Return the slope of the least-squares line; None for fewer than two different places."""
    points = [(x, value) for x, value in zip(xs, values, strict=True) if value is not None]
    if len({x for x, _ in points}) < 2:
        return None
    return statistics.linear_regression(*zip(*points, strict=True)).slope


def shape_of(places: Sequence[float], energies: Values) -> Shape | None:
    """Return the label of an energy curve; None for a curve with gaps too large or too few values."""
    points = [(place, value) for place, value in zip(places, energies, strict=True) if value is not None]
    if not is_covered(energies) or len(points) < MIN_SHAPE_VALUES:
        return None
    values = [value for _, value in points]
    spread = max(values) - min(values)
    if spread < PLATEAU_RANGE:
        return "plateau"
    peaks = count_peaks(values)
    if peaks >= WAVE_PEAKS:
        return "wave"
    first = [value for place, value in points if place <= 1 / 3] or values[:1]
    last = [value for place, value in points if place >= 2 / 3] or values[-1:]
    if statistics.fmean(last) - statistics.fmean(first) >= RISE_SHARE * spread:
        return "warm-up" if max(values) <= WARM_UP_PEAK else "build"
    return "peak-and-release" if peaks == 1 else "wave"
