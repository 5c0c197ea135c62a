"""Ends a process whose record holds the interpreter, where no thread of it can: a regular expression that
backtracks, native code that does not come back. Only for a process of its own: signals belong to all of it.
"""

import faulthandler
import os
import re
import signal
import time
from pathlib import Path, PurePath

#: Processor time after which the kernel ends the process; in seconds. Above `suspects.LONGEST_S`, after which
#: the thread of the watchdog does, where it can.
CPU_ALARM_S = 150.0
#: The same for a record that holds the interpreter and waits. This may be a sleep of the machine, so it
#: counts as one end of two; in seconds.
ALARM_S = 300.0
#: Seconds between two settings of the alarms: two system calls per record would be felt.
STEP_S = 1.0

_FRAME = re.compile(r'File "(.*)", line (\d+) in (.*)')


class Alarm:
    """Two timers of the kernel. Each writes the place that it interrupted to a file of its own."""

    def __init__(self, file: Path) -> None:
        """Read the files that an earlier process left, and set the handlers of the signals."""
        waiting = file.with_name(f"{file.name}.waiting")
        self.interrupted = _place(file)
        self.waited = _place(waiting)
        self._set_at = 0.0
        self._files: dict[int, int] = {}
        for number, name in ((signal.SIGPROF, file), (signal.SIGALRM, waiting)):
            signal.signal(number, signal.SIG_DFL)
            # Empty again, and open as long as the process lives: the handler is no Python, so that it writes
            # the place also while the interpreter is held. Then the signal ends the process.
            opened = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            faulthandler.register(number, file=opened, all_threads=False, chain=True)
            self._files[number] = opened

    def set(self, now: float) -> None:
        """Start both timers for a record, handled from `now` on, in seconds of the monotonic clock."""
        if now - self._set_at > STEP_S:
            self._set_at = now
            _set_timers(CPU_ALARM_S, ALARM_S)

    def rest(self) -> None:
        """Stop both timers: no record is being handled."""
        self._set_at = 0.0
        _set_timers(0, 0)

    def close(self) -> None:
        """Stop the timers, and remove the handlers of the signals."""
        self.rest()
        for number, opened in self._files.items():
            faulthandler.unregister(number)
            os.close(opened)


def is_library(file: str) -> bool:
    """Return True for a file of Python or of an installed package: the place of its caller is more useful."""
    return "/lib/python" in file


def processor_clock(thread: int) -> int:
    """Return the clock of a thread's processor time; that of the process where the system has none."""
    clock_of = getattr(time, "pthread_getcpuclockid", None)
    return int(clock_of(thread)) if clock_of else time.CLOCK_PROCESS_CPUTIME_ID


def _set_timers(processor_s: float, wall_s: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, processor_s)
    signal.setitimer(signal.ITIMER_REAL, wall_s)


def _place(file: Path) -> str | None:
    """Return the place at which the alarm of processor time found the process; None if it did not expire."""
    try:
        text = file.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return None
    if not text.strip():
        return None
    frames = _FRAME.findall(text)  # the innermost first
    for name, line, function in [frame for frame in frames if not is_library(frame[0])] or frames:
        return f"{PurePath(name).name}:{line} {function}"
    return "native code"
