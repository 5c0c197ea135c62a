"""Stop a stack when the process that started it has ended.

`python -m infra.embedded.parent_watchdog PID HOME`
For stacks that must not outlive a test run: the run may be killed, and `stop` is then never called.
"""

import sys
from pathlib import Path

import psutil

from infra.embedded.server import Program
from infra.embedded.supervisor import Supervisor

NAME = "parent-watchdog"


def program(home: Path, parent: int) -> Program:
    """Return the supervised process that waits for the end of the process `parent`."""
    return Program(
        name=NAME,
        command=(sys.executable, "-m", "infra.embedded.parent_watchdog", str(parent), str(home)),
        directory=home,
        start_seconds=0,
    )


def main(parent: int, home: Path) -> None:
    """Wait until the parent has ended, then shut down the supervisor, and this process with it."""
    if psutil.pid_exists(parent):
        psutil.Process(parent).wait()
    Supervisor(home).shut_down()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
