"""Records whose handling ended the process: remembered across restarts, so that none ends it for ever.

An unforeseen exception ends a stateful stage once; the second time the same record is a dead letter. An end
without an exception (native code, lack of memory, a kill, a record that never ends) is found by a mark in a
small mapped file: the kernel keeps it whatever happens to the process. Such an end may be an operator's kill,
so a record is blamed only after several of them.

A stage without tables has nothing that an exception could have left half done: its records are dead letters
at once.
"""

import json
import mmap
import os
import signal
import struct
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from songnodes import __version__, logs, metrics
from songnodes.attempts import KILL_LIMIT, LIMIT, Unforeseen, describe
from stream_processors.runtime.records import RawRecord

#: A record that takes longer is named in the log and in metrics, and ends the process, in seconds. Sets of
#: 10,000 rows take less than 5.
SLOW_S = 30.0
LONGEST_S = 120.0
#: The kernel ends a process whose record holds the interpreter, so that no thread of it can; in seconds.
ALARM_S = 150.0
#: Seconds between two settings of the alarm: a system call per record would be felt.
ALARM_STEP_S = 1.0
#: Entries that are kept, the latest.
MAX_ENTRIES = 1_000
KILLED = "the process ended while it handled this record"

_MARK = struct.Struct("<?iiq")  # is a record being handled, index of its topic, partition, offset

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
        return self.errors >= LIMIT or self.kills >= KILL_LIMIT


class Suspects:
    """Memory of one worker; without a directory it ends with the process, as tests need it."""

    def __init__(self, directory: Path | None = None, topics: Sequence[str] = ()) -> None:
        self._topics = list(topics)
        self._index = {topic: index for index, topic in enumerate(self._topics)}
        self._file = directory / "suspects.json" if directory else None
        self._entries: dict[Place, Suspect] = {}
        self._mark: mmap.mmap | None = None
        self.current: tuple[RawRecord, float] | None = None  # and the monotonic time it began at
        self._alarm_at = 0.0
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
            self._read()
            self._open_mark(directory / "record")

    def begin(self, raw: RawRecord) -> Unforeseen | None:
        """A record is handled from now on; returns the reason why it must not be, None for nearly all."""
        now = time.monotonic()
        self.current = raw, now
        if self._mark is not None:
            _MARK.pack_into(self._mark, 0, True, self._index.get(raw.topic, -1), raw.partition, raw.offset)
            if now - self._alarm_at > ALARM_STEP_S:
                self._alarm_at = now
                signal.setitimer(signal.ITIMER_REAL, ALARM_S)
        if not self._entries:
            return None
        suspect = self._entries.get(_place(raw))
        return self._set_aside(suspect) if suspect is not None and suspect.is_exhausted else None

    def end(self, *, passed: bool = False) -> None:
        """The record is done. `passed`: without an error, so that earlier ends are forgotten."""
        current, self.current = self.current, None
        if self._mark is not None:
            self._mark[0] = 0
        if passed and self._entries and current is not None:
            suspect = self._entries.get(_place(current[0]))
            if suspect is not None and not suspect.set_aside:
                del self._entries[_place(current[0])]
                self._write()

    def rest(self) -> None:
        """No record is handled for now: nothing is to be timed."""
        if self._mark is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._alarm_at = 0.0

    def fail(self, raw: RawRecord, error: BaseException) -> Unforeseen | None:
        """Remember an unforeseen exception; returns the reason for a dead letter from the second one on."""
        suspect = self._entry(_place(raw))
        suspect.errors += 1
        suspect.error = describe(error)
        if suspect.is_exhausted:
            return self._set_aside(suspect)
        self._write()
        return None

    def check_time(self, on_too_long: Callable[[BaseException], None]) -> None:
        """Name a slow record; end the process with one that takes too long. Called by the watch's thread."""
        current = self.current
        seconds = time.monotonic() - current[1] if current else 0.0
        metrics.RECORD_SECONDS.set(seconds if seconds > SLOW_S else 0)
        if current is None or seconds <= SLOW_S:
            return
        raw = current[0]
        log.warning(
            "record_slow",
            seconds=round(seconds),
            topic=raw.topic,
            partition=raw.partition,
            offset=raw.offset,
            key=repr(raw.key)[:200],
        )
        if seconds > LONGEST_S:
            error = TimeoutError(f"handling took longer than {LONGEST_S:g} s")
            self.fail(raw, error)
            if self._mark is not None:
                self._mark[0] = 0  # counted already
            on_too_long(error)

    def _set_aside(self, suspect: Suspect) -> Unforeseen:
        if not suspect.set_aside:
            suspect.set_aside, suspect.at = True, time.time()
            self._write()
            log.error("record_set_aside", **asdict(suspect))
        return Unforeseen(suspect.error, attempts=suspect.errors + suspect.kills)

    def _entry(self, place: Place) -> Suspect:
        topic, partition, offset = place
        entry = self._entries.setdefault(place, Suspect(topic=topic, partition=partition, offset=offset))
        entry.at = time.time()
        return entry

    def _open_mark(self, file: Path) -> None:
        if not file.exists() or file.stat().st_size < _MARK.size:
            file.write_bytes(bytes(_MARK.size))
        with file.open("r+b") as opened:
            self._mark = mmap.mmap(opened.fileno(), _MARK.size)
        busy, topic, partition, offset = _MARK.unpack_from(self._mark, 0)
        if busy and 0 <= topic < len(self._topics):
            self._entry((self._topics[topic], partition, offset)).kills += 1
            self._write()
        self._mark[0] = 0
        signal.signal(signal.SIGALRM, signal.SIG_DFL)

    def _read(self) -> None:
        if self._file is None or not self._file.exists():
            return
        try:
            entries = [Suspect(**entry) for entry in json.loads(self._file.read_text("utf-8"))]
        except (ValueError, TypeError) as error:
            log.warning("suspects_unreadable", file=str(self._file), error=str(error))
            return
        self._entries = {
            (each.topic, each.partition, each.offset): each for each in entries if each.code == __version__
        }

    def _write(self) -> None:
        if self._file is None:
            return
        latest = sorted(self._entries.values(), key=lambda entry: entry.at)[-MAX_ENTRIES:]
        draft = self._file.with_suffix(".new")
        with draft.open("w", encoding="utf-8") as opened:
            json.dump([asdict(entry) for entry in latest], opened)
            opened.flush()
            os.fsync(opened.fileno())
        draft.replace(self._file)


def _place(raw: RawRecord) -> Place:
    return raw.topic, raw.partition, raw.offset
