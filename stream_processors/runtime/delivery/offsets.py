"""Which offsets of a partition may be committed."""

from collections import deque


class Tracker:
    """One partition during one assignment: offsets handed out and not yet done.

    Never commits past a delivered record that is not done, whatever the order of acknowledgements and
    whatever gaps compaction left. A tracker is closed before its partition is given up: what was delivered
    and not begun by then is another worker's.
    """

    __slots__ = ("_done", "_flight", "_next", "closed", "load", "reached")

    def __init__(self, start: int) -> None:
        self._flight: deque[int] = deque()  # delivered, ascending; the head is never done
        self._done: set[int] = set()  # acknowledged while a lower one is in flight
        self._next = start
        self.closed = False
        self.load = 0  # bytes of the batches delivered and not worked off
        self.reached = 0  # timestamp of the record worked off last, milliseconds since 1970

    def deliver(self, offset: int) -> bool:
        """Note a record as handed out; False for one that was handed out before."""
        if offset < self._next:
            return False
        self._flight.append(offset)
        self._next = offset + 1
        return True

    def ack(self, offset: int) -> None:
        """Note a delivered record as done."""
        flight, done = self._flight, self._done
        if flight[0] != offset:
            done.add(offset)
            return
        flight.popleft()
        while done and flight and flight[0] in done:
            done.remove(flight.popleft())

    def close(self) -> None:
        """No record of this assignment is begun any more."""
        self.closed = True

    @property
    def in_flight(self) -> int:
        """Number of records delivered and not yet done, but for those above the first open one."""
        return len(self._flight)

    @property
    def next(self) -> int:
        """The offset after the last one delivered, or the start."""
        return self._next

    @property
    def committable(self) -> int:
        """The lowest offset that is not done."""
        return self._flight[0] if self._flight else self._next
