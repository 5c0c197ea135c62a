"""The exit of a worker whose broker disappears during the start, and of one that does not stop."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from songnodes.errors import EXIT_TEMPORARY
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.errors import ShutdownTimeout
from stream_processors.runtime.faust import watchdog
from stream_processors.runtime.faust.watchdog import Watchdog

ROOT = Path(__file__).parents[5]
#: A stage without its queries to the broker before the start.
START = """
from songnodes.settings import Settings
from stream_processors import gold
from stream_processors.runtime.faust import preflight, worker
from tests.support import codecs

preflight.check_topics = lambda stage: None
settings = Settings(KAFKA_BOOTSTRAP="127.0.0.1:9", home={home!r})
worker.run(gold.build(settings, codecs.offline()))
"""
#: A stage whose consumer never starts, and which therefore cannot be stopped.
STUCK = """
import asyncio
from stream_processors.runtime.faust import watchdog
from stream_processors.runtime.faust.consumer import ConsumerThread

async def standing(self):
    print("standing still", flush=True)
    await asyncio.Event().wait()

ConsumerThread.on_start = standing
watchdog.SHUTDOWN_TIMEOUT_S = 1.0
"""


def test_an_unavailable_broker_is_a_temporary_exit_with_a_reason(tmp_path: Path) -> None:
    """Faust exits with 1 without a message, and a supervisor stops restarting after several such exits."""
    worker = started(START.format(home=str(tmp_path)))
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == EXIT_TEMPORARY, output
    assert "KafkaUnreachable" in output.splitlines()[-1]
    assert "Unable to bootstrap" in output.splitlines()[-1]


def test_a_worker_that_does_not_stop_is_killed_and_logs_its_stack(tmp_path: Path) -> None:
    worker = started(STUCK + START.format(home=str(tmp_path)))
    assert worker.stdout is not None
    while "standing still" not in worker.stdout.readline():
        pass
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=60)
    assert worker.returncode == EXIT_TEMPORARY, output
    assert "ShutdownTimeout" in output.splitlines()[-1]
    assert "Thread 0x" in output
    assert "Stack for <Task" in output


def test_an_orderly_stop_is_not_cut_short() -> None:
    now = 100.0
    looking = Watchdog(Lease(10, lambda: now), clock=lambda: now)
    now += watchdog.SHUTDOWN_TIMEOUT_S + 1
    looking.check()
    looking.begin_shutdown()
    now += watchdog.SHUTDOWN_TIMEOUT_S
    looking.begin_shutdown()  # a second signal is no second chance
    looking.check()
    now += 0.1
    with pytest.raises(ShutdownTimeout, match=r"seconds=15\.1"):
        looking.check()


def started(program: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
