"""Ends a worker that stands still where nothing else would notice, and shows where it stood.

A thread of its own: what is stuck may be the loop.
"""

import asyncio
import faulthandler
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from songnodes.errors import Fatal
from stream_processors.runtime.delivery.lease import Lease, elapsing
from stream_processors.runtime.errors import StopsTooLong
from stream_processors.runtime.exit import crash
from stream_processors.runtime.quarantine.suspects import Suspects

LOOK = 1.0  # seconds
#: Seconds for an orderly stop; a commit takes one, leaving the group another. Supervisors kill after 20.
STOP = 15.0


class Watch:
    """Looks at a worker until the process ends."""

    def __init__(
        self, lease: Lease, suspects: Suspects | None = None, clock: Callable[[], float] = elapsing
    ) -> None:
        self._lease = lease
        self._suspects = suspects
        self._clock = clock
        self._told: float | None = None

    def stopping(self) -> None:
        """The worker was told to stop."""
        if self._told is None:
            self._told = self._clock()

    def check(self) -> None:
        """Raises NeverJoined and StopsTooLong. With partitions every write looks at the lease."""
        self._lease.check_joined()
        if self._told is not None and (seconds := self._clock() - self._told) > STOP:
            raise StopsTooLong(seconds=round(seconds, 1))

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look from now on."""
        threading.Thread(target=self._look, args=(loop,), name="watch", daemon=True).start()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            time.sleep(LOOK)
            try:
                if self._suspects is not None:
                    self._suspects.check_time(crash)
                self.check()
            except Fatal as stuck:
                faulthandler.dump_traceback()
                with suppress(RuntimeError):  # the tasks change meanwhile
                    for task in asyncio.all_tasks(loop):
                        task.print_stack(file=sys.stderr)
                crash(stuck)
