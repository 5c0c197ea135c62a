"""Processes that run the tasks of a rebuild side by side. They end with the command, however it ends."""

import gc
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from operations.rebuild.job import Counts, Job, Task

#: Imported once, in the process that the others are forked from: 0.9 s of CPU time each otherwise.
PRELOADED = ["operations.rebuild.passes"]

CPU_MS = "cpu_ms"  # of a task, in its counts
#: Receives a finished task, its counts, and False if an earlier run finished it.
OnDone = Callable[[Task, Counts, bool], None]


class TaskPool:
    """Processes of one rebuild; they start when there is a task to run."""

    def __init__(self, job: Job, processes: int) -> None:
        self._job = job
        context = get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self._executor = ProcessPoolExecutor(processes, mp_context=context, initializer=_start)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(cancel_futures=True)

    def run(self, tasks: Sequence[Task], on_done: OnDone) -> None:
        """Run the tasks that are not finished, in any order. Raises the error of the first that fails."""
        futures = {}
        for task in tasks:
            counts = self._job.workspace.result(task.name)
            if counts is None:
                futures[self._executor.submit(_run, self._job, task)] = task
            else:
                on_done(task, counts, False)
        for future in as_completed(futures):
            on_done(futures[future], future.result(), True)


def _run(job: Job, task: Task) -> Counts:
    began = time.process_time()
    counts = dict(task.run(job))
    counts[CPU_MS] = round((time.process_time() - began) * 1000)
    job.workspace.finish(task.name, counts)
    gc.collect()
    return counts


def _start() -> None:
    """Prepare a process: the state of a part has no cycles, and a process without its command has to end."""
    gc.disable()
    if (command := parent_process()) is not None:
        threading.Thread(target=_end_with, args=(command.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
