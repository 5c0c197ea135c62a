"""Writes that are not committed yet."""

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from sortedcontainers import SortedSet


class Pending(dict[bytes, Any]):
    """Key to decoded value, in the order of a key's first write; None is a deletion.

    The order is that of the changelog: a total first written before its entries stays before them, so that
    every prefix of the changelog is consistent (`entity.py` rests on it).
    """

    def __init__(self) -> None:
        super().__init__()
        self._sorted: SortedSet = SortedSet()
        self._unsorted: list[bytes] = []

    def __setitem__(self, key: bytes, value: Any) -> None:
        if key not in self:
            self._unsorted.append(key)  # sorted when somebody scans
        super().__setitem__(key, value)

    def with_prefix(self, prefix: bytes) -> Iterator[bytes]:
        """The keys that begin with `prefix`, in the order of bytes."""
        if self._unsorted:
            self._sorted.update(self._unsorted)
            self._unsorted.clear()
        keys = takewhile(lambda key: key.startswith(prefix), self._sorted.irange(prefix))
        return (key for key in keys if key in self)  # one may have been taken back
