"""Offsets of a partition that may be committed."""

from collections import deque


class OffsetTracker:
    """One partition during one assignment: offsets delivered and not acknowledged yet.

    The committable offset never passes a delivered record without acknowledgement, whatever the order of
    acknowledgements and whatever gaps compaction left. A tracker is closed before its partition is revoked:
    records delivered and not started by then belong to the next owner.
    """

    __slots__ = (
        "_acknowledged",
        "_in_flight",
        "_next_offset",
        "is_closed",
        "last_timestamp_ms",
        "pending_bytes",
    )

    def __init__(self, start: int) -> None:
        self._in_flight: deque[int] = deque()  # delivered, ascending; the head is never acknowledged
        self._acknowledged: set[int] = set()  # acknowledged while a lower one is in flight
        self._next_offset = start
        self.is_closed = False
        self.pending_bytes = 0  # of the batches delivered and not processed
        self.last_timestamp_ms = 0  # of the record processed last, since 1970

    def deliver(self, offset: int) -> bool:
        """Register a record as delivered; return False for one that was delivered before."""
        if offset < self._next_offset:
            return False
        self._in_flight.append(offset)
        self._next_offset = offset + 1
        return True

    def ack(self, offset: int) -> None:
        """Acknowledge a delivered record."""
        in_flight, acknowledged = self._in_flight, self._acknowledged
        if in_flight[0] != offset:
            acknowledged.add(offset)
            return
        in_flight.popleft()
        while acknowledged and in_flight and in_flight[0] in acknowledged:
            acknowledged.remove(in_flight.popleft())

    def close(self) -> None:
        """End the assignment: no further record of it may be started."""
        self.is_closed = True

    @property
    def in_flight(self) -> int:
        """Number of offsets from the first one without acknowledgement up to the last one delivered."""
        return len(self._in_flight)

    @property
    def next_offset(self) -> int:
        """Offset after the last one delivered, or the start."""
        return self._next_offset

    @property
    def committable(self) -> int:
        """Lowest offset without acknowledgement."""
        return self._in_flight[0] if self._in_flight else self._next_offset
