"""Wait for processes that are not our children."""

import time
from collections.abc import Iterable

import psutil

#: Environment variable of every process of a stack; its value is the stack's home. Orphans are found by it.
STACK_VARIABLE = "SONGNODES_STACK"

POLL_INTERVAL_S = 0.05


def has_ended(process: psutil.Process) -> bool:
    """Return True if the process has ended. A zombie counts as ended: in a container without an
    init process it is never collected."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return True


def wait_for_exit(processes: Iterable[psutil.Process], timeout: float) -> list[psutil.Process]:
    """Wait until all have ended, `timeout` seconds at most; returns those that have not."""
    alive = list(processes)
    until = time.monotonic() + timeout
    while (alive := [process for process in alive if not has_ended(process)]) and time.monotonic() < until:
        time.sleep(POLL_INTERVAL_S)
    return alive
