"""How often Python looks for cycles of garbage."""

import gc

#: Records make many small objects and few cycles: +10 % against the defaults (700, 10, 10) in a stage. In a
#: sink one look at all objects amid a batch of 5,000 costs 20 µs a row, as much as all the rest.
THRESHOLDS = (50_000, 20, 100)


def look_seldom() -> None:
    """For processes that work through records; what is there at the start is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
