"""Readiness of processes: they run and stay up, and were not merely started."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from infra.embedded import restarts, tail
from infra.embedded.supervisor import ProcessInfo
from songnodes.errors import UserError

POLL_INTERVAL_S = 0.1
#: Seconds that a process may take: Faust joins its group and restores its tables first.
READY_TIMEOUT_S = 60
#: Seconds that a process must have run for. One that cannot work ends sooner, after probing its servers.
MIN_UPTIME_S = 6.0
#: States after which the supervisor starts a process no more by itself.
FINAL_STATES = ("EXITED", "FATAL", "STOPPED", "UNKNOWN")
#: Ends of a process during a start after which it is not waited for.
MAX_EXITS = 3
LAST_LINES = 20  # of a log, to find the last one that holds text
MAX_LOG_CHARS = 300  # of the last line of a log


class NotReady(UserError):
    """A server or process did not become ready in time"""

    remedy = "`songnodes logs NAME` shows why"


class Supervised(Protocol):
    """The processes of a data directory: `infra.embedded.stack.Stack`."""

    home: Path

    def processes(self) -> Sequence[ProcessInfo]: ...

    def log(self, name: str) -> Path: ...


def wait(stack: Supervised, wanted: Callable[[ProcessInfo], bool]) -> None:
    """Return when every wanted process has run for `MIN_UPTIME_S` seconds.

    Raises NotReady with the last line of the log of one that ended for good, ended `MAX_EXITS` times, or
    does not stay up within `READY_TIMEOUT_S`.
    """
    until = time.monotonic() + READY_TIMEOUT_S
    begun = datetime.now().replace(microsecond=0)
    while waiting := [process for process in stack.processes() if wanted(process) and not _stays(process)]:
        ended = restarts.count(stack.home, begun)
        failed = [
            process
            for process in waiting
            if process.state in FINAL_STATES or ended.get(process.name, 0) >= MAX_EXITS
        ]
        if failed or time.monotonic() > until:
            raise not_ready(stack, (failed or waiting)[0])
        time.sleep(POLL_INTERVAL_S)


def not_ready(stack: Supervised, process: ProcessInfo) -> NotReady:
    """Return the error that names a process, its state and the last line of its log."""
    log = stack.log(process.name)
    last = next((line for line in reversed(tail.last(log, LAST_LINES)) if line.strip()), "")
    ends = f", its log ends with: {last[:MAX_LOG_CHARS]}" if last else ""
    return NotReady(f"{process.name} is {process.state.lower()}{ends}", log=log)


def _stays(process: ProcessInfo) -> bool:
    return process.state == "RUNNING" and process.uptime >= MIN_UPTIME_S
