"""Tasks of a rebuild whose process is killed run again, and finished ones do not."""

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from operations.rebuild import pool
from operations.rebuild.job import Counts, Job, Task
from operations.rebuild.plan import Workspace
from operations.rebuild.pool import CPU_MS, TaskPool
from songnodes.settings import Settings


def note_and_die(name: str, kills: int, job: Job) -> Counts:
    """Note the run, and end the process as the kernel does where memory is short, at the first runs."""
    notes = job.directory / f"{name}.runs"
    with notes.open("a") as file:
        file.write("x")
    if len(notes.read_text()) <= kills:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"runs": 1}


def run(directory: Path, tasks: dict[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    """Run tasks with a number of kills each; return the counts reported, and the runs of each."""
    job = Job(Settings(), cast(Any, None), directory)
    Workspace(directory)._done.mkdir(parents=True, exist_ok=True)
    counts: dict[str, int] = {}

    def on_done(task: Task, task_counts: Counts, is_new: bool) -> None:
        assert task.name not in counts
        assert task_counts[CPU_MS] >= 0
        counts[task.name] = task_counts["runs"]

    with TaskPool(job, 1) as tasks_of_pool:
        tasks_of_pool.run(
            [Task(name, partial(note_and_die, name, kills), 1.0) for name, kills in tasks.items()], on_done
        )
    return counts, {name: len((directory / f"{name}.runs").read_text()) for name in tasks}


def test_a_task_whose_process_is_killed_runs_again(tmp_path: Path) -> None:
    counts, runs = run(tmp_path, {"a": 0, "b": 2, "c": 0})
    assert counts == {"a": 1, "b": 1, "c": 1}
    assert (runs["a"], runs["b"], runs["c"]) == (1, 3, 1)


def test_a_task_that_ends_every_process_ends_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "MAX_ENDS", 2)
    with pytest.raises(BrokenProcessPool):
        run(tmp_path, {"a": 99})
    assert len((tmp_path / "a.runs").read_text()) == 2
