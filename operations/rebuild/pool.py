"""Processes that run the tasks of a rebuild side by side. They end with the command, however it ends."""

import gc
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from types import TracebackType
from typing import Self

from operations.rebuild.job import Counts, Job, Task
from songnodes import logs

log = logs.get(__name__)

#: Imported once, in the process that the others are forked from: 0.9 s of CPU time each otherwise.
PRELOADED = ["operations.rebuild.passes"]

#: Ends of processes in a row. A record that ends each of them is a dead letter after two (`folding.py`).
MAX_ENDS = 10
CPU_MS = "cpu_ms"  # of a task, in its counts
#: Receives a finished task, its counts, and False if an earlier run finished it.
OnDone = Callable[[Task, Counts, bool], None]


class TaskPool:
    """Processes of one pass of a rebuild; they start when there is a task to run."""

    def __init__(self, job: Job, processes: int) -> None:
        self._job = job
        self._processes = processes
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._executor = self._new_executor()

    def _new_executor(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(self._processes, mp_context=self._context, initializer=_start)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._executor.shutdown(cancel_futures=True)

    def run(self, tasks: Sequence[Task], on_done: OnDone) -> None:
        """Run the tasks that are not finished, in any order. Raises the error of the first that fails.

        Tasks of a process that was killed are run again, in new processes. Raises BrokenProcessPool after
        MAX_ENDS of them without a finished task between.
        """
        open_tasks = []
        for task in tasks:
            counts = self._job.workspace.result(task.name)
            if counts is None:
                open_tasks.append(task)
            else:
                on_done(task, counts, False)
        ends = 0
        while open_tasks:
            left = len(open_tasks)
            try:
                self._run_open(open_tasks, on_done)
            except BrokenProcessPool:
                ends = ends + 1 if len(open_tasks) == left else 1
                if ends == MAX_ENDS:
                    raise
                log.warning("rebuild_process_ended", tasks=len(open_tasks))
                self._executor.shutdown()
                self._executor = self._new_executor()

    def _run_open(self, open_tasks: list[Task], on_done: OnDone) -> None:
        """Run tasks, and remove those from the list that are finished."""
        futures = {self._executor.submit(_run, self._job, task): task for task in open_tasks}
        for future in as_completed(futures):
            counts = future.result()
            open_tasks.remove(futures[future])
            on_done(futures[future], counts, True)


def _run(job: Job, task: Task) -> Counts:
    finished = job.workspace.result(task.name)
    if finished is not None:  # in a pool whose other process ended
        return finished
    began = time.process_time()
    counts = dict(task.run(job))
    counts[CPU_MS] = round((time.process_time() - began) * 1000)
    job.workspace.finish(task.name, counts)
    gc.collect(0)  # what this task made: with the collector off nothing else is that young
    return counts


def _start() -> None:
    """Prepare a process: the state of a part has no cycles, and a process without its command has to end."""
    gc.disable()
    if (command := parent_process()) is not None:
        threading.Thread(target=_end_with, args=(command.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
