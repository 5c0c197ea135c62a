"""Processes of the pipeline that are forked by `tests.support.fork_server`, with the methods of a `Popen`."""

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from random import SystemRandom
from tempfile import TemporaryFile
from typing import IO, Any

from tests.support.fork_server import MAX_REQUEST_BYTES

ROOT = Path(__file__).parents[2]
#: With seeds of hashes of their own, chosen at random: a process that is started again may iterate sets in
#: another order.
SERVERS = 2
START_TIMEOUT_S = 120.0
#: What processes and commands of the pipeline import.
MODULES = (
    "songnodes.cli.run",
    "songnodes.cli.failures",
    "stream_processors.parse",
    "stream_processors.silver",
    "stream_processors.gold",
    "stream_processors.resolver",
    "enrichment.worker.process",
    "stream_processors.runtime.faust.worker",
    "sinks.cli",
    "sinks.main",
)


class Forked:
    """A process that was started; its exit code is kept until it is asked for."""

    def __init__(self, server: "ForkServer", pid: int, args: Sequence[str]) -> None:
        self.pid = pid
        self.args = args
        self.returncode: int | None = None
        self._server = server
        self._descriptor = os.pidfd_open(pid)
        self._lock = threading.RLock()

    def poll(self) -> int | None:
        """Return the exit code, negative after a signal; None while the process runs."""
        with self._lock:
            if self.returncode is None and (code := self._server.ask({"poll": self.pid})) is not None:
                self.returncode = code
                os.close(self._descriptor)
            return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the exit and return its code. Raises subprocess.TimeoutExpired."""
        if self.poll() is None:
            ended = select.poll()
            ended.register(self._descriptor, select.POLLIN)
            ended.poll(None if timeout is None else timeout * 1000)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal if the process runs."""
        with self._lock:
            if self.poll() is None:
                signal.pidfd_send_signal(self._descriptor, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """One server process. It ends with the tests: when the socket is closed."""

    def __init__(self, modules: Sequence[str] = MODULES) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._lock = threading.Lock()
        environment = {name: text for name, text in os.environ.items() if name != "PYTHONHASHSEED"}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.fork_server", str(theirs.fileno()), *modules],
                env={**environment, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(ROOT)},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self._control.settimeout(START_TIMEOUT_S)
        atexit.register(self.close)

    def start(
        self, args: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: IO[bytes], stderr: IO[bytes]
    ) -> Forked:
        """Start `python ARGS`."""
        request = {"start": list(args), "env": dict(env), "cwd": str(cwd)}
        return Forked(self, self.ask(request, stdout.fileno(), stderr.fileno()), args)

    def ask(self, request: dict[str, Any], *descriptors: int) -> Any:
        """Return the answer to a request."""
        with self._lock:
            socket.send_fds(self._control, [json.dumps(request).encode()], descriptors)
            answer = self._control.recv(MAX_REQUEST_BYTES)
        assert answer, "the fork server ended"
        return json.loads(answer)

    def close(self) -> None:
        self._control.close()
        self._process.wait()


@cache
def _server(_number: int) -> ForkServer:
    return ForkServer()


def start(
    args: Sequence[str], *, env: Mapping[str, str], cwd: Path, stdout: IO[bytes], stderr: IO[bytes]
) -> Forked:
    """Start `python ARGS`, as `subprocess.Popen` would."""
    server = _server(SystemRandom().randrange(SERVERS))
    return server.start(args, env=env, cwd=cwd, stdout=stdout, stderr=stderr)


def run(args: Sequence[str], *, env: Mapping[str, str], timeout_s: float) -> subprocess.CompletedProcess[str]:
    """Run `python ARGS` to its end and return it with its output, as `subprocess.run` would."""
    with TemporaryFile() as output, TemporaryFile() as errors:
        process = start(args, env=env, cwd=Path.cwd(), stdout=output, stderr=errors)
        try:
            code = process.wait(timeout_s)
        finally:
            process.kill()
        output.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(args, code, output.read().decode(), errors.read().decode())
