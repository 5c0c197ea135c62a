"""Run a replay: count, stop the process, move its positions, start it, wait, count again.

The stage reads old records again. Its entries and totals recognise them by offset and do not change; its
outputs are repeated. So later stages see nothing new either, and no count may change.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from confluent_kafka.admin import AdminClient

from operations.database import acquire_lock
from operations.replay.backlog import OnProgress, drain
from operations.replay.journal import Journal
from operations.replay.plan import Plan
from operations.replay.readers import Reader
from operations.replay.table_counts import Counts, Difference, count_tables, differences
from operations.replay.workers import Workers
from songnodes.messaging import log_offsets, topics
from songnodes.settings import Settings

#: Wait for the pipeline to settle before counting. With a constant flow of new pages it never does.
SETTLE_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayRequest:
    """A requested replay: process, start and reason as given, and the plan that follows."""

    process: str
    starting_at: str
    reason: str
    readers: Sequence[Reader]
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayResult:
    """Result of a replay.

    `settled` is True if no record was unread at the first counts; `arrived` counts the records that producers
    wrote during the replay. When it had not settled, or records arrived, counts may change for that reason.
    """

    number: int
    before: Counts
    after: Counts
    settled: bool
    arrived: int

    @property
    def differences(self) -> list[Difference]:
        return differences(self.before, self.after)


class ReplayRun:
    """Runs replays. `on_progress` receives the backlog, `log_step` a line per step."""

    def __init__(
        self,
        *,
        settings: Settings,
        admin: AdminClient,
        connection: psycopg.Connection,
        all_readers: Sequence[Reader],
        on_progress: OnProgress,
        log_step: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._connection = connection
        self._everyone = all_readers
        self._journal = Journal(connection)
        self._workers = Workers(settings, admin)
        self._on_progress = on_progress
        self._log_step = log_step

    def run(self, request: ReplayRequest) -> ReplayResult:
        """Run the replay.

        Raises LockHeld and GroupNotEmpty before it starts, PipelineStalled when no process reads the records.
        """
        acquire_lock(self._connection, "replay")
        self._workers.check(request.readers)
        settled = self._wait_until_settled(request)
        before, written_before = count_tables(self._connection), self._count_written()
        number = self._journal.begin(
            request.process, request.starting_at, request.plan, request.reason, before
        )
        with self._workers.stopped(request.readers) as names:
            for reader in request.readers:
                reader.move(request.plan.targets(reader))
        if not names:
            self._log_step(f"positions moved; now start `songnodes run {request.readers[0].process}` again")
        drain(self._admin, self._everyone, self._on_progress)
        after, arrived = count_tables(self._connection), self._count_written() - written_before
        self._journal.finish(number, after)
        return ReplayResult(number=number, before=before, after=after, settled=settled, arrived=arrived)

    def _wait_until_settled(self, request: ReplayRequest) -> bool:
        """Return True if the pipeline settled.

        A process that cannot continue never settles, so do not wait for it.
        """
        if request.plan.lost or not self._workers.supervised(request.readers[0].process):
            return drain(self._admin, self._everyone, self._on_progress, time_limit=0)
        return drain(self._admin, self._everyone, self._on_progress, time_limit=SETTLE_TIMEOUT_S)

    def _count_written(self) -> int:
        """Return the number of records ever written to the topics of producers."""
        names = [
            topics.physical(entry.name, self._settings)
            for entry in topics.declared().values()
            if entry.owner is None and entry.name.startswith("bronze.")
        ]
        return sum(log_offsets.end_offsets(self._admin, log_offsets.partitions(self._admin, names)).values())
