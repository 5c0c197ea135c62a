"""Time of the first unread record of a group, by requests for offsets alone: no record is fetched.

A consumer that reads one record has the broker send as many as fit its queue, 64 MiB by default.
"""

from collections.abc import Callable, Mapping

from songnodes.messaging.log_offsets import Partition, RecordTime

FirstSince = Callable[[Mapping[Partition, int]], Mapping[Partition, RecordTime | None]]
"""Return the first record not older than the time of its partition, or None."""


class _Search:
    """Search for the time of the first unread record of a partition, by interpolation and bisection in turn.

    The record is not older than `low_ms`, and older than `high_ms`.
    """

    def __init__(self, *, unread: int, end: int, oldest: RecordTime) -> None:
        self._unread = unread
        self._low_offset, self.low_ms = oldest
        self._high_offset = end
        self.high_ms: float = self.low_ms + 1 if oldest.offset >= unread else float("inf")
        self._interpolates = False

    @property
    def done(self) -> bool:
        """True once the time is known to the millisecond."""
        return self.high_ms - self.low_ms <= 1

    def next_ms(self) -> int:
        """Return the time to request next, between the limits."""
        self._interpolates = not self._interpolates  # bisection bounds the requests for any distribution
        share = 0.5
        if self._interpolates:
            share = (self._unread + 0.5 - self._low_offset) / (self._high_offset - self._low_offset)
        guess = self.low_ms + int((self.high_ms - self.low_ms) * share)
        return min(max(guess, self.low_ms + 1), int(self.high_ms) - 1)

    def narrow(self, requested_ms: int, record: RecordTime | None) -> None:
        """Apply the response to a request."""
        if record is None or record.offset > self._unread:
            self.high_ms = requested_ms
            self._high_offset = record.offset if record else self._high_offset
            return
        is_last = record.offset == self._unread or self.high_ms == float("inf")  # or of the future
        self._low_offset, self.low_ms = record
        if is_last:
            self.high_ms = self.low_ms + 1


def oldest_ms(
    unread: Mapping[Partition, int], ends: Mapping[Partition, int], now_ms: int, first_since: FirstSince
) -> int | None:
    """Return the earliest time (ms) among the first unread records, one of each partition; None without any.

    Where times are out of order, a record counts as old as the newest one up to it; where compaction removed
    the record, the one before it counts.
    """
    searches = {
        partition: _Search(unread=unread[partition], end=ends[partition], oldest=record)
        for partition, record in first_since(dict.fromkeys(unread, 0)).items()
        if record is not None  # else its records were removed meanwhile
    }
    requests = {partition: now_ms + 1 for partition, search in searches.items() if not search.done}
    while requests:
        for partition, record in first_since(requests).items():
            searches[partition].narrow(requests[partition], record)
        limit_ms = min(search.high_ms for search in searches.values())
        requests = {
            partition: search.next_ms()
            for partition, search in searches.items()
            if not search.done and search.low_ms < limit_ms
        }
    return min((search.low_ms for search in searches.values()), default=None)
