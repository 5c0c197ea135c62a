"""Numbers shown before the rows of a tracklist."""

from collections.abc import Sequence
from itertools import pairwise

#: Fewer equal numbers are a typing error, or rows played together.
FEWEST_NUMBERS = 3


def stands_still(numbers: Sequence[int]) -> bool:
    """Return True if the numbers of one part do not advance: most equal the one before them (1, 1, 1)."""
    steps = list(pairwise(numbers))
    equal = sum(before == after for before, after in steps)
    return len(numbers) >= FEWEST_NUMBERS and 2 * equal > len(steps)
