"""One process doing one job: started, watched from outside until all is committed, stopped, and checked."""

import json
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import broker
from benchmarks.jobs.task import PAIR, Job, Task
from benchmarks.peers import INPUT, ROOT, Peer
from songnodes.messaging import topics
from songnodes.messaging.committed import Committed
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings

POLL_INTERVAL_S = 0.05
RUN_TIMEOUT_S = 1800.0  # stock Faust takes two minutes on an idle machine
STOP_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Times and memory of one run."""

    events: int
    handled: float  # seconds from the first event to the last
    durable: float  # seconds from the first event until all offsets were committed
    cpu: float  # seconds of all threads in that time
    peak: float  # MB of resident memory, from start to end
    restore: float  # seconds from the begin of recovery to the first event; 0 where there is none


def run(peer: Peer, job: Job, settings: Settings, *, number: int, events: int) -> Run:
    """Do one job with fresh topics and no local state. Its changelog stays, for the check."""
    task = _task(peer, job, settings, number, events)
    shutil.rmtree(task.directory, ignore_errors=True)
    task.directory.mkdir(parents=True)
    log = task.directory.with_suffix(".log")
    with log.open("w") as out:
        process = subprocess.Popen(
            [*peer.command(), *task.arguments()],
            cwd=ROOT, env=_environment(settings, number), stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        report, durable, cpu = _watch(process, task, settings)
    except BaseException:
        print(log.read_text()[-4000:])
        raise
    finally:
        peak = _stop(process)
        shutil.rmtree(task.directory, ignore_errors=True)
    return Run(
        events=events,
        handled=report["last"] - report["first"],
        durable=durable - report["first"],
        cpu=cpu - report["cpu"],
        peak=peak,
        restore=report["first"] - report.get("restoring", report["first"]),
    )


def _task(peer: Peer, job: Job, settings: Settings, number: int, events: int) -> Task:
    directory = settings.home / "jobs" / f"{job}-{number}"
    return Task(
        job=job,
        bootstrap=settings.kafka_bootstrap,
        topic=INPUT,
        group=peer.group(number),
        changelog=peer.changelog(number),
        output=peer.output(number),
        directory=directory,
        report=directory / "report.json",
        events=events,
        partitions=topics.partitions(),
    )


def _environment(settings: Settings, number: int) -> dict[str, str]:
    ours = {
        **settings.environment(),
        "SONGNODES_HOME": str(settings.home),
        "SONGNODES_NAMESPACE": settings.namespace,
        "SONGNODES_GOLD_VERSION": str(number),
    }
    return {**os.environ, **ours, "PYTHONUNBUFFERED": "1"}


def _watch(
    process: subprocess.Popen[bytes], task: Task, settings: Settings
) -> tuple[Mapping[str, float], float, float]:
    """Wait for the report, then for the commit of the last offset; returns both, and CPU seconds so far."""
    until = time.monotonic() + RUN_TIMEOUT_S
    while not task.report.exists():
        _check(process, until)
        time.sleep(POLL_INTERVAL_S)
    progress = Committed(settings.access(), task.group)
    places = [Partition(task.topic, part) for part in range(task.partitions)]
    try:
        while sum(progress.offsets(places).values()) < task.events:
            _check(process, until)
            time.sleep(POLL_INTERVAL_S)
        durable = time.monotonic()
    finally:
        progress.close()
    user, system, *_ = psutil.Process(process.pid).cpu_times()
    return json.loads(task.report.read_text()), durable, user + system


def _check(process: subprocess.Popen[bytes], until: float) -> None:
    if process.poll() is not None:
        raise RuntimeError(f"ended with {process.returncode}")
    if time.monotonic() > until:
        raise TimeoutError(f"not done after {RUN_TIMEOUT_S} s")


def _stop(process: subprocess.Popen[bytes]) -> float:
    """End the process; returns its peak of resident memory in MB."""
    if process.returncode is not None:
        return 0.0
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return int(peak.split()[1]) * 1024 / 1e6


def check_counts(peer: Peer, settings: Settings, number: int, wanted: Counter[bytes]) -> None:
    """Raise AssertionError unless the changelog has the exact count of every key."""
    counts: dict[bytes, int] = {}
    for key, value in broker.newest(settings, peer.changelog(number)).items():
        assert value is not None, key
        counts[peer.key_of(key)] = PAIR.unpack(value)[0]
    assert counts == wanted, f"{peer.name}: {len(counts)} keys, {sum(counts.values())} events"
