"""Replays on record: a row when one begins, completed when it is over; a crash leaves it without an end."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.types.json import Jsonb

from operations.database import statement
from operations.replay.counts import Counts
from operations.replay.plan import Plan
from songnodes.cli.operator import operator


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenReplay:
    """A replay that runs, or that a crash cut off."""

    number: int
    process: str
    starting_at: str
    operator: str
    requested_at: datetime


class Journal:
    """The table `replays`."""

    def __init__(self, connection: psycopg.Connection) -> None:
        self._connection = connection

    def open(self) -> list[OpenReplay]:
        """Replays without an end, oldest first."""
        rows = self._connection.execute(statement("open_replays")).fetchall()
        return [
            OpenReplay(number=number, process=process, starting_at=start, operator=who, requested_at=at)
            for number, process, start, who, at in rows
        ]

    def begin(self, process: str, starting_at: str, plan: Plan, reason: str, before: Counts) -> int:
        """Write what is going to be done; returns the replay's number."""
        values = (process, starting_at, Jsonb(plan.plain()), reason, operator(), Jsonb(before))
        row = self._connection.execute(statement("begin_replay"), values).fetchone()
        return int(row[0]) if row else 0

    def finish(self, number: int, after: Counts) -> None:
        """Write that it is over, and what came of it."""
        self._connection.execute(statement("finish_replay"), (Jsonb(after), number))
