"""Run a rebuild: the tasks of all passes in several processes, then compare, then swap.

Every step is recorded when it is finished, so a rebuild that ended anywhere is continued by the same command.
"""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import psycopg
from confluent_kafka.admin import AdminClient

from operations.rebuild.beside import ReplacedVersion, TableComparison, TablesBeside
from operations.rebuild.copying import copy_topic
from operations.rebuild.job import Counts, Job, Task
from operations.rebuild.passes import passes
from operations.rebuild.plan import (
    POSITIONS,
    OtherInputs,
    OtherRebuild,
    RebuildPlan,
    VersionNotSet,
    Workspace,
    check_unused,
    make_plan,
    next_step,
    utc_now,
)
from operations.rebuild.pool import TaskPool
from operations.rebuild.positions import positions
from operations.rebuild.scopes import SCOPES, SILVER, Scope
from operations.rebuild.side_by_side import each_table, tables_beside
from operations.replay.readers import GroupReader, Reader, SinkReader, StageReader
from operations.replay.workers import Workers
from sinks import reconciliation
from songnodes.messaging import topics
from songnodes.settings import Settings
from stream_processors.resolver import reading

#: A resolver that was killed is a member of its group until then.
RESOLVER_MEMBERSHIP_S = 10.0

#: Receives finished and all tasks, and the estimate of the seconds left (None at the start).
OnProgress = Callable[[int, int, float | None], None]
#: Receives the name of the step that begins.
OnStep = Callable[[str], None]


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


def check_no_swap_is_open(settings: Settings, connection: psycopg.Connection) -> None:
    """Raise VersionNotSet if tables were swapped and the settings have a replaced version still."""
    for scope in SCOPES.values():
        current = settings.version_of(scope.stage)
        for replaced in (current, current - 1):
            swapped = TablesBeside(connection, scope, replaced)
            entries = swapped.replaced_versions() if swapped.is_swapped else ()
            if any(settings.version_of(entry.stage) < entry.version for entry in entries):
                raise VersionNotSet(remedy=next_step({entry.stage: entry.version for entry in entries}))


class Rebuild:
    """One rebuild; `connection` is the owner's."""

    def __init__(
        self,
        settings: Settings,
        admin: AdminClient,
        connection: psycopg.Connection,
        scope: Scope,
        on_progress: OnProgress,
        on_step: OnStep,
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._connection = connection
        self._scope = scope
        self._on_progress = on_progress
        self._on_step = on_step
        self.workspace = Workspace.of(settings, scope.stage)

    def plan(self, *, from_pages: bool = False) -> RebuildPlan:
        """Return the plan of the rebuild that is to be continued, or a new one.

        Raises OtherVersion, OtherInputs, OtherRebuild, VersionInUse, VersionNotSet, TopicMissing,
        KafkaUnreachable.
        """
        check_no_swap_is_open(self._settings, self._connection)
        for stage in SCOPES:
            if stage != self._scope.stage and Workspace.of(self._settings, stage).has_plan:
                raise OtherRebuild(stage)
        plan = self.workspace.load_plan()
        if plan is None:
            plan = make_plan(self._settings, self._admin, utc_now(), self._scope, from_pages=from_pages)
            topics.apply(self._admin, plan.target(self._settings))
            check_unused(self._settings, self._admin, plan)
            self.workspace.store_plan(plan)
        if plan.from_pages != from_pages:
            raise OtherInputs
        return plan

    def build(
        self, plan: RebuildPlan, processes: int | None = None, *, accept_dead_letters: bool = False
    ) -> RebuildResult:
        """Run all steps up to the comparison. Raises the errors of the tasks.

        With `accept_dead_letters` any number of records may become dead letters.
        """
        topics.apply(self._admin, plan.target(self._settings))
        tables = tables_beside(self._connection, plan)
        tables.create()
        job = replace(self._job(plan), accepts_dead_letters=accept_dead_letters)
        processes = processes or os.cpu_count() or 1
        counts = self._run_tasks(job, processes)
        if self.workspace.result(POSITIONS) is None:
            self._move_groups(plan)
            self.workspace.finish(POSITIONS, {})
        self._on_step("index")
        each_table(self._settings, plan, tables.tables, processes, TablesBeside.complete)
        self._on_step("compare")
        comparisons = each_table(self._settings, plan, tables.tables, processes, TablesBeside.compare)
        self._on_step("reconcile")
        return RebuildResult(counts=counts, tables=comparisons, silver=tables.reconcile())

    def _job(self, plan: RebuildPlan) -> Job:
        return Job(self._settings, plan, self.workspace.directory)

    def _move_groups(self, plan: RebuildPlan) -> None:
        target = plan.target(self._settings)
        for stage in plan.versions:
            reader = StageReader(target, self._admin, stage)
            reader.move(positions(reader.topics, self._job(plan), self._admin))

    def _run_tasks(self, job: Job, processes: int) -> Counts:
        ordered = passes(job.plan)
        progress = Progress([task for step in ordered for task in step.tasks], self._on_progress)
        counts: Counter[str] = Counter()

        def on_done(task: Task, task_counts: Counts, is_new: bool) -> None:
            counts.update(task_counts)
            (progress.finish if is_new else progress.skip)(task)

        for step in ordered:
            self._on_step(step.name)
            with TaskPool(job, processes) as pool:  # whose processes end with what the pass left in memory
                pool.run(step.tasks, on_done)
        for directory in (self.workspace.inputs, self.workspace.suspects):
            shutil.rmtree(directory, ignore_errors=True)
        return counts

    def swap(self, plan: RebuildPlan) -> list[str]:
        """Stop the processes of the replaced version, and swap the tables; return the names of the processes.

        They stay stopped: they have to start with the new version. Raises GroupNotEmpty, TablesInUse,
        KafkaUnreachable, NotAcknowledged.
        """
        readers = self._readers(plan)
        workers = Workers(self._settings, self._admin)
        workers.check(readers)
        names = workers.stop(readers, *plan.scope.writers)
        for topic in plan.scope.copied:
            copy_topic(topic, self._job(plan))  # published since the last copy
        replaced_topics = [topics.physical(topic, self._settings) for topic in plan.scope.outputs]
        versions = [
            ReplacedVersion(stage, replaced, plan.versions[stage])
            for stage, replaced in plan.replaces.items()
        ]
        tables_beside(self._connection, plan).swap(replaced_topics, versions)
        shutil.rmtree(self.workspace.directory)
        return names

    def _readers(self, plan: RebuildPlan) -> list[Reader]:
        """Return the processes that must not run during the swap."""
        stages: list[Reader] = [StageReader(self._settings, self._admin, stage) for stage in plan.versions]
        sinks = [SinkReader(self._settings, self._connection, topic) for topic in plan.scope.outputs]
        return [*stages, *sinks, *([self._resolver()] if plan.scope is SILVER else [])]

    def _resolver(self) -> Reader:
        return GroupReader(
            self._settings,
            self._admin,
            reading.APP,
            topics.group(reading.APP, self._settings),
            tuple(reading.input_names(self._settings)),
            RESOLVER_MEMBERSHIP_S,
        )
