"""Processes of a data directory whose supervisor was killed: found by the mark in their environment."""

from contextlib import suppress
from pathlib import Path

import psutil

from infra.embedded.process_wait import STACK_VARIABLE, has_ended, wait_for_exit

GRACE_PERIOD_S = 15  # seconds from SIGTERM to SIGKILL


def find(home: Path) -> list[psutil.Process]:
    """All processes that a supervisor of this data directory started, children of theirs included."""
    return [process for process in psutil.process_iter() if _belongs(process, str(home))]


def end(home: Path) -> int:
    """End them, in order where they obey; returns how many there were."""
    orphans = find(home)
    for process in orphans:
        with suppress(psutil.Error):
            process.terminate()
    for process in wait_for_exit(orphans, GRACE_PERIOD_S):
        with suppress(psutil.Error):
            process.kill()
    wait_for_exit(orphans, GRACE_PERIOD_S)
    return len(orphans)


def _belongs(process: psutil.Process, home: str) -> bool:
    try:
        return process.environ().get(STACK_VARIABLE) == home and not has_ended(process)
    except (psutil.Error, OSError):  # not ours to look at, or gone meanwhile
        return False
