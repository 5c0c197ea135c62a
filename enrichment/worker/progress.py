"""Offsets of records that are finished in any order. Pure."""

from songnodes.messaging.log_offsets import Partition


class Progress:
    """Records under way by partition, and the offsets up to which all are finished."""

    def __init__(self) -> None:
        self._open: dict[Partition, set[int]] = {}
        self._next: dict[Partition, int] = {}
        self._committed: dict[Partition, int] = {}

    def begin(self, partition: Partition, offset: int) -> None:
        """Note a record that is under way."""
        self._open.setdefault(partition, set()).add(offset)
        self._next[partition] = max(self._next.get(partition, 0), offset + 1)

    def finish(self, partition: Partition, offset: int) -> None:
        """Note a record that is finished; one of a partition that was revoked is ignored."""
        self._open.get(partition, set()).discard(offset)

    def forget(self) -> None:
        """Drop all partitions: they are assigned again, or to another process."""
        self._open, self._next, self._committed = {}, {}, {}

    def advanced(self) -> dict[Partition, int]:
        """Return the next offset of each partition that advanced since the last call."""
        positions = {
            partition: min(self._open[partition], default=following)
            for partition, following in self._next.items()
        }
        advanced = {
            partition: offset
            for partition, offset in positions.items()
            if offset > self._committed.get(partition, -1)
        }
        self._committed |= advanced
        return advanced

    def under_way(self) -> int:
        """Return the number of records under way."""
        return sum(map(len, self._open.values()))
