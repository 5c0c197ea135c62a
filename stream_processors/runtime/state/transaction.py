"""Transaction of one record: its table writes and outputs until they take effect."""

from typing import Any, NamedTuple, Protocol

from stream_processors.runtime.errors import NoActiveRecord

Headers = list[tuple[str, bytes | None]]


class Output(NamedTuple):
    """A record to produce. Not a dataclass: it is created for every output, in a third of the time."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers | None


class Undoable(Protocol):
    """Restores what a key had before a `put`, from what that `put` returned."""

    def undo_put(self, key: Any, previous: Any) -> None: ...


class RecordTransaction:
    """Writes and outputs of one record: all of them take effect, or none when the record is poison.

    Values of tables are replaced and never changed in place, so restoring an old value restores the table.
    """

    def __init__(self) -> None:
        self._partition: int | None = None
        self.is_careful = False  # values of tables and outputs are encoded within the record
        self.outputs: list[Output] = []
        self.undo_log: list[tuple[Undoable, Any, Any]] = []  # target, and the arguments of its `undo_put`

    @property
    def partition(self) -> int:
        """Partition of the active record. Raises NoActiveRecord."""
        if self._partition is None:
            raise NoActiveRecord
        return self._partition

    def begin(self, partition: int, *, is_careful: bool = False) -> None:
        """Start the transaction of a record of this partition."""
        self._partition = partition
        self.is_careful = is_careful
        self.outputs = []
        self.undo_log = []

    def roll_back(self) -> None:
        """Drop the outputs and restore the overwritten values; the record remains active."""
        for target, key, previous in reversed(self.undo_log):
            target.undo_put(key, previous)
        self.outputs = []
        self.undo_log = []

    def end(self) -> list[Output]:
        """End the transaction and return its outputs."""
        self._partition = None
        self.undo_log = []
        return self.outputs
