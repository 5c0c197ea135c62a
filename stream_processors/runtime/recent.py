"""What a worker has done since it got a partition."""

from collections import OrderedDict

#: Keys per table and partition; some 2 MB.
ROOM = 1 << 14


class Recent:
    """The keys noted last. One that is not there may have been noted long ago, or by another worker."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._keys: OrderedDict[bytes, None] = OrderedDict()

    def note(self, key: bytes) -> bool:
        """Note a key; whether it was there."""
        if key in self._keys:
            self._keys.move_to_end(key)
            return True
        self._keys[key] = None
        if len(self._keys) > self._room:
            self._keys.popitem(last=False)
        return False

    def drop(self, key: bytes) -> None:
        """As if it had not been noted."""
        self._keys.pop(key, None)

    def clear(self) -> None:
        """As if nothing had been noted."""
        self._keys.clear()
