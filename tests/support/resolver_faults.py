"""Faults of the resolver: killed while marks are open, stopped while another one waits for the lock."""

import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

import psutil

from tests.support.pipeline import Pipeline
from tests.support.worker_processes import Slot

RESOLVER = "resolver"
MARKS_TIMEOUT_S = 4.0  # seconds to wait for marks before it is killed without any
INTO = 0.1  # seconds at most from the marks to the kill: to settle some takes about that long
ACTIVE_TIMEOUT_S = 60.0  # seconds until a resolver that was started is there
POLL_INTERVAL_S = 0.01  # seconds between two looks
#: Longer than the session of the resolver's consumer: then Kafka has given its partitions away.
STOPPED = 12.0


@dataclass(slots=True)
class ResolverFaults:
    """Kills and stops the active resolver; `met` counts kills while marks were open."""

    pipeline: Pipeline
    random: Random
    kills: Counter[str] = field(default_factory=Counter)
    met: int = 0
    _stopped: Slot | None = None

    def kill(self, name: str) -> None:
        """SIGKILL for a process; for the resolver while it has something to settle."""
        if name == RESOLVER:
            self._kill_resolver()
        else:
            self.pipeline.processes.kill((name, "0"))
        self.kills[name] += 1

    def stop(self) -> None:
        """SIGSTOP for the one that works, and a second one that must wait for it."""
        self._stopped = self._working()
        self.pipeline.processes.pause(self._stopped)
        self.pipeline.start(RESOLVER, slot="1")
        until = time.monotonic() + ACTIVE_TIMEOUT_S
        while self._sessions() < 2:
            assert time.monotonic() < until, "the second resolver did not start"
            time.sleep(POLL_INTERVAL_S)

    def go_on(self) -> None:
        """SIGCONT; the second one must have waited all the time."""
        assert self._stopped is not None
        assert self._working() == self._stopped, "the place of one that is stopped was taken"
        self.pipeline.processes.resume(self._stopped)

    def _kill_resolver(self) -> None:
        slot = self._working()
        until = time.monotonic() + MARKS_TIMEOUT_S
        while not (marks := self._marks()) and time.monotonic() < until:
            time.sleep(POLL_INTERVAL_S)
        time.sleep(self.random.uniform(0, INTO))
        self.pipeline.processes.kill(slot)
        self.met += bool(marks)

    def _working(self) -> Slot:
        """Return the worker whose connection holds the lock."""
        until = time.monotonic() + ACTIVE_TIMEOUT_S
        while time.monotonic() < until:
            ports = self._holder()
            for slot, worker in self.pipeline.processes.workers.items():
                if slot[0] == RESOLVER and worker.process and ports & _ports(worker.process.pid):
                    return slot
            time.sleep(POLL_INTERVAL_S)
        raise AssertionError("no resolver works")

    def _marks(self) -> int:
        ((count,),) = self.pipeline.query("SELECT count(*) FROM resolver_marks")
        return int(count)

    def _sessions(self) -> int:
        ((count,),) = self.pipeline.query(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'songnodes-resolver'"
        )
        return int(count)

    def _holder(self) -> set[int]:
        """Return the client port of the lock's holder; empty while the lock is free."""
        rows = self.pipeline.query(
            "SELECT client_port FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
            " WHERE a.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
            " AND a.application_name = 'songnodes-resolver'"
        )
        return {port for (port,) in rows}


def _ports(pid: int) -> set[int]:
    """Return the local ports of a process's connections; none once it has ended."""
    with suppress(psutil.Error):
        return {
            connection.laddr.port
            for connection in psutil.Process(pid).net_connections("tcp")
            if connection.laddr
        }
    return set()
