"""Catching up after an assignment: the records that an earlier owner of a partition may have handled.

An owner that ends without a commit leaves outputs whose inputs the state does not contain. The next owner may
read the input topics interleaved in another way: its first outputs of an entity may then have lower versions
than those, and consumers ignore them. Once every input topic of the partition is read to the end that it had
at the assignment, the state contains every record that an earlier owner can have handled. From then on each
output has the highest version of its entity, and one that shows nothing new may be left out.
"""

from collections.abc import Iterable


class CatchUp:
    """Input topics that are not read yet to their ends at the assignment, by partition."""

    def __init__(self) -> None:
        self._ends: dict[int, dict[str, int]] = {}

    def start(self, unread: Iterable[tuple[str, int, int]]) -> None:
        """Start an assignment; forget the one before.

        `unread` has the topic (its name on the broker), partition and end offset of each partition that has
        unread records.
        """
        self._ends = {}
        for topic, partition, end in unread:
            self._ends.setdefault(partition, {})[topic] = end

    def advance(self, topic: str, partition: int, offset: int) -> None:
        """Begin a record: the last one before an end completes its topic."""
        ends = self._ends.get(partition)
        if ends is not None and topic in ends and offset >= ends[topic] - 1:
            del ends[topic]
            if not ends:
                del self._ends[partition]

    def is_complete(self, partition: int) -> bool:
        """Return True if the partition is read to the ends that its topics had at the assignment.

        False for longer than necessary where the last records of a topic were removed from its log.
        """
        return partition not in self._ends
