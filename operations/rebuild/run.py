"""Run a rebuild: read, fold and load in several processes, then compare, then swap.

Every step is recorded when it is finished, so a rebuild that ended anywhere is continued by the same command.
"""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from confluent_kafka.admin import AdminClient

from operations.rebuild import gold
from operations.rebuild.beside import TableComparison, TablesBeside
from operations.rebuild.plan import RebuildPlan, VersionNotSet, Workspace, make_plan, next_step, utc_now
from operations.rebuild.pool import TaskPool
from operations.rebuild.tasks import Counts, Job, Task, copy_topic, fold_tasks, load_tasks, read_tasks
from operations.replay.readers import Reader, SinkReader, StageReader
from operations.replay.workers import Workers
from sinks import reconciliation
from songnodes.messaging import topics
from songnodes.settings import Settings

POSITIONS = "positions"
TABLES = "tables"

#: Receives finished and all tasks, and the estimate of the seconds left (None at the start).
OnProgress = Callable[[int, int, float | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildResult:
    """Sums of the counts of all tasks, the differences between the tables, and those to silver."""

    counts: Counts
    tables: Sequence[TableComparison]
    silver: reconciliation.Result


class Progress:
    """Estimates the time left from the tasks that finished in this run."""

    def __init__(self, tasks: Sequence[Task], on_progress: OnProgress) -> None:
        self._total = len(tasks)
        self._cost_left = sum(task.cost for task in tasks)
        self._finished = 0
        self._cost_done = 0.0
        self._started_at = time.monotonic()
        self._on_progress = on_progress

    def skip(self, task: Task) -> None:
        """Count a task that an earlier run finished."""
        self._finished += 1
        self._cost_left -= task.cost

    def finish(self, task: Task) -> None:
        """Count a task that this run finished, and report."""
        self.skip(task)
        self._cost_done += task.cost
        elapsed = time.monotonic() - self._started_at
        left = elapsed / self._cost_done * self._cost_left if self._cost_done else None
        self._on_progress(self._finished, self._total, left)


class Rebuild:
    """One rebuild of gold; `connection` is the owner's."""

    def __init__(
        self, settings: Settings, admin: AdminClient, connection: psycopg.Connection, on_progress: OnProgress
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._connection = connection
        self._on_progress = on_progress
        self._version = settings.version_of(gold.STAGE) + 1
        self.workspace = Workspace.of(settings, self._version)

    def plan(self) -> RebuildPlan:
        """Return the plan of the rebuild that is to be continued, or a new one.

        Raises OtherVersion, VersionNotSet, TopicMissing, KafkaUnreachable.
        """
        plan = self.workspace.load_plan()
        if plan is None:
            plan = make_plan(self._settings, self._admin, utc_now())
            self._check(plan)
            self.workspace.store_plan(plan)
        self._check(plan)
        return plan

    def _check(self, plan: RebuildPlan) -> None:
        if TablesBeside(self._connection, plan.version, plan.replaces).is_swapped:
            raise VersionNotSet(remedy=next_step(plan.version))

    def build(self, plan: RebuildPlan, processes: int | None = None) -> RebuildResult:
        """Run all steps up to the comparison. Raises the errors of the tasks."""
        target = plan.target(self._settings)
        topics.apply(self._admin, target)
        tables = TablesBeside(self._connection, plan.version, plan.replaces)
        tables.create()
        counts = self._run_tasks(plan, processes or os.cpu_count() or 1)
        if self.workspace.result(POSITIONS) is None:
            StageReader(target, self._admin, gold.STAGE).move(plan.positions_by_partition())
            self.workspace.finish(POSITIONS, {})
        tables.complete()
        return RebuildResult(counts=counts, tables=tables.compare(), silver=tables.reconcile())

    def _run_tasks(self, plan: RebuildPlan, processes: int) -> Counts:
        job = Job(self._settings, plan, self.workspace.directory)
        passes = (read_tasks(plan), fold_tasks(plan), load_tasks(plan))
        progress = Progress([task for tasks in passes for task in tasks], self._on_progress)
        counts: Counter[str] = Counter()

        def on_done(task: Task, task_counts: Counts, is_new: bool) -> None:
            counts.update(task_counts)
            (progress.finish if is_new else progress.skip)(task)

        with TaskPool(job, processes) as pool:
            for tasks in passes:
                pool.run(tasks, on_done)
        shutil.rmtree(self.workspace.inputs, ignore_errors=True)
        return counts

    def swap(self, plan: RebuildPlan) -> list[str]:
        """Stop the processes of the replaced version, and swap the tables; return the names of the processes.

        They stay stopped: they have to start with the new version. Raises GroupNotEmpty, TablesInUse,
        KafkaUnreachable, NotAcknowledged.
        """
        readers: list[Reader] = [
            StageReader(self._settings, self._admin, gold.STAGE),
            *(SinkReader(self._settings, self._connection, topic) for topic in gold.OUTPUTS),
        ]
        workers = Workers(self._settings, self._admin)
        workers.check(readers)
        names = workers.stop(readers, "refresh")
        copy_topic(Job(self._settings, plan, self.workspace.directory))  # published since the load
        replaced = [topics.physical(topic, self._settings) for topic in gold.OUTPUTS]
        TablesBeside(self._connection, plan.version, plan.replaces).swap(replaced)
        shutil.rmtree(self.workspace.directory)
        return names
