"""Trial of a suspected record: its work in a child process, which proves that it ends a process.

An end without an exception may be a kill from outside (an operator, a supervisor, a machine that goes down),
so no number of such ends blames a record. The record is blamed only if a child process that does nothing else
ends twice in a row while this process lives on to see it. A kill of this process takes the child with it and
decides nothing.
"""

import ctypes
import faulthandler
import os
import resource
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from songnodes import logs

#: Children that have to end before the record is blamed: one may have been killed from outside.
CHILDREN = 2
#: Seconds until a child that has not ended is killed. All of them end clearly before a stage ends a process
#: for a record that takes too long (120 s), so a trial has an outcome.
TRIAL_S = 40.0
#: Seconds of processor time after which the kernel ends a child. One that waits longer (for a lock that a
#: thread of the parent held, for a server, for the processor itself) decides nothing.
TRIAL_CPU_S = 30
POLL_S = 0.01
_PASSED, _FAILED = 0, 1
_PR_SET_PDEATHSIG = 1

log = logs.get(__name__)


def failure(work: Callable[[], object], *, errors: bool = False) -> str | None:
    """Return how the work ended child processes, None if it passed in one or if nothing can be decided.

    `errors`: an exception counts as an end. The work must not use connections of this process.
    """
    reason = None
    for _ in range(CHILDREN):
        reason = _run(work, errors)
        log.warning("trial", outcome=reason or "passed or undecided")
        if reason is None:
            return None
    return reason


def _run(work: Callable[[], object], errors: bool) -> str | None:
    parent = os.getpid()
    with warnings.catch_warnings():
        # Python warns of locks that other threads hold in the child; a child that waits is killed below.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        _end_child(work, parent, errors)
    return _outcome(child)


def _end_child(work: Callable[[], object], parent: int, errors: bool) -> NoReturn:
    code = _FAILED
    try:
        faulthandler.disable()  # the outcome is logged; the stack would go to the files of the parent
        _isolate(parent)
        work()
        code = _PASSED
    except Exception:
        code = _FAILED if errors else _PASSED  # the parent meets it too, with the rules for exceptions
    finally:
        os._exit(code)


def _isolate(parent: int) -> None:
    """Die with the parent or after TRIAL_CPU_S, be the first to end where memory is short, and leave the
    parent's signals alone.
    """
    with suppress(ValueError):  # not the main thread
        signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGPROF, signal.SIGALRM, signal.SIGXCPU):
        with suppress(ValueError):
            signal.signal(number, signal.SIG_DFL)
    with suppress(ValueError):  # the limit of this process is lower
        resource.setrlimit(resource.RLIMIT_CPU, (TRIAL_CPU_S, resource.getrlimit(resource.RLIMIT_CPU)[1]))
    with suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        Path("/proc/self/oom_score_adj").write_text("1000")
    if os.getppid() != parent:
        os._exit(_PASSED)


def _outcome(child: int) -> str | None:
    until = time.monotonic() + TRIAL_S
    while True:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid == child:
            break
        if time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(POLL_S)
    if os.WIFSIGNALED(status):
        if os.WTERMSIG(status) == signal.SIGXCPU:
            return f"handling used the processor for {TRIAL_CPU_S} s"
        return f"a process that handled only this record ended by {signal.Signals(os.WTERMSIG(status)).name}"
    code = os.WEXITSTATUS(status)
    return f"a process that handled only this record ended with exit code {code}" if code else None
