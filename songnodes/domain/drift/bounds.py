"""Binomial bounds on the number of hits."""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

#: Standard deviations of the one-sided lower bound on a baseline's rate: 99 %.
Z = 2.326
#: Correlation of neighbours above which an estimate from a few hundred pages is no better than a guess.
MAX_CORRELATION = 0.97
#: Estimates from a few dozen blocks are off by a third. One that could be 1 is unchanged, a larger one
#: is multiplied by this: fewer false alarms where neighbours are alike, see docs/drift.md.
SAFETY_FACTOR = 1.5


def wilson_low(hits: float, trials: float, z: float = Z) -> float:
    """Return Wilson's lower bound of a rate, 0 to 1; 0 without a hit (E. B. Wilson, 1927)."""
    if hits <= 0:
        return 0.0
    rate, square = hits / trials, z * z
    centre = rate + square / (2 * trials)
    spread = z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials))
    return min(rate, max(0.0, (centre - spread) / (1 + square / trials)))


def tail(hits: int, trials: int, rate: float) -> float:
    """Return P(X <= hits) of a binomial X, exactly. `rate` strictly between 0 and 1."""
    term = (1 - rate) ** trials
    total, odds = term, rate / (1 - rate)
    for k in range(hits):
        term *= odds * (trials - k) / (k + 1)
        total += term
    return min(1.0, total)


@lru_cache(maxsize=16_384)
def most_hits(trials: int, rate: float, chance: float) -> int:
    """Return the largest count of hits that is less likely than `chance` at this rate; -1 when none is."""
    if not 0 < rate < 1:
        return -1
    term = (1 - rate) ** trials
    total, odds = term, rate / (1 - rate)
    hits = -1
    while total <= chance and hits < trials:
        hits += 1
        term *= odds * (trials - hits) / (hits + 1)
        total += term
    return hits


def inflation(outcomes: Sequence[bool], block: int) -> float:
    """Return the variance of sums of neighbouring outcomes relative to independent ones; at least 1.

    A crawl takes one DJ's pages after another, and those resemble each other: 30 of them are worth
    30 / inflation independent ones. The larger of two estimates: the variance of sums over blocks (the
    dispersion of a quasi-binomial model), which sees slow changes, and (1 + r) / (1 - r) of the correlation r
    of neighbours, which is steadier and sees runs longer than a block.
    An estimate clearly above 1 is multiplied by SAFETY_FACTOR.
    """
    count = len(outcomes)
    rate = sum(outcomes) / count if count else 0.0
    variance = rate * (1 - rate)
    if variance == 0 or count < 2 * block:
        return 1.0
    sums = [sum(outcomes[at : at + block]) for at in range(0, count - block + 1, block)]
    mean = sum(sums) / len(sums)
    dispersion = sum((total - mean) ** 2 for total in sums) / (len(sums) - 1) / (block * variance)
    pairs = sum((left - rate) * (right - rate) for left, right in pairwise(outcomes))
    together = min(MAX_CORRELATION, pairs / (count - 1) / variance)
    estimate = max(1.0, dispersion, (1 + together) / (1 - together))
    return estimate if estimate < SAFETY_FACTOR else SAFETY_FACTOR * estimate
