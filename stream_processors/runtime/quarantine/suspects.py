"""Records whose handling ended the process: remembered across restarts, so that none ends it for ever.

An unforeseen exception ends a stateful stage once; the second time the same record is a dead letter. A record
that uses the processor for too long is one at once. An end without an exception (native code, lack of memory,
a kill) is found by a mark in a small mapped file: the kernel keeps it whatever happens to the process. Such
an end may be a kill from outside, so the record is then tried in a child process (`songnodes.trial`), and
blamed only if that ends.

A stage without tables has nothing that an exception could have left half done: its records are dead letters
at once.
"""

import mmap
import struct
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import NamedTuple

from songnodes import logs, metrics
from songnodes.attempts import KILL_LIMIT, LIMIT, Unforeseen, describe
from songnodes.errors import Fatal, Transient
from songnodes.messaging import dead_letters
from stream_processors.runtime.errors import CommitRefused, LeaseExpired, StateTooLarge
from stream_processors.runtime.quarantine.alarm import Alarm, processor_clock
from stream_processors.runtime.quarantine.careful import CarefulMode
from stream_processors.runtime.quarantine.slow_record import SlowRecordFile, where
from stream_processors.runtime.quarantine.suspect_file import Suspect, SuspectFile, place_of
from stream_processors.runtime.records import RawRecord

#: A record that takes longer is named in the log, in metrics and in `status`; in seconds. Sets of 10,000 rows
#: take less than 5.
SLOW_S = 30.0
#: A record that takes longer ends the process; in seconds.
LONGEST_S = 120.0
#: Processor time of the handling thread from which a record that took too long is blamed at once. With less
#: the machine may have slept, or the process was stopped: that counts as one end of two. In seconds.
BLAMED_CPU_S = 30.0
#: Seconds between two readings of the handling thread's processor time.
SAMPLE_INTERVAL_S = 1.0
#: A record that was handled for longer while the session was lost may have held the interpreter, so that no
#: heartbeat was sent; in seconds. Below the silence that ends a lease (6 s of a session of 10 s).
HELD_S = 5.0
#: Share of that time that the handling thread worked: with less the process was stopped or the machine slept.
#: Five processes to a core leave a fifth.
HELD_SHARE = 0.2

_MARK = struct.Struct("<?iiq")  # is a record being handled, index of its topic, partition, offset

log = logs.get(__name__)


class LongRecord(NamedTuple):
    """The last record that was handled for longer than `HELD_S`; times are monotonic, in seconds."""

    raw: RawRecord
    began: float
    seconds: float
    worked: float
    ended: float


