"""supervisord for one data directory: its configuration, and what we ask of it."""

import hashlib
import http.client
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Container, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import Faults, SupervisorTransport

from infra.embedded.process_wait import STACK_VARIABLE, wait_for_exit
from infra.embedded.secrets import write_private
from infra.embedded.server import Program
from songnodes.access import without_access
from songnodes.errors import UserError
from songnodes.process.exit_codes import FINAL

LOG_BYTES = "10MB"
LOG_BACKUPS = 3
#: Never give up: a server that is away for an hour comes back. The pause grows by one second per failure.
RETRIES = 1_000_000
#: Each partition of Kafka holds several files open.
FILES = 65_536
MAX_SOCKET_BYTES = 100  # bytes; a Unix socket's name has at most 108, supervisord adds ".<pid>"
#: Codes of a stage after which another start would only do damage: dead letters past their limit (it would go
#: on a little with every start), a position that the log has lost. Every other end, 0 too, is started again.
ENV = "/usr/bin/env"
START_TIMEOUT_S = 15  # seconds
STOP_TIMEOUT_S = 60


class SupervisorNotResponding(UserError):
    """The process supervisor did not start"""

    remedy = "Its log is supervisord.log in the data directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessInfo:
    """A supervised process as it is now. `state` is supervisord's word; `uptime` in seconds."""

    name: str
    state: str
    pid: int | None
    uptime: float
    why: str

    @property
    def up(self) -> bool:
        return self.state in ("STARTING", "RUNNING")


