"""How long a worker may write without having heard from its group.

Kafka gives a silent worker's partitions to another one after the session timeout. A worker that was stopped
(SIGSTOP, a suspended machine, a long pause) does not notice by itself: without a lease one wrote 1,023 stale
changelog records after 20 s and left 11 totals wrong for ever. So a worker exits when no heartbeat was
answered for part of the session, and a record not delivered within the rest is given up: what is written is
written before the group can give the partitions away.

This stops a zombie by time, not by fencing. A record handed over just before a pause may still be sent in
the moments after it; see `changelog.py` for what the owner then does.
"""

import time
from collections.abc import Callable
from functools import partial

from stream_processors.runtime.errors import LeaseEnded, NeverJoined

#: Share of the session timeout that a write may take. 0.4 of 10 s: 4 s for a delivery, 6 s without heartbeat.
WRITE_SHARE = 0.4
#: Seconds without partitions and without an answer of the group until a worker is stuck. A join may wait for
#: the slowest member, 60 s; a worker started while its broker died stood still for five minutes (seen once).
STUCK = 90.0

#: Seconds of a clock that also runs while the machine is suspended, where the system has one.
elapsing = partial(time.clock_gettime, getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Lease:
    """Seconds of grace since the last answered heartbeat; checked before every write."""

    def __init__(self, session: float, clock: Callable[[], float] = elapsing) -> None:
        self.write_seconds = session * WRITE_SHARE
        self._silence = session - self.write_seconds
        self._clock = clock
        self._heard = float("-inf")
        self._held = False
        self._born = clock()

    def hold(self) -> None:
        """Partitions are assigned, so there is something to lose."""
        self._held = True

    def release(self) -> None:
        """No partition is assigned."""
        self._held = False

    def now(self) -> float:
        """The time to take before a heartbeat is sent."""
        return self._clock()

    def renew(self, sent: float) -> None:
        """A heartbeat sent at this time was answered as to a member. Called from the consumer's thread."""
        self._heard = sent

    def lose(self) -> None:
        """The group said that this worker is not a member. Called from the consumer's thread."""
        self._heard = float("-inf")

    def check(self) -> None:
        """Raise LeaseEnded when partitions are held and the group was not heard of for too long."""
        if self._held and (silent := self._clock() - self._heard) > self._silence:
            raise LeaseEnded(silent_seconds=round(silent, 1), allowed_seconds=self._silence)

    def check_joined(self) -> None:
        """Raise NeverJoined after `STUCK` seconds without partitions and without a word of the group."""
        if not self._held and (silent := self._clock() - max(self._heard, self._born)) > STUCK:
            raise NeverJoined(silent_seconds=round(silent, 1))
