"""Faults of the resolver's own: killed while marks stand, stopped while another one waits for its place."""

import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random

from tests.support.crew import Slot
from tests.support.pipeline import Pipeline

RESOLVER = "resolver"
MARKS_WITHIN = 4.0  # seconds to wait for marks before it is killed without any
INTO = 0.1  # seconds at most from the marks to the kill: to settle some takes about that long
WAITS_WITHIN = 60.0  # seconds until a second resolver has started
LOOK = 0.01  # seconds between two looks
#: Longer than the session of the resolver's consumer: then Kafka has given its partitions away.
STOPPED = 12.0


@dataclass(slots=True)
class ResolverFaults:
    """Kills and stops of the one that works; `met` counts the kills while marks stood."""

    pipeline: Pipeline
    random: Random
    working: Slot = (RESOLVER, "0")
    waiting: Slot | None = None
    kills: Counter[str] = field(default_factory=Counter)
    met: int = 0

    def kill(self, name: str) -> None:
        """SIGKILL for a process; for the resolver while it has something to settle."""
        if name == RESOLVER:
            self._kill_resolver()
        else:
            self.pipeline.crew.kill((name, "0"))
        self.kills[name] += 1

    def stop(self) -> None:
        """SIGSTOP for the one that works, and a second one that must wait for it."""
        before = self._holders()
        self.pipeline.crew.pause(self.working)
        self.pipeline.start(RESOLVER, slot="1")
        self.waiting = (RESOLVER, "1")
        until = time.monotonic() + WAITS_WITHIN
        while len(self._sessions()) < 2:
            assert time.monotonic() < until, "the second resolver did not start"
            time.sleep(LOOK)
        assert self._holders() == before, "the second resolver took the place of one that is stopped"

    def go_on(self) -> None:
        """SIGCONT."""
        assert len(self._holders()) == 1
        self.pipeline.crew.resume(self.working)

    def _kill_resolver(self) -> None:
        until = time.monotonic() + MARKS_WITHIN
        while not (marks := self._marks()) and time.monotonic() < until:
            time.sleep(LOOK)
        time.sleep(self.random.uniform(0, INTO))
        self.pipeline.crew.kill(self.working)
        self.met += bool(marks)
        if self.waiting is not None:
            self.working, self.waiting = self.waiting, self.working

    def _marks(self) -> int:
        ((count,),) = self.pipeline.query("SELECT count(*) FROM resolver_marks")
        return int(count)

    def _sessions(self) -> list[int]:
        rows = self.pipeline.query(
            "SELECT pid FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'songnodes-resolver'"
        )
        return [pid for (pid,) in rows]

    def _holders(self) -> list[int]:
        rows = self.pipeline.query(
            "SELECT l.pid FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)"
            " WHERE a.datname = current_database() AND l.locktype = 'advisory' AND l.granted"
            " AND a.application_name = 'songnodes-resolver'"
        )
        return [pid for (pid,) in rows]