class Supervisor:
    """The supervisord of one data directory, running or not."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._configuration = home / "supervisord.conf"
        self._pid_file = home / "supervisord.pid"
        self._socket = _socket(home)

    @property
    def pid(self) -> int | None:
        """Its process, or None; a stale pid file counts for nothing."""
        try:
            process = psutil.Process(int(self._pid_file.read_text()))
            return process.pid if str(self._configuration) in process.cmdline() else None
        except (OSError, ValueError, psutil.Error):
            return None

    def launch(self, programs: Iterable[Program]) -> None:
        """Start it, with all programs known and none started. Raises `SupervisorNotResponding`."""
        self._write(programs)
        for stale in (self._pid_file, self._socket):
            stale.unlink(missing_ok=True)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._configuration)]
        # Marked itself: what it forks is found as an orphan even before it became the program.
        # Without passwords: a server may run as another user, who can read its environment.
        marked = {**without_access(os.environ), STACK_VARIABLE: str(self._home)}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, cwd=self._home, env=marked
        )
        if done.returncode:
            raise SupervisorNotResponding((done.stderr or done.stdout).strip()[-300:])
        until = time.monotonic() + START_TIMEOUT_S
        while not self._answers():
            if time.monotonic() > until:
                raise SupervisorNotResponding(home=self._home)
            time.sleep(0.05)

    def adopt(self, programs: Iterable[Program], unwanted: Container[str] = ()) -> None:
        """Take in new and changed programs. Unchanged ones go on undisturbed.

        One that is no longer among the programs is stopped if it is `unwanted`, else it goes on too.
        """
        self._write(programs)
        ((added, changed, missing),) = self._ask("reloadConfig")
        for name in (*changed, *(name for name in missing if name in unwanted)):
            self._ask("stopProcessGroup", name)
            self._ask("removeProcessGroup", name)
        for name in (*added, *changed):
            self._ask("addProcessGroup", name)

    def start(self, name: str) -> None:
        """Start a process, if it does not run; returns at once."""
        with suppress_fault(Faults.ALREADY_STARTED):
            self._ask("startProcess", name, False)

    def stop(self, names: Iterable[str]) -> None:
        """Stop processes side by side, and wait until all are gone."""
        waiting = set(names)
        for name in waiting:
            with suppress_fault(Faults.NOT_RUNNING):
                self._ask("stopProcess", name, False)
        until = time.monotonic() + STOP_TIMEOUT_S
        while time.monotonic() < until and any(
            process.pid for process in self.processes() if process.name in waiting
        ):
            time.sleep(0.1)

    def shut_down(self) -> None:
        """End it and all that still runs under it."""
        pid = self.pid
        if pid is None:
            return
        process = psutil.Process(pid)
        with suppress(OSError, xmlrpc.client.Error, http.client.HTTPException):
            self._ask("shutdown")
        for alive in wait_for_exit([process], STOP_TIMEOUT_S):
            alive.kill()

    def processes(self) -> list[ProcessInfo]:
        """All its processes, in the order of their names; empty where it does not run."""
        try:
            answer = self._ask("getAllProcessInfo")
        except (OSError, http.client.HTTPException):
            return []
        return [_running(info) for info in answer]

    def _answers(self) -> bool:
        try:
            return bool(self._ask("getState"))
        except (OSError, http.client.HTTPException):
            return False

    def _ask(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=transport)
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()

    def _write(self, programs: Iterable[Program]) -> None:
        logs = self._home / "logs"
        logs.mkdir(exist_ok=True)
        files = min(FILES, resource.getrlimit(resource.RLIMIT_NOFILE)[1])
        supervisord: dict[str, object] = {
            "logfile": self._home / "supervisord.log",
            "logfile_maxbytes": LOG_BYTES,
            "logfile_backups": 1,
            "pidfile": self._pid_file,
            "minfds": files,
            "directory": self._home,
        }
        if os.geteuid() == 0:
            supervisord["user"] = "root"  # else it warns of a root that we chose
        sections: dict[str, dict[str, object]] = {
            "supervisord": supervisord,
            "unix_http_server": {"file": self._socket, "chmod": "0700"},
            "rpcinterface:supervisor": {
                "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
            },
            **{f"program:{program.name}": self._section(program, logs) for program in programs},
        }
        text = "\n".join(_render(name, values) for name, values in sections.items())
        write_private(self._configuration, text)

    def _section(self, program: Program, logs: Path) -> dict[str, object]:
        env = {**program.env, STACK_VARIABLE: str(self._home)}
        command = program.command
        if program.user:  # it gets nothing of the environment of whoever ran `songnodes up`
            command = (ENV, "-i", *(f"{name}={value}" for name, value in env.items()), *command)
        section: dict[str, object] = {
            "command": shlex.join(command),
            "directory": program.directory,
            "environment": ",".join(f"{name}={_quoted(value)}" for name, value in env.items()),
            "autostart": "false",
            "autorestart": "unexpected",
            "exitcodes": ",".join(map(str, FINAL)),
            "startsecs": program.start_seconds,
            "startretries": RETRIES,
            "stopsignal": program.stop_signal,
            "stopwaitsecs": program.stop_wait,
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": logs / f"{program.name}.log",
            "stdout_logfile_maxbytes": LOG_BYTES,
            "stdout_logfile_backups": LOG_BACKUPS,
        }
        return section | ({"user": program.user} if program.user else {})


class suppress_fault(suppress):
    """Pass over one fault that supervisord answers with."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        return isinstance(error, xmlrpc.client.Fault) and error.faultCode == self._code


def _quoted(value: str) -> str:
    """Return a value in the quotes that it does not have; JSON has double ones."""
    quote = "'" if '"' in value else '"'
    return f"{quote}{value}{quote}"


def _render(name: str, values: dict[str, object]) -> str:
    lines = (f"{key}={str(value).replace('%', '%%')}" for key, value in values.items())
    return "\n".join([f"[{name}]", *lines, ""])


def _running(info: dict[str, Any]) -> ProcessInfo:
    pid = int(info["pid"]) or None
    return ProcessInfo(
        name=str(info["name"]),
        state=str(info["statename"]),
        pid=pid,
        uptime=float(info["now"] - info["start"]) if pid else 0.0,
        why=str(info["spawnerr"] or ("" if pid else info["description"])),
    )


def _socket(home: Path) -> Path:
    """Beside the data; for a home too deep for a socket's name, in the temp directory."""
    near = home / "supervisor.sock"
    if len(os.fsencode(near)) <= MAX_SOCKET_BYTES:
        return near
    short = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"songnodes-{short}.sock")
