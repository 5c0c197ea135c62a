"""Processes that run the tasks of a rebuild side by side. They end with the command, however it ends."""

import gc
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from types import TracebackType
from typing import Self

from operations.rebuild.tasks import Counts, Job, Task

PARENT_POLL_INTERVAL_S = 0.1

#: Receives a finished task, its counts, and False if an earlier run finished it.
OnDone = Callable[[Task, Counts, bool], None]


class TaskPool:
    """Processes of one rebuild; they start when there is a task to run."""

    def __init__(self, job: Job, processes: int) -> None:
        self._job = job
        self._executor = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_start, initargs=(os.getpid(),)
        )

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
    counts = task.run(job)
    job.workspace.finish(task.name, counts)
    gc.collect()
    return dict(counts)


def _start(parent: int) -> None:
    """Prepare a process: the state of a part has no cycles, and a process without its parent has to end."""
    gc.disable()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_INTERVAL_S)
    os._exit(1)
