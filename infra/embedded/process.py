"""Handle of one process of a stack."""

from typing import Protocol

import psutil

from infra.embedded.supervisor import ProcessInfo
from songnodes.errors import UnknownName


class ProcessList(Protocol):
    """The part of a stack that lists its processes."""

    def processes(self) -> list[ProcessInfo]: ...


class Process:
    """One process of a stack: inspected and killed by name."""

    def __init__(self, stack: ProcessList, name: str) -> None:
        self._stack = stack
        self.name = name

    @property
    def running(self) -> ProcessInfo | None:
        """As the supervisor sees it; None where it is not among its processes."""
        return next((process for process in self._stack.processes() if process.name == self.name), None)

    @property
    def pid(self) -> int | None:
        running = self.running
        return running.pid if running else None

    def kill(self) -> int:
        """SIGKILL, as a crash would be; the supervisor starts it again. Returns the pid that it had."""
        pid = self.pid
        if pid is None:
            raise UnknownName("process", self.name)
        psutil.Process(pid).kill()
        return pid
