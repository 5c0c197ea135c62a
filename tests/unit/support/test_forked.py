"""Processes that are forked behave as those that `subprocess` starts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.forked import Forked, ForkServer

PROGRAM = """
import os, sys, time
print(sys.argv[1:], os.getcwd(), sorted(os.environ), __name__, flush=True)
if sys.argv[1] == "sleep":
    time.sleep(60)
if sys.argv[1] == "raise":
    raise ValueError("no")
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture(scope="module")
def server() -> Iterator[ForkServer]:
    """Yield a server that has imported nothing of ours."""
    server = ForkServer(())
    yield server
    server.close()


def start(server: ForkServer, home: Path, *arguments: str) -> Forked:
    """Start the program with one variable in its environment."""
    (home / "program.py").write_text(PROGRAM)
    (home / "output").unlink(missing_ok=True)
    with (home / "output").open("wb") as output, (home / "errors").open("wb") as errors:
        command = (str(home / "program.py"), *arguments)
        return server.start(command, env={"A": "1"}, cwd=home, stdout=output, stderr=errors)


def test_arguments_environment_and_exit_code_are_its_own(server: ForkServer, tmp_path: Path) -> None:
    process = start(server, tmp_path, "3")
    assert process.wait(60) == 3 == process.poll() == process.returncode
    assert (tmp_path / "output").read_text() == f"['3'] {tmp_path} ['A'] __main__\n"
    assert (tmp_path / "errors").read_text() == ""
    assert os.environ.keys() - {"A"}


def test_a_module_runs_as_with_m(server: ForkServer, tmp_path: Path) -> None:
    with (tmp_path / "output").open("wb") as output:
        process = server.start(
            ("-m", "platform", "--terse"), env={}, cwd=tmp_path, stdout=output, stderr=output
        )
    assert process.wait(60) == 0
    expected = subprocess.run([sys.executable, "-m", "platform", "--terse"], capture_output=True, check=True)
    assert (tmp_path / "output").read_bytes() == expected.stdout


def test_an_error_is_written_and_ends_with_one(server: ForkServer, tmp_path: Path) -> None:
    assert start(server, tmp_path, "raise").wait(60) == 1
    assert (tmp_path / "errors").read_text().splitlines()[-1] == "ValueError: no"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_a_signal_ends_only_the_process(server: ForkServer, tmp_path: Path, number: signal.Signals) -> None:
    second = start(server, tmp_path, "sleep")
    process = start(server, tmp_path, "sleep")  # its output is a new file
    while not (tmp_path / "output").read_text():
        time.sleep(0.01)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.01)
    process.send_signal(number)
    assert process.wait(60) == -number
    process.send_signal(number)  # to nobody: it has ended
    assert second.poll() is None
    second.kill()
    assert second.wait(60) == -signal.SIGKILL
