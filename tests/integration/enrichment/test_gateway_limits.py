"""Limits of several processes whose clocks differ, measured at the arrival at a server.

The clocks of processes on one machine are made different; the time of arrival is that of the kernel.
"""

import asyncio
import os
import sys
from uuid import uuid4

import pytest

from songnodes.access import Access
from tests.support.arrivals import most_within, share_used
from tests.support.timestamping_server import serving

#: Seconds by which the clocks of the processes are wrong.
OFFSETS_S = (0.0, 0.8, -3600.0)
RUN_S = 7.0


@pytest.mark.parametrize(("starts", "window_s"), [(2, 1.0), (20, 2.0)])
async def test_processes_with_wrong_clocks_never_exceed_a_window(
    addresses: Access, starts: int, window_s: float
) -> None:
    prefix = f"songnodes:test:{uuid4().hex}"
    with serving() as server:
        processes = [
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.support.gateway_caller"),
                *(server.base, prefix, str(starts), str(window_s), str(RUN_S), str(offset)),
                env={**os.environ, "REDIS_URL": addresses.redis_url},
            )
            for offset in OFFSETS_S
        ]
        assert [await process.wait() for process in processes] == [0] * len(OFFSETS_S)
        times = server.arrivals
    assert most_within(times, window_s) == starts
    assert len(times) > 2 * starts
    assert share_used(times, starts, window_s) > 0.5  # the benchmark measures how much more
