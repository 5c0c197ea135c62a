"""Growth of processor time with the size of the input."""

import sys
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest

MAX_RATIO = 10.0
#: Processor time below which a ratio is meaningless.
MIN_SECONDS = 0.01
#: Limit at 20,000 characters, whatever the growth.
MAX_SECONDS = 2.0


def seconds(work: Callable[[], object]) -> float:
    """Return the processor time of one run with empty caches."""
    for cached in _caches(len(sys.modules)):
        cached.cache_clear()
    start = time.process_time()
    work()
    return time.process_time() - start


_CACHED = type(lru_cache(maxsize=1)(lambda: None))


@lru_cache(maxsize=1)
def _caches(module_count: int) -> list[Any]:
    """Return the caches of functions and methods of songnodes; again after an import."""
    modules = [module for name, module in list(sys.modules.items()) if name.startswith("songnodes.")]
    in_modules = [value for module in modules for value in vars(module).values()]
    in_classes = [value for scope in in_modules if isinstance(scope, type) for value in vars(scope).values()]
    return [
        value
        for value in (*in_modules, *in_classes)
        if isinstance(value, _CACHED) and (value.__module__ or "").startswith("songnodes.")
    ]


def assert_near_linear(of_size: Callable[[int], Callable[[], object]], size: int) -> None:
    """Fail if 4 times the input takes more than `MAX_RATIO` times as long, measured up to 4 times.

    Only the small run is done twice: disturbed, it would hide growth; a large one is measured again.
    """
    ratios = []
    for _ in range(4):
        small = min(seconds(of_size(size)) for _ in range(2))
        large = seconds(of_size(4 * size))
        if large < MIN_SECONDS:
            return
        ratios.append(large / max(small, 1e-6))
        if ratios[-1] < MAX_RATIO:
            return
    pytest.fail(f"4 times the input takes {min(ratios):.1f} times as long")
