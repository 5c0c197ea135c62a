"""What a worker has done since it got a partition."""

from collections import OrderedDict
from typing import Any

#: Keys per table and partition; some 2 MB.
ROOM = 1 << 14


class Recent:
    """Values noted under keys, the last ones. What is not there may have been noted long ago, or by another
    worker. None is not a value."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._noted: OrderedDict[bytes, Any] = OrderedDict()

    def note(self, key: bytes, value: Any) -> Any:
        """Note a value; returns what was noted before, or None."""
        before = self._noted.get(key)
        self._noted[key] = value
        self._noted.move_to_end(key)
        if len(self._noted) > self._room:
            self._noted.popitem(last=False)
        return before

    def put_back(self, key: bytes, before: Any) -> None:
        """Undo a `note`."""
        if before is None:
            self._noted.pop(key, None)
        else:
            self._noted[key] = before

    def clear(self) -> None:
        """As if nothing had been noted."""
        self._noted.clear()
