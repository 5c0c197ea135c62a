"""What the record being handled has done so far."""

from collections.abc import Callable
from typing import NamedTuple

from stream_processors.runtime.errors import OutsideRecord

Headers = list[tuple[str, bytes | None]]


class Output(NamedTuple):
    """A record to produce. Not a dataclass: made once per output of every record, in a third of the time."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers | None


class Effects:
    """Writes and outputs of one record: they take place together, or not at all when it is poison.

    Values of tables are replaced and never changed in place, so an old value put back is what it was.
    """

    def __init__(self) -> None:
        self._partition: int | None = None
        self.careful = False  # values of tables are encoded at once
        self.outputs: list[Output] = []
        self.undo: list[Callable[[], None]] = []

    @property
    def partition(self) -> int:
        """The partition of the record being handled; raises OutsideRecord."""
        if self._partition is None:
            raise OutsideRecord
        return self._partition

    def begin(self, partition: int, *, careful: bool = False) -> None:
        """A record of this partition is handled from now on."""
        self._partition = partition
        self.careful = careful
        self.outputs = []
        self.undo = []

    def roll_back(self) -> None:
        """Forget the outputs and put back what was overwritten."""
        for put_back in reversed(self.undo):
            put_back()
        self.outputs = []
        self.undo = []

    def end(self) -> list[Output]:
        """The record is done; returns its outputs."""
        self._partition = None
        self.undo = []
        return self.outputs
