"""Times of a worker's fetches: a fetch costs broker and worker as much with 1 record as with 100."""

from collections.abc import Callable
from time import monotonic

#: Time a fetch waits for its first record, in the worker and in the broker; partitions that become ready
#: wait as long. Requests for offsets queue behind a fetch on the same connection: with Faust's 1.5 s each
#: rebalance of a stage with tables blocked for 3 s.
WAIT_S = 0.2
#: The same after IDLE_AFTER_S without a record: an idle worker takes a third of the processor time.
IDLE_WAIT_S = 1.0
IDLE_AFTER_S = 10.0
#: From the start of a fetch that returned records to the next one, so that it returns more than a few. The
#: first fetch with records after a quiet time is not delayed.
INTERVAL_S = 0.05


class FetchPace:
    """Wait and pause of the next fetch, by what the last ones returned."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._began_at = self._record_at = clock()

    def begin(self) -> float:
        """Start a fetch; return the longest time that it may wait, in seconds."""
        self._began_at = self._clock()
        return IDLE_WAIT_S if self._began_at - self._record_at > IDLE_AFTER_S else WAIT_S

    def end(self, *, has_records: bool, is_recovery: bool) -> float:
        """End a fetch; return the pause before the next one, in seconds: none while tables are recovered."""
        now = self._clock()
        if not has_records:
            return 0.0
        self._record_at = now
        return 0.0 if is_recovery else max(0.0, self._began_at + INTERVAL_S - now)
