"""The shell of a process: retries by a hand-moved clock, and real signals in a child process."""

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from songnodes.errors import Fatal, Transient
from songnodes.process import shell
from songnodes.process.retries import FIRST_PAUSE_S, MAX_PAUSE_S
from songnodes.process.shell import Retries
from songnodes.settings import Settings
from tests.support.manual_timer import ManualTimer

ROOT = Path(__file__).parents[4]
#: Both forms of a process: it works, and ends after a signal.
THREADED = """
def work(stop):
    print("working", flush=True)
    stop.wait()
    print("released", flush=True)

shell.run(settings, work, Retries(event="retrying"))
"""
ASYNC = """
import asyncio

async def work():
    print("working", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        print("released", flush=True)

shell.run_async(settings, work, Retries(event="retrying"))
"""
#: Its connection breaks while the work is stopped.
THREADED_FAILING_AT_THE_END = THREADED.replace('print("released", flush=True)', 'raise Transient("away")')
ASYNC_FAILING_AT_THE_END = ASYNC.replace('print("released", flush=True)', 'raise Transient("away")')
#: It fails at first, and would wait for hours before the next attempt.
WAITING = """
def work(stop):
    print("working", flush=True)
    raise Transient("away")

shell.run(settings, work, Retries(event="retrying", first_pause_s=10_000))
"""
ASYNC_WAITING = WAITING.replace("def work(stop)", "async def work()").replace("shell.run", "shell.run_async")
PRELUDE = """
from songnodes import logs
from songnodes.errors import Transient
from songnodes.process import shell
from songnodes.process.shell import Retries
from songnodes.settings import Settings

settings = Settings(log_format="json")
logs.configure(settings, "test")
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("program", [THREADED, ASYNC])
def test_a_signal_ends_the_work_and_the_process_with_0(program: str, number: signal.Signals) -> None:
    process = start(program)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert "released" in output
    assert '"event": "stopped"' in output


@pytest.mark.parametrize("program", [THREADED_FAILING_AT_THE_END, ASYNC_FAILING_AT_THE_END])
def test_an_error_of_the_work_while_it_stops_begins_no_other_attempt(program: str) -> None:
    process = start(program)
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert output.count("working") == 0, "the first line was read before"
    assert '"event": "stopped"' in output


@pytest.mark.parametrize("program", [WAITING, ASYNC_WAITING])
def test_a_signal_ends_a_pause(program: str) -> None:
    process = start(program)
    assert process.stdout is not None
    assert '"event": "retrying"' in process.stdout.readline()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert '"event": "stopped"' in output


def test_a_signal_that_arrives_while_the_event_is_locked_ends_the_process() -> None:
    program = """
import signal

stop = shell.stop_on_signals()
with stop._cond:  # as the main thread holds it for a moment in `stop.wait`
    signal.raise_signal(signal.SIGTERM)
print(stop.wait(30))
"""
    process = subprocess.run(
        [sys.executable, "-c", PRELUDE + program], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert process.stdout == "True\n", process.stderr


def start(program: str) -> subprocess.Popen[str]:
    """Start a process and wait until it works."""
    process = subprocess.Popen(
        [sys.executable, "-c", PRELUDE + program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "working\n"
    return process


class Work:
    """Work that fails with these errors, then ends; each attempt takes `duration` seconds."""

    def __init__(self, timer: ManualTimer, *errors: Exception, duration: float = 0.0) -> None:
        self._timer = timer
        self._errors = list(errors)
        self._duration = duration
        self.attempts = 0

    def __call__(self, _stop: threading.Event) -> None:
        self.attempts += 1
        self._timer.advance(self._duration)
        if self._errors:
            raise self._errors.pop(0)

    async def awaited(self) -> None:
        self(threading.Event())


@pytest.fixture
def timer() -> ManualTimer:
    return ManualTimer(skips=True)


@pytest.fixture(autouse=True)
def _keep_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the signal handlers of the test run alone."""
    monkeypatch.setattr(shell, "STOP_SIGNALS", ())


def run(form: str, work: Work, retries: Retries) -> None:
    if form == "threaded":
        shell.run(Settings(), work, retries)
    else:
        shell.run_async(Settings(), work.awaited, retries)


@pytest.mark.parametrize("form", ["threaded", "async"])
def test_work_is_repeated_after_errors_of_servers(form: str, timer: ManualTimer) -> None:
    work = Work(timer, Transient("a"), ConnectionResetError("b"), Transient("c"))
    run(form, work, Retries(event="retrying", timer=timer))
    assert work.attempts == 4
    assert len(timer.pauses) == 3
    assert timer.pauses == sorted(timer.pauses), "a pause is never shorter than the one before"


@pytest.mark.parametrize("form", ["threaded", "async"])
def test_pauses_begin_again_after_work_that_lasted(form: str, timer: ManualTimer) -> None:
    work = Work(timer, *(Transient("x") for _ in range(20)), duration=MAX_PAUSE_S + 1)
    run(form, work, Retries(event="retrying", timer=timer))
    assert max(timer.pauses) <= FIRST_PAUSE_S


@pytest.mark.parametrize("form", ["threaded", "async"])
def test_any_other_error_ends_the_process(form: str, timer: ManualTimer) -> None:
    work = Work(timer, Transient("x"), Fatal("behind"), Transient("never met"))
    with pytest.raises(Fatal, match="behind"):
        run(form, work, Retries(event="retrying", timer=timer))
    assert work.attempts == 2


def test_without_retries_a_transient_error_ends_the_process(timer: ManualTimer) -> None:
    work = Work(timer, Transient("x"))
    with pytest.raises(Transient):
        shell.run_async(Settings(), work.awaited)


@pytest.mark.parametrize("error", [Fatal("of a task"), Transient("of a task")])
def test_an_error_of_one_of_several_tasks_is_no_stop(error: Exception) -> None:
    async def wait() -> None:
        await asyncio.Event().wait()

    async def fail() -> None:
        await asyncio.sleep(0)
        raise error

    async def work() -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(wait())
                tasks.create_task(fail())
        except BaseExceptionGroup as failures:
            raise failures.exceptions[0] from None

    with pytest.raises(type(error), match="of a task"):
        shell.run_async(Settings(), work)
