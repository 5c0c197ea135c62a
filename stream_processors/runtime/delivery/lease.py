"""Time for which a worker may write after the last heartbeat that its group acknowledged.

Kafka gives the partitions of a silent worker to another one after the session timeout. A worker that was
stopped (SIGSTOP, a suspended machine, a long pause) does not notice by itself: without a lease one wrote
1,023 stale changelog records after 20 s and left 11 totals permanently wrong. So a worker exits when no
heartbeat was acknowledged for part of the session, and a record not delivered within the rest of it fails:
every write ends before the group can reassign the partitions.

This stops a zombie by time, not by fencing. A record passed to librdkafka just before a pause may still be
sent in the moments after it; `changelog.py` describes how the owner overwrites it.
"""

import time
from collections.abc import Callable
from functools import partial

from stream_processors.runtime.errors import JoinTimeout, LeaseExpired

#: Share of the session timeout that a write may take. 0.4 of 10 s: 4 s for a delivery, 6 s without heartbeat.
WRITE_SHARE = 0.4
#: Without partitions and without a response of the group, a worker exits after this time. A join may wait for
#: the slowest member, 60 s; a worker started while its broker died hung for five minutes (seen once).
JOIN_TIMEOUT_S = 90.0

#: Return the seconds of a clock that also runs while the machine is suspended, where the system has one.
boot_clock = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """Lease on the assigned partitions, renewed by heartbeats and checked before every write.

    `session_s` is the session timeout of the consumer group; `on_end` is called when the lease ends, possibly
    more than once and from the consumer's thread.
    """

    def __init__(
        self,
        session_s: float,
        clock: Callable[[], float] = boot_clock,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.delivery_timeout_s = session_s * WRITE_SHARE
        self._max_silence_s = session_s - self.delivery_timeout_s
        self._clock = clock
        self._on_end = on_end
        self._renewed_at = float("-inf")
        self._is_active = False
        self._created_at = clock()

    def activate(self) -> None:
        """Start to enforce the lease: partitions are assigned."""
        self._is_active = True

    def deactivate(self) -> None:
        """Stop to enforce the lease: no partition is assigned."""
        self._is_active = False

    def now(self) -> float:
        """Return the time to pass to `renew`, taken before a heartbeat is sent."""
        return self._clock()

    def renew(self, sent_at: float) -> None:
        """Renew the lease: the group acknowledged a heartbeat sent at this time. Thread-safe."""
        self._renewed_at = sent_at

    def expire(self) -> None:
        """End the lease: the group responded that this worker is not a member. Thread-safe."""
        self._renewed_at = float("-inf")
        self._on_end()

    def check(self) -> None:
        """Raise LeaseExpired when partitions are assigned and the last renewal is too long ago."""
        if self._is_active and (silent_s := self._clock() - self._renewed_at) > self._max_silence_s:
            self._on_end()
            raise LeaseExpired(silent_seconds=round(silent_s, 1), allowed_seconds=self._max_silence_s)

    def check_joined(self) -> None:
        """Raise JoinTimeout after JOIN_TIMEOUT_S without partitions and without a response of the group."""
        if self._is_active:
            return
        silent_s = self._clock() - max(self._renewed_at, self._created_at)
        if silent_s > JOIN_TIMEOUT_S:
            raise JoinTimeout(silent_seconds=round(silent_s, 1))
