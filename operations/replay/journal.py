"""Journal of replays: a row at the start, completed at the end; a crash leaves it without an end."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from operations.database import statement
from operations.replay.plan import Plan
from operations.replay.table_counts import Counts
from songnodes.cli.current_user import current_user


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReplay:
    """A replay that is running, or was interrupted by a crash."""

    number: int
    process: str
    starting_at: str
    operator: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayEntry(OpenReplay):
    """A replay, with its end if it has one."""

    finished_at: datetime | None


class Journal:
    """Access to the table `replays`."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def open(self) -> list[OpenReplay]:
        """Return the replays without an end, oldest first."""
        rows = self._connection.execute(statement("open_replays")).fetchall()
        return [
            OpenReplay(number=number, process=process, starting_at=start, operator=who, requested_at=at)
            for number, process, start, who, at in rows
        ]

    def latest(self, most: int) -> list[ReplayEntry]:
        """Return the latest replays, the newest first."""
        rows = self._connection.execute(statement("latest_replays"), [most]).fetchall()
        return [
            ReplayEntry(
                number=number,
                process=process,
                starting_at=start,
                operator=who,
                requested_at=at,
                finished_at=finished_at,
            )
            for number, process, start, who, at, finished_at in rows
        ]

    def begin(self, process: str, starting_at: str, plan: Plan, reason: str, before: Counts) -> int:
        """Record the start of a replay and return its number."""
        values = (process, starting_at, Jsonb(plan.as_list()), reason, current_user(), Jsonb(before))
        row = self._connection.execute(statement("insert_replay"), values).fetchone()
        return int(row[0]) if row else 0

    def finish(self, number: int, after: Counts) -> None:
        """Record the end of a replay with its counts."""
        self._connection.execute(statement("finish_replay"), (Jsonb(after), number))
