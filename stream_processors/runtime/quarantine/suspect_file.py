"""Records that ended the process, in a file that outlives it."""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from songnodes import __version__, logs
from songnodes.attempts import KILLED, LIMIT
from stream_processors.runtime.records import RawRecord

#: Entries that are kept, the latest.
MAX_ENTRIES = 1_000

log = logs.get(__name__)
Place = tuple[str, int, int]  # topic on the broker, partition, offset


@dataclass(slots=True, kw_only=True)
class Suspect:
    """A record that ended the process. `errors` counts exceptions and time-outs, `kills` ends without one."""

    topic: str
    partition: int
    offset: int
    errors: int = 0
    kills: int = 0
    error: str = KILLED
    set_aside: bool = False
    code: str = __version__  # another version of the code tries again
    at: float = 0.0  # seconds since 1970

    @property
    def is_exhausted(self) -> bool:
        """Return True if the record is not to be handled again."""
        return self.errors >= LIMIT


class SuspectFile:
    """The entries of a worker; without a file they end with the process."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self.entries: dict[Place, Suspect] = {}

    def entry(self, place: Place) -> Suspect:
        """Return the entry of a record, a new one if there is none, with the current time."""
        topic, partition, offset = place
        entry = self.entries.setdefault(place, Suspect(topic=topic, partition=partition, offset=offset))
        entry.at = time.time()
        return entry

    def read(self) -> None:
        """Read the entries of this version of the code."""
        if self._file is None or not self._file.exists():
            return
        try:
            entries = [Suspect(**entry) for entry in json.loads(self._file.read_text("utf-8"))]
        except (ValueError, TypeError) as error:
            log.warning("suspects_unreadable", file=str(self._file), error=str(error))
            return
        self.entries |= {
            (suspect.topic, suspect.partition, suspect.offset): suspect
            for suspect in entries
            if suspect.code == __version__
        }

    def write(self) -> None:
        """Write the entries durably."""
        if self._file is None:
            return
        latest = sorted(self.entries.values(), key=lambda entry: entry.at)[-MAX_ENTRIES:]
        replace_file(self._file, [asdict(entry) for entry in latest], durable=True)


def place_of(raw: RawRecord) -> Place:
    """Return topic, partition and offset of a record."""
    return raw.topic, raw.partition, raw.offset


def replace_file(file: Path, content: object, *, durable: bool) -> None:
    """Write a file so that readers see all of the new content or all of the old."""
    draft = file.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as opened:
        json.dump(content, opened)
        opened.flush()
        if durable:
            os.fsync(opened.fileno())
    draft.replace(file)
