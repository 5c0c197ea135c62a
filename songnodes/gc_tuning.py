"""Tuning of the garbage collector and the C library's allocator for processes that handle records."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

#: Records create many small objects and few cycles: +10 % against the defaults (700, 10, 10) in a stage. In a
#: sink one full collection during a batch of 5,000 costs 20 µs a row, as much as everything else.
THRESHOLDS = (50_000, 20, 100)

#: Blocks from this size on are mapped one by one, so that the system has their memory when they are freed.
#: glibc begins so, and raises the size up to 32 MiB when such a block is freed: fetched batches lie between
#: small blocks then. A worker of silver that had restored its state held 250 MB of free memory.
LARGE_BLOCK_BYTES = 128 * 1024
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h of glibc


def tune() -> None:
    """Collect less often, and never again the objects that exist at the start; return large freed blocks."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:  # the C library is glibc
        set_option(_M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)
        set_option(_M_TRIM_THRESHOLD, LARGE_BLOCK_BYTES)


@contextmanager
def paused() -> Iterator[None]:
    """Context of imports without collections: what modules create stays, and to look at it takes 0.1 s.

    Later collections leave it out too.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
