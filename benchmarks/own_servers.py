"""Servers of one benchmark, with topics, schemas and tables, and the processor time that they use."""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil

from benchmarks.waiting import GIVE_UP_S
from infra.embedded.deploy import STEPS, deploy
from infra.embedded.stack import Stack
from operations.rebuild.part_files import PartRecord
from songnodes.messaging import clients
from songnodes.settings import Settings

worker_processes: Any = import_module("tests.support.worker_processes")

PRODUCER_OPTIONS = {"queue.buffering.max.messages": 1_000_000, "linger.ms": 100}


def kept_servers(home: Path) -> tuple[Stack, Settings]:
    """Start servers in a data directory, or find those that run there; they run on after this process."""
    stack = Stack(home, outside={}, record=False)
    is_new = not home.exists()
    settings = Settings().with_access(stack.start()).model_copy(update={"home": home.absolute()})
    if is_new:
        deploy(STEPS, worker_processes.environment(settings), print)
    return stack, settings


@contextmanager
def own_servers() -> Iterator[tuple[Stack, Settings]]:
    """Yield servers in a temporary directory; all of their data are deleted afterwards."""
    with tempfile.TemporaryDirectory(prefix="songnodes-bench-") as directory:
        home = Path(directory) / "home"
        stack = Stack(home, outside={})
        try:
            addresses = stack.start(parent=os.getpid())
            settings = Settings().with_access(addresses).model_copy(update={"home": home})
            deploy(STEPS, worker_processes.environment(settings), print)
            yield stack, settings
        finally:
            stack.discard()


def publish(settings: Settings, records: Iterable[PartRecord]) -> None:
    """Write records to their topics, acknowledged."""
    producer = clients.producer(settings, **PRODUCER_OPTIONS)
    for record in records:
        while True:
            try:
                producer.produce(record.topic, record.value, record.key)
                break
            except BufferError:
                producer.poll(1)
        producer.poll(0)
    if producer.flush(GIVE_UP_S):
        raise TimeoutError("the broker did not acknowledge all records")


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def cpu_seconds(processes: list[psutil.Process], *, with_ended: bool = False) -> float:
    """Return the processor seconds of processes; `with_ended` also those of children that have ended."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
        if with_ended:
            total += times.children_user + times.children_system
    return total