class Suspects:
    """Memory of one worker; without a directory it ends with the process, as tests need it."""

    def __init__(
        self, directory: Path | None = None, topics: Sequence[str] = (), alarm: Alarm | None = None
    ) -> None:
        self._topics = list(topics)
        self._index = {topic: index for index, topic in enumerate(self._topics)}
        self._file = SuspectFile(directory / "suspects.json" if directory else None)
        self._entries = self._file.entries
        self._slow = SlowRecordFile(directory / "slow.json" if directory else None)
        self._mark: mmap.mmap | None = None
        self.current: tuple[RawRecord, float] | None = None  # and the monotonic time it began at
        self._slow_since: tuple[float, float] | None = None  # `current`'s time, and the thread's time then
        self._cpu_at: tuple[float, float] = (0.0, 0.0)  # monotonic time and the thread's time then
        self._long: LongRecord | None = None
        self._losing = threading.Lock()
        self._lost_at = 0.0  # when the record began that was blamed for the loss of the session
        self._alarm = alarm
        self._thread = threading.get_ident()
        self._handling = processor_clock(self._thread)
        self._flush_began: float | None = None  # monotonic
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
            self._file.read()
            self._open_mark(directory / "record")
        self._careful = CarefulMode(directory)

    @property
    def careful(self) -> bool:
        """True if values and outputs are to be encoded within their record."""
        return self._careful.is_enabled

    def begin(self, raw: RawRecord) -> Unforeseen | None:
        """Note that a record is handled from now on; return the reason to set it aside, mostly None."""
        now = time.monotonic()
        self.current = raw, now
        if self._mark is not None:
            _MARK.pack_into(self._mark, 0, True, self._index.get(raw.topic, -1), raw.partition, raw.offset)
        self._measure(now)
        if not self._entries:
            return None
        suspect = self._entries.get(place_of(raw))
        return self._set_aside(suspect) if suspect is not None and suspect.is_exhausted else None

    def _measure(self, now: float) -> None:
        """Take the processor time, at most once a second, and set the alarms."""
        if now - self._cpu_at[0] > SAMPLE_INTERVAL_S:
            self._cpu_at = now, time.clock_gettime(self._handling)
        if self._alarm is not None:
            self._alarm.set(now)

    def begin_flush(self) -> None:
        """Note that outputs of several records are encoded from now on."""
        self._flush_began = now = time.monotonic()
        self._measure(now)
        self._careful.begin_flush()

    def end_flush(self) -> None:
        """Note that the flush is done."""
        self._flush_began = None
        self._careful.end_flush()

    def become_careful(self) -> None:
        """Make the next process find the record whose output cannot be encoded."""
        self._careful.enable()

    def is_on_trial(self, raw: RawRecord) -> bool:
        """Return True if the record is to be tried in a child process before it is handled."""
        suspect = self._entries.get(place_of(raw)) if self._entries else None
        return suspect is not None and suspect.kills >= KILL_LIMIT

    def close_trial(self, raw: RawRecord, outcome: str | None) -> Unforeseen | None:
        """Return the reason for a dead letter if the trial had an outcome; otherwise acquit the record."""
        suspect = self._file.entry(place_of(raw))
        suspect.kills = 0
        if outcome is not None:
            suspect.errors += LIMIT
            suspect.error = outcome
            return self._set_aside(suspect)
        self._file.write()
        return None

    def end(self, *, passed: bool = False) -> None:
        """Note that the record is done. `passed`: without an error, so that earlier ends are forgotten."""
        current, self.current = self.current, None
        if self._mark is not None:
            self._mark[0] = 0
        if current is None:
            return
        raw, began = current
        now = time.monotonic()
        if now - began > HELD_S:  # the session may be lost by it, which is noticed later
            self._long = LongRecord(raw, began, now - began, self._worked(), now)
        elif passed and self._entries:
            self._forget(raw)

    def lose_session(self) -> None:
        """Blame a record that may have kept the heartbeats from being sent. Called when the lease ends.

        Both threads may notice it, and the later one ends the process: it waits until the record is stored.
        """
        with self._losing:
            self._lose_session()

    def _lose_session(self) -> None:
        now = time.monotonic()
        if self._flush_began is not None and min(now - self._flush_began, self._worked()) > HELD_S:
            self.become_careful()
            return
        if self.current is not None:  # a short flush after a long record is not the cause
            raw, began = self.current
            seconds, worked = now - began, self._worked()
        elif self._long is not None and now - self._long.ended < HELD_S:
            raw, began, seconds, worked, _ = self._long
        else:
            return
        if began == self._lost_at or min(seconds, worked) <= HELD_S or worked <= HELD_SHARE * seconds:
            return
        self._lost_at = began
        error = TimeoutError(f"the session was lost while handling worked for {worked:.0f} s")
        log.error("record_held_interpreter", topic=raw.topic, partition=raw.partition, offset=raw.offset)
        self.fail(raw, error)
        if self._mark is not None:
            self._mark[0] = 0  # counted already

    def _worked(self) -> float:
        """Return the processor time of the handling thread since the record began, give or take a second."""
        return time.clock_gettime(self._handling) - self._cpu_at[1]

    def _forget(self, raw: RawRecord) -> None:
        """Forget the ends of a record that passed, and those of the one whose dead letter was reinserted."""
        places = {place_of(raw)}
        if raw.headers and (origin := dead_letters.read(raw.headers)):
            places.add((origin.topic, origin.partition, origin.offset))
        if forgotten := places & self._entries.keys():
            for place in forgotten:
                del self._entries[place]
            self._file.write()

    def rest(self) -> None:
        """Stop the alarms: no record is being handled."""
        if self._alarm is not None:
            self._alarm.rest()

    def fail(self, raw: RawRecord, error: BaseException, *, ends: int = 1) -> Unforeseen | None:
        """Count an unforeseen exception as `ends` ends; return the reason for a dead letter from LIMIT on."""
        suspect = self._file.entry(place_of(raw))
        suspect.errors += ends
        suspect.error = describe(error)
        if suspect.is_exhausted:
            return self._set_aside(suspect)
        self._file.write()
        return None

    def fail_commit(self, error: BaseException) -> None:
        """Note that a commit failed. If a value caused it, the next process finds the record."""
        if isinstance(error, LeaseExpired | CommitRefused):
            self.lose_session()
        is_unforeseen = isinstance(error, Exception) and not isinstance(error, Transient | Fatal)
        if is_unforeseen or isinstance(error, StateTooLarge):
            self.become_careful()

    def pass_commit(self) -> None:
        """Note that a commit of records succeeded; one without records shows nothing."""
        self._careful.pass_commit()

    def check_time(self, on_too_long: Callable[[BaseException], None]) -> None:
        """Report a slow record; end the process with one that takes too long. Called by the watchdog."""
        flush_began = self._flush_began
        if flush_began is not None and time.monotonic() - flush_began > LONGEST_S:
            self.become_careful()
            on_too_long(TimeoutError(f"a flush took longer than {LONGEST_S:g} s{where(self._thread)}"))
            return
        current = self.current
        seconds = time.monotonic() - current[1] if current else 0.0
        metrics.RECORD_SECONDS.set(seconds if seconds > SLOW_S else 0)
        if current is None or seconds <= SLOW_S:
            self._slow.note(None)
            return
        used = self._used(current[1])
        raw = current[0]
        place = {"topic": raw.topic, "partition": raw.partition, "offset": raw.offset}
        slow = {**place, "key": repr(raw.key)[:200], "seconds": round(seconds)}
        log.warning("record_slow", **slow)
        self._slow.note(slow)
        if seconds > LONGEST_S:
            error = TimeoutError(f"handling took longer than {LONGEST_S:g} s{where(self._thread)}")
            self.fail(raw, error, ends=LIMIT if used > BLAMED_CPU_S else 1)
            if self._mark is not None:
                self._mark[0] = 0  # counted already
            on_too_long(error)

    def _used(self, began: float) -> float:
        """Return the processor time of the handling thread, in seconds, since the record became slow."""
        now = time.clock_gettime(self._handling)
        if self._slow_since is None or self._slow_since[0] != began:
            self._slow_since = began, now
        return now - self._slow_since[1]

    def _set_aside(self, suspect: Suspect) -> Unforeseen:
        if not suspect.set_aside:
            suspect.set_aside, suspect.at = True, time.time()
            self._file.write()
            log.error("record_set_aside", **asdict(suspect))
        return Unforeseen(suspect.error, attempts=suspect.errors + suspect.kills)

    def _open_mark(self, file: Path) -> None:
        if not file.exists() or file.stat().st_size < _MARK.size:
            file.write_bytes(bytes(_MARK.size))
        with file.open("r+b") as opened:
            self._mark = mmap.mmap(opened.fileno(), _MARK.size)
        busy, topic, partition, offset = _MARK.unpack_from(self._mark, 0)
        if busy and 0 <= topic < len(self._topics):
            self._count_end(self._file.entry((self._topics[topic], partition, offset)))
            self._file.write()
        self._mark[0] = 0

    def _count_end(self, suspect: Suspect) -> None:
        """Count the end of an earlier process that raised nothing."""
        worked = self._alarm.interrupted if self._alarm is not None else None
        waited = self._alarm.waited if self._alarm is not None else None
        if worked is not None:
            suspect.errors += LIMIT
            suspect.error = f"TimeoutError: handling used the processor for too long ({worked})"
        elif waited is not None:  # or the machine slept
            suspect.errors += 1
            suspect.error = f"TimeoutError: handling waited for too long ({waited})"
        else:
            suspect.kills += 1
