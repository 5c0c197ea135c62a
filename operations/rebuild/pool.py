"""Processes that run the tasks of a rebuild side by side. They end with the command, however it ends."""

import gc
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context

from operations.rebuild.tasks import Counts, Job, Task

PARENT_POLL_INTERVAL_S = 0.1

#: Receives a finished task, its counts, and False if an earlier run finished it.
OnDone = Callable[[Task, Counts, bool], None]


def run_tasks(job: Job, tasks: Sequence[Task], processes: int, on_done: OnDone) -> None:
    """Run the tasks that are not finished; the order is free. Raises the error of the first that fails."""
    workspace = job.workspace
    waiting = []
    for task in tasks:
        counts = workspace.result(task.name)
        if counts is None:
            waiting.append(task)
        else:
            on_done(task, counts, False)
    if not waiting:
        return
    with ProcessPoolExecutor(
        min(processes, len(waiting)),
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(os.getpid(),),
    ) as executor:
        futures = {executor.submit(_run, job, task): task for task in waiting}
        try:
            for future in as_completed(futures):
                on_done(futures[future], future.result(), True)
        except BaseException:
            executor.shutdown(wait=True, cancel_futures=True)
            raise


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
