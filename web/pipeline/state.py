"""Collection of the pipeline's state, with the functions of `status`, `dlq`, `drift` and `replay`."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg
import psycopg
from confluent_kafka import KafkaException

from infra.embedded.stack import Stack
from infra.embedded.status import Status, status
from operations import database
from operations.dead_letters import actions, view
from operations.dead_letters.topic import stages
from operations.drift import view as drift_view
from operations.rebuild.plan import Workspace
from operations.rebuild.scopes import SCOPES
from operations.replay.journal import Journal, ReplayEntry
from producers.drift.alarm import Alarm, summary
from producers.drift.store import Store
from queries.database import Row, rows
from songnodes.cli.failures import sentence
from songnodes.errors import SongNodesError, StatementTooSlow
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings
from web.database import Database
from web.pipeline.rates import Rate, Rates

Part = TypeVar("Part")

#: Seconds between two reads of what changes slowly: dead letters, alarms, replays, rows of tables.
SLOW_INTERVAL_S = 30.0
#: Seconds between two reads of whole tables.
REPORT_INTERVAL_S = 600.0
MAX_REPLAYS = 10
FAILURES = (SongNodesError, KafkaException, psycopg.Error, asyncpg.PostgresError, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """Parts that are read seldom. Times are those of the read."""

    at: datetime
    letters: Sequence[Mapping[str, Any]] = ()
    alarms: Sequence[Mapping[str, Any]] = ()
    replays: Sequence[ReplayEntry] = ()
    #: Versions of stages that a rebuild was begun for and has not finished, by the stage it is named after.
    rebuilds: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Quality of each source, and values by field and provider, from whole tables."""

    at: datetime
    quality: Sequence[Row] = ()
    coverage: Sequence[Row] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineState:
    """Everything that the page shows. Parts that could not be read are empty, `unknown` has the reasons."""

    at: datetime
    status: Status
    groups: Mapping[str, Rate]
    topics: Mapping[str, Rate]
    slow: Slow
    reports: Reports

    @property
    def unknown(self) -> dict[str, str]:
        """Return the reason of each part that could not be read."""
        return {**self.status.unknown, **self.slow.unknown, **self.reports.unknown}

    @property
    def open_letters(self) -> int:
        """Return the number of records in open dead letters."""
        return sum(row["open"] for row in self.slow.letters)


