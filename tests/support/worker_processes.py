"""Worker processes of a pipeline under test: started, killed, stopped, wiped; restarted when they exit."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from songnodes.access import Access
from songnodes.messaging import topics
from songnodes.settings import Settings

ROOT = Path(__file__).parents[2]
STAGES = ("parse", "silver", "appearances", "gold")
LOOK = 0.05  # seconds between two looks at the processes
PAUSE = 0.2  # seconds from an exit to the restart
STOPPED_WITHIN = 40.0  # seconds from SIGTERM to the end
LINES = 25  # of a log, in a failure
#: Ends that a fault brings about by design: kill -9, and the codes a supervisor restarts on (`errors.py`).
KILLED, TEMPORARY = -signal.SIGKILL, 75
#: Ends after SIGTERM: the orderly one, and that of a process which had not got so far as to handle it.
ORDERED = {0, -signal.SIGTERM}

Slot = tuple[str, str]
"""Process and slot: ("silver", "1")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """An end of a process that nobody asked for with SIGTERM, or not like this. `at` is monotonic seconds."""

    slot: Slot
    code: int
    at: float
    last_line: str


@dataclass(slots=True)
class Worker:
    """One process in its slot. `wipe` removes its state before the next start."""

    slot: Slot
    log: Path
    process: subprocess.Popen[bytes] | None = None
    ended_at: float = 0.0
    wipe: bool = False
    started: int = 0


@dataclass(slots=True)
class Crew:
    """The workers of one pipeline. `command` says how a process is run, where not by the command line."""

    settings: Settings
    command: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Exit codes that the test brings about by itself, beside kills and lost leases.
    expected: set[int] = field(default_factory=set)
    #: Texts of last words that are no failure while a server is away.
    excused: tuple[str, ...] = ()
    exits: list[Exit] = field(default_factory=list)
    workers: dict[Slot, Worker] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _closed: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def start(self, *names: str, slot: str = "0") -> None:
        """Run one worker of each of these processes in this slot."""
        with self._lock:
            for name in names:
                worker = Worker(slot=(name, slot), log=self._log((name, slot)))
                self.workers[worker.slot] = worker
                self._spawn(worker)
        if self._watch is None:
            self._watch = threading.Thread(target=self._look_after, name="crew", daemon=True)
            self._watch.start()

    def stop(self, slots: Iterable[Slot] | None = None) -> None:
        """SIGTERM, and wait until they have ended; a process that does not obey is a failure."""
        with self._lock:
            chosen = [self.workers.pop(slot) for slot in list(slots or self.workers)]
        for worker in chosen:
            self._signal(worker, signal.SIGCONT)
            self._signal(worker, signal.SIGTERM)
        late = [worker.slot for worker in chosen if not self._ends(worker)]
        assert not late, f"{late} did not end {STOPPED_WITHIN:.0f} s after SIGTERM"

    def kill(self, slot: Slot, *, wipe: bool = False) -> None:
        """SIGKILL; it comes back, with its state directory deleted if asked."""
        with self._lock:
            worker = self.workers[slot]
            worker.wipe = wipe
            self._signal(worker, signal.SIGKILL)

    def pause(self, slot: Slot) -> None:
        """SIGSTOP: the process holds its partitions and does nothing."""
        with self._lock:
            self._signal(self.workers[slot], signal.SIGSTOP)

    def resume(self, slot: Slot) -> None:
        """SIGCONT; a worker whose lease ended meanwhile exits by itself."""
        with self._lock:
            if slot in self.workers:
                self._signal(self.workers[slot], signal.SIGCONT)

    def close(self) -> None:
        """Kill what is left and end the watch."""
        self._closed.set()
        if self._watch is not None:
            self._watch.join()
        with self._lock:
            for worker in self.workers.values():
                self._signal(worker, signal.SIGKILL)
                if worker.process is not None:
                    worker.process.wait()
            self.workers.clear()

    def unexpected(self) -> list[Exit]:
        """Ends that are neither a kill of ours nor a worker that gave up for a while."""
        return [
            each
            for each in self.exits
            if each.code not in {KILLED, TEMPORARY, *self.expected}
            and not any(text in each.last_line for text in self.excused)
        ]

    def tails(self) -> str:
        """The last lines of all logs, for a failure."""
        parts = []
        for log in sorted(self._logs().glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-LINES:]
            parts.append("\n".join([f"--- {log.name}", *(line[:600] for line in lines)]))
        return "\n".join(parts)

    def state(self, slot: Slot) -> Path:
        """The state directory of a stage's worker."""
        process, number = slot
        return self.settings.home / "state" / topics.app_id(process, self.settings) / number

    def _look_after(self) -> None:
        while not self._closed.wait(LOOK):
            with self._lock:
                for worker in self.workers.values():
                    self._restart(worker)

    def _restart(self, worker: Worker) -> None:
        now = time.monotonic()
        if worker.process is not None:
            code = worker.process.poll()
            if code is None:
                return
            worker.process, worker.ended_at = None, now
            line = _last_line(worker.log)
            self.exits.append(Exit(slot=worker.slot, code=code, at=now, last_line=line))
        elif now > worker.ended_at + PAUSE:
            self._spawn(worker)

    def _spawn(self, worker: Worker) -> None:
        name, number = worker.slot
        if worker.wipe and name in STAGES:
            shutil.rmtree(self.state(worker.slot), ignore_errors=True)
        worker.wipe = False
        command = self.command.get(name, (sys.executable, "-m", "songnodes", "run", name))
        with worker.log.open("ab") as log:
            worker.process = subprocess.Popen(
                command,
                env=environment(self.settings, number),
                stdout=log,
                stderr=log,
                cwd=self.settings.home,
            )
        worker.started += 1

    def _ends(self, worker: Worker) -> bool:
        """Whether it ended in time; an end other than the ordered one is noted."""
        if worker.process is None:
            return True
        try:
            code = worker.process.wait(STOPPED_WITHIN)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
            return False
        if code not in ORDERED:
            line = _last_line(worker.log)
            self.exits.append(Exit(slot=worker.slot, code=code, at=time.monotonic(), last_line=line))
        return True

    @staticmethod
    def _signal(worker: Worker, number: signal.Signals) -> None:
        if worker.process is not None and worker.process.poll() is None:
            worker.process.send_signal(number)

    def _logs(self) -> Path:
        return self.settings.home / "logs"

    def _log(self, slot: Slot) -> Path:
        self._logs().mkdir(parents=True, exist_ok=True)
        return self._logs() / f"{'-'.join(slot)}.log"


def environment(settings: Settings, slot: str = "0") -> dict[str, str]:
    """The variables by which another process gets these settings."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("SONGNODES_")}
    for name, value in settings.model_dump(mode="json", exclude={*Access.model_fields}).items():
        env[f"SONGNODES_{name.upper()}"] = value if isinstance(value, str) else json.dumps(value)
    env |= settings.environment()
    return {**env, "SONGNODES_WORKER_SLOT": slot, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:600] if lines else ""
