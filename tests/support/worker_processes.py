"""Worker processes of a pipeline under test: started, killed, stopped, wiped; restarted when they exit."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from songnodes.access import Access
from songnodes.errors import EXIT_TEMPORARY
from songnodes.messaging import topics
from songnodes.settings import STAGES as STAGE_NAMES
from songnodes.settings import Settings
from tests.support import forked

STAGES: tuple[str, ...] = STAGE_NAMES
ROOT = Path(__file__).parents[2]
POLL_INTERVAL_S = 0.05
RESTART_DELAY_S = 0.2
STOP_TIMEOUT_S = 40.0  # from SIGTERM to the exit
LOG_LINES = 25  # of a log, in a failure
#: Exits that faults cause by design: SIGKILL, and the code on which a supervisor restarts.
KILLED, TEMPORARY = -signal.SIGKILL, EXIT_TEMPORARY
#: Exits after SIGTERM: the orderly one, and that of a process that did not handle the signal yet.
ORDERLY_EXITS = {0, -signal.SIGTERM}

Slot = tuple[str, str]
"""Process and slot: ("silver", "1")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exit:
    """Exit of a process without SIGTERM, or with another code than expected. `at` is monotonic seconds."""

    slot: Slot
    code: int
    at: float
    last_line: str


@dataclass(slots=True)
class Worker:
    """One process in its slot. `wipe` removes its state before the next start."""

    slot: Slot
    log: Path
    process: forked.Forked | None = None
    ended_at: float = 0.0
    wipe: bool = False
    started: int = 0


@dataclass(slots=True)
class WorkerProcesses:
    """Worker processes of one pipeline. `command` replaces the arguments of Python for a process."""

    settings: Settings
    command: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: Exit codes that the test expects, besides kills and lost leases.
    expected: set[int] = field(default_factory=set)
    #: Texts of last log lines that are no failure while a server is down.
    excused: tuple[str, ...] = ()
    exits: list[Exit] = field(default_factory=list)
    workers: dict[Slot, Worker] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _closed: threading.Event = field(default_factory=threading.Event)
    _supervisor: threading.Thread | None = None

    def start(self, *names: str, slot: str = "0") -> None:
        """Start one worker of each of these processes in a slot."""
        with self._lock:
            for name in names:
                worker = Worker(slot=(name, slot), log=self._log((name, slot)))
                self.workers[worker.slot] = worker
                self._spawn(worker)
        if self._supervisor is None:
            self._supervisor = threading.Thread(target=self._supervise, name="worker-processes", daemon=True)
            self._supervisor.start()

    def stop(self, slots: Iterable[Slot] | None = None) -> None:
        """Send SIGTERM and wait for the exits; fail if a process does not exit in time."""
        with self._lock:
            chosen = [self.workers.pop(slot) for slot in list(slots or self.workers)]
        for worker in chosen:
            self._signal(worker, signal.SIGCONT)
            self._signal(worker, signal.SIGTERM)
        late = [worker.slot for worker in chosen if not self._wait_for_exit(worker)]
        assert not late, f"{late} did not end {STOP_TIMEOUT_S:.0f} s after SIGTERM"

    def kill(self, slot: Slot, *, wipe: bool = False) -> None:
        """Kill a worker, which is restarted; with `wipe` its state directory is deleted."""
        with self._lock:
            worker = self.workers[slot]
            worker.wipe = wipe
            self._signal(worker, signal.SIGKILL)

    def pause(self, slot: Slot) -> None:
        """Send SIGSTOP: the process keeps its partitions and does nothing."""
        with self._lock:
            self._signal(self.workers[slot], signal.SIGSTOP)

    def resume(self, slot: Slot) -> None:
        """Send SIGCONT; a worker whose lease expired meanwhile exits by itself."""
        with self._lock:
            if slot in self.workers:
                self._signal(self.workers[slot], signal.SIGCONT)

    def close(self) -> None:
        """Kill the remaining processes and stop restarting."""
        self._closed.set()
        if self._supervisor is not None:
            self._supervisor.join()
        with self._lock:
            for worker in self.workers.values():
                self._signal(worker, signal.SIGKILL)
                if worker.process is not None:
                    worker.process.wait()
            self.workers.clear()

    def unexpected(self) -> list[Exit]:
        """Return exits that are neither our kills nor temporary failures."""
        return [
            process_exit
            for process_exit in self.exits
            if process_exit.code not in {KILLED, TEMPORARY, *self.expected}
            and not any(text in process_exit.last_line for text in self.excused)
        ]

    def tails(self) -> str:
        """Return the last lines of all logs, for a failure message."""
        parts = []
        for log in sorted(self._logs().glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-LOG_LINES:]
            parts.append("\n".join([f"--- {log.name}", *(line[:600] for line in lines)]))
        return "\n".join(parts)

    def state(self, slot: Slot) -> Path:
        """Return the state directory of a stage's worker."""
        process, number = slot
        return self.settings.home / "state" / topics.app_id(process, self.settings) / number

    def _supervise(self) -> None:
        while not self._closed.wait(POLL_INTERVAL_S):
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
        elif now > worker.ended_at + RESTART_DELAY_S:
            self._spawn(worker)

    def _spawn(self, worker: Worker) -> None:
        name, number = worker.slot
        if worker.wipe and name in STAGES:
            shutil.rmtree(self.state(worker.slot), ignore_errors=True)
        worker.wipe = False
        command = self.command.get(name, ("-m", "songnodes", "run", name))
        with worker.log.open("ab") as log:
            worker.process = forked.start(
                command,
                env=environment(self.settings, number),
                stdout=log,
                stderr=log,
                cwd=self.settings.home,
            )
        worker.started += 1

    def _wait_for_exit(self, worker: Worker) -> bool:
        """Return True if the worker exited in time; record an unexpected exit code."""
        if worker.process is None:
            return True
        try:
            code = worker.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
            return False
        if code not in ORDERLY_EXITS:
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
    """Return the environment that passes these settings to another process."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("SONGNODES_")}
    stated = settings.model_dump(mode="json", exclude={*Access.model_fields}, exclude_none=True)
    for name, value in stated.items():
        secret = getattr(settings, name)
        value = secret.get_secret_value() if isinstance(secret, SecretStr) else value
        if value is None:
            continue  # the default of settings that may be absent
        env[f"SONGNODES_{name.upper()}"] = value if isinstance(value, str) else json.dumps(value)
    env |= settings.environment()
    return {**env, "SONGNODES_WORKER_SLOT": slot, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)}


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1][:600] if lines else ""
