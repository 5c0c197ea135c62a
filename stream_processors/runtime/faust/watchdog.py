"""Watchdog of a worker: ends one that hangs where no other check notices, and prints its stacks.

It runs in a thread of its own, because the event loop itself may hang.
"""

import asyncio
import faulthandler
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from songnodes.errors import Fatal
from stream_processors.runtime.delivery.lease import Lease, boot_clock
from stream_processors.runtime.errors import ShutdownTimeout
from stream_processors.runtime.exit import crash
from stream_processors.runtime.quarantine.suspects import Suspects

CHECK_INTERVAL_S = 1.0
#: For an orderly stop; a commit takes one second, leaving the group another. Supervisors kill after 20 s.
SHUTDOWN_TIMEOUT_S = 15.0


class Watchdog:
    """Checks a worker until the process ends."""

    def __init__(
        self, lease: Lease, suspects: Suspects | None = None, clock: Callable[[], float] = boot_clock
    ) -> None:
        self._lease = lease
        self._suspects = suspects
        self._clock = clock
        self._shutdown_began: float | None = None

    def begin_shutdown(self) -> None:
        """Start the shutdown timeout: the worker received a signal to stop."""
        if self._shutdown_began is None:
            self._shutdown_began = self._clock()

    def check(self) -> None:
        """Raise JoinTimeout or ShutdownTimeout. With partitions assigned, every write checks the lease."""
        self._lease.check_joined()
        if self._shutdown_began is None:
            return
        seconds = self._clock() - self._shutdown_began
        if seconds > SHUTDOWN_TIMEOUT_S:
            raise ShutdownTimeout(seconds=round(seconds, 1))

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, args=(loop,), name="watchdog", daemon=True).start()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            time.sleep(CHECK_INTERVAL_S)
            try:
                if self._suspects is not None:
                    self._suspects.check_time(crash)
                self.check()
            except Fatal as timeout:
                faulthandler.dump_traceback()
                with suppress(RuntimeError):  # the set of tasks changes during the iteration
                    for task in asyncio.all_tasks(loop):
                        task.print_stack(file=sys.stderr)
                crash(timeout)
