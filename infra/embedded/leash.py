"""Ends a stack when the process that holds it is gone: `python -m infra.embedded.leash PID HOME`.

For stacks that must not outlive a test run: the run may be killed, and `stop` is then never called.
"""

import sys
from pathlib import Path

import psutil

from infra.embedded.server import Program
from infra.embedded.supervisor import Supervisor

NAME = "leash"


def program(home: Path, holder: int) -> Program:
    """Return the supervised process that waits for the end of `holder`."""
    return Program(
        name=NAME,
        command=(sys.executable, "-m", "infra.embedded.leash", str(holder), str(home)),
        directory=home,
        start_seconds=0,
    )


def main(holder: int, home: Path) -> None:
    """Wait until the holder has ended, then shut the supervisor down, and this process with it."""
    if psutil.pid_exists(holder):
        psutil.Process(holder).wait()
    Supervisor(home).shut_down()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
