"""The garbage collector around imports, and the allocator."""

import gc
import subprocess
import sys
from pathlib import Path

import pytest

from songnodes import gc_tuning


def test_imports_are_not_collected_and_all_that_follows_is() -> None:
    with gc_tuning.paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_a_failed_import_leaves_the_collector_on() -> None:
    with pytest.raises(ImportError), gc_tuning.paused():
        raise ImportError
    assert gc.isenabled()


#: Frees a block of a MiB, whose size glibc takes as its bound, then 100 MiB of halves between small blocks.
FREED = """
import ctypes, sys, psutil
from songnodes import gc_tuning
if sys.argv[1] == "tuned":
    gc_tuning.tune()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
libc.free(libc.malloc(2**20))
large = []
for _ in range(200):
    large.append(libc.malloc(2**19))
    ctypes.memset(large[-1], 1, 2**19)
    libc.malloc(1000)
before = psutil.Process().memory_info().rss
for block in large:
    libc.free(block)
print((before - psutil.Process().memory_info().rss) / 2**20)
"""


@pytest.mark.parametrize(("how", "is_returned"), [("tuned", True), ("as it is", False)])
def test_large_blocks_return_to_the_system(how: str, is_returned: bool) -> None:
    command = [sys.executable, "-c", FREED, how]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert (float(done.stdout) > 80) == is_returned