class PipelineReader:
    """Reads the state; keeps what is needed to know rates, and what is read seldom."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._group_rates, self._topic_rates = Rates(), Rates()
        self._slow: tuple[float, Slow] | None = None
        self._reports: tuple[float, Reports] | None = None

    async def read(self) -> PipelineState:
        """Return the state now. One call at a time."""
        current, topic_totals, slow = await asyncio.to_thread(self._read_blocking)
        now = datetime.now(UTC)
        return PipelineState(
            at=now,
            status=current,
            groups=self._group_rates.look({group.group: group.committed for group in current.groups}, now),
            topics=self._topic_rates.look(topic_totals, now),
            slow=slow,
            reports=await self._read_reports(),
        )

    def _read_blocking(self) -> tuple[Status, dict[str, int], Slow]:
        # The servers are those that this process uses, and nothing is created in the data directory.
        stack = Stack(self._settings.home, outside=self._settings.plain())
        current = status(stack, self._settings.namespace, count_rows=False)
        unknown: dict[str, str] = {}
        nothing: dict[str, int] = {}
        totals = _part(unknown, "throughput", lambda: topic_totals(self._settings), nothing, current, "kafka")
        if self._slow is None or time.monotonic() - self._slow[0] > SLOW_INTERVAL_S:
            self._slow = time.monotonic(), read_slow(self._settings, current)
        current.unknown.update(unknown)
        return current, totals, self._slow[1]

    async def _read_reports(self) -> Reports:
        if self._reports is not None and time.monotonic() - self._reports[0] < REPORT_INTERVAL_S:
            return self._reports[1]
        now, unknown = datetime.now(UTC), dict[str, str]()
        reports = Reports(
            at=now,
            quality=await self._report("api", "quality", "songnodes coverage --by-source", unknown),
            coverage=await self._report("api", "coverage", "songnodes coverage", unknown),
            unknown=unknown,
        )
        if not unknown:  # otherwise at the next read again
            self._reports = time.monotonic(), reports
        return reports

    async def _report(self, file: str, name: str, command: str, unknown: dict[str, str]) -> list[Row]:
        """Return a report; nothing, with the reason in `unknown`, if it cannot be read in time."""
        try:
            async with self._database.connection() as connection:
                return await rows(connection, file, name)
        except StatementTooSlow:
            unknown[name] = f"it takes too long here; `{command}` shows it"
        except FAILURES as error:
            unknown[name] = sentence(error)
        return []


def topic_totals(settings: Settings) -> dict[str, int]:
    """Return the records ever written to each topic of the pipeline that exists. Raises KafkaUnreachable."""
    admin = clients.admin(settings)
    existing = log_offsets.all_partitions(admin)
    names = {topics.physical(name, settings): name for name in topics.declared()}
    wanted = [at for name in names if name in existing for at in existing[name]]
    totals = {name: 0 for physical, name in names.items() if physical in existing}
    for at, end in log_offsets.end_offsets(admin, wanted).items():
        totals[names[at.topic]] += end
    return totals


def read_slow(settings: Settings, current: Status) -> Slow:
    """Return dead letters by stage and reason, open alarms of drift, and the latest replays."""
    unknown: dict[str, str] = {}
    both = ("kafka", "postgres")
    return Slow(
        at=datetime.now(UTC),
        letters=_part(unknown, "dead letters", lambda: count_letters(settings), [], current, *both),
        alarms=_part(unknown, "drift", lambda: open_alarms(settings), [], current, "postgres"),
        replays=_part(unknown, "replays", lambda: latest_replays(settings), [], current, "postgres"),
        rebuilds=unfinished_rebuilds(settings),
        unknown=unknown,
    )


def unfinished_rebuilds(settings: Settings) -> dict[str, Mapping[str, int]]:
    """Return the versions that each unfinished rebuild builds, by the stage that it is named after."""
    by_stage = {stage: Workspace.of(settings, stage) for stage in SCOPES}
    return {stage: begun.planned_versions() for stage, begun in by_stage.items() if begun.directory.exists()}


def count_letters(settings: Settings) -> list[dict[str, Any]]:
    """Return the counts of dead letters by stage and reason."""
    by_stage = {}
    for stage in stages():
        with actions.opened(settings, stage) as (_, _, groups):
            by_stage[stage] = groups
    return view.count_by_reason(by_stage)


def open_alarms(settings: Settings) -> list[dict[str, Any]]:
    """Return the open alarms of drift, the latest first."""
    with database.connected(settings) as connection:
        alarms: list[Alarm] = [alarm for alarm in Store(connection).alarms() if alarm.open]
    return [drift_view.as_dict(alarm, 0) | {"summary": summary(alarm)} for alarm in reversed(alarms)]


def latest_replays(settings: Settings) -> list[ReplayEntry]:
    """Return the latest replays."""
    with database.connected(settings) as connection:
        return Journal(connection).latest(MAX_REPLAYS)


def _part(
    unknown: dict[str, str], name: str, read: Callable[[], Part], empty: Part, current: Status, *servers: str
) -> Part:
    """Return a part; `empty`, with the reason in `unknown`, if a server that it needs does not answer."""
    answers = {server.name: server.answers for server in current.servers}
    away = [server for server in servers if not answers.get(server, False)]
    if away:
        unknown[name] = f"{' and '.join(away)} does not answer"
        return empty
    try:
        return read()
    except FAILURES as error:
        unknown[name] = sentence(error)
        return empty
