"""A trial fails only if its work ends a process that does nothing else."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from songnodes import trial
from stream_processors.runtime.quarantine import suspects


def kill_self() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Stopped(BaseException):
    """No exception that the parent's rules cover"""


def stop() -> None:
    raise Stopped


@pytest.mark.parametrize(
    ("work", "outcome"),
    [
        (kill_self, "SIGKILL"),
        (lambda: os.abort(), "SIGABRT"),
        (lambda: os._exit(7), "exit code 7"),
        (lambda: sys.exit(1), "exit code 1"),
        (stop, "exit code 1"),
    ],
)
def test_work_that_ends_a_process_fails(work: Callable[[], object], outcome: str) -> None:
    assert outcome in (trial.failure(work) or "")


@pytest.mark.parametrize("work", [lambda: None, lambda: 1 / 0])
def test_work_that_returns_or_raises_passes(work: Callable[[], object]) -> None:
    assert trial.failure(work) is None


def test_an_exception_fails_where_it_counts() -> None:
    assert trial.failure(lambda: 1 / 0, errors=True) is not None
    assert trial.failure(lambda: None, errors=True) is None


def test_a_single_exit_of_a_child_is_no_failure(tmp_path: Path) -> None:
    """It may have been killed from outside."""

    def first_only() -> None:
        if not (tmp_path / "ran").exists():
            (tmp_path / "ran").touch()
            kill_self()

    assert trial.failure(first_only) is None
    assert (tmp_path / "ran").exists()


def test_waiting_work_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TRIAL_S", 0.3)
    assert trial.failure(lambda: time.sleep(60)) is None


def test_work_that_holds_the_processor_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trial, "TRIAL_CPU_S", 1)
    pattern = re.compile("(a+)+$")
    assert "processor" in (trial.failure(lambda: pattern.match("a" * 60 + "b")) or "")


def test_a_trial_does_not_affect_this_process() -> None:
    changed: list[int] = []
    trial.failure(lambda: changed.append(1))
    assert changed == []


def test_a_child_ends_with_its_parent(tmp_path: Path) -> None:
    code = f"""
import os, time
from pathlib import Path
from songnodes import trial
def work():
    Path({str(tmp_path / "pid")!r}).write_text(str(os.getpid()))
    time.sleep(600)
trial.failure(work)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parents[3])
    try:
        pid = wait_until(lambda: (tmp_path / "pid").read_text() if (tmp_path / "pid").exists() else "")
    finally:
        parent.kill()
        parent.wait()
    assert wait_until(lambda: not is_alive(int(pid)))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(condition: Callable[[], Any]) -> Any:
    for _ in range(6_000):
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError("never")


def test_all_children_end_before_a_stage_ends_a_slow_record() -> None:
    assert trial.CHILDREN * trial.TRIAL_S <= 0.75 * suspects.LONGEST_S
    assert trial.TRIAL_CPU_S < trial.TRIAL_S


def test_a_child_that_crashes_prints_no_stack() -> None:
    program = "import os; from songnodes import trial; print(trial.failure(os.abort))"
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", program], capture_output=True, text=True, check=True
    )
    assert "SIGABRT" in done.stdout
    assert "Fatal Python error" not in done.stderr
