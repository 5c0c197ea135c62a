"""State of refresh, and what was set aside so that the rest could go on."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.errors import UndefinedTable
from psycopg.rows import class_row

STEPS = """
SELECT step, succeeded_at, seconds, began_at, done, waiting, failures, error
FROM refresh_steps ORDER BY step COLLATE "C"
"""
SET_ASIDE = """
SELECT process, kind, id, attempts, is_set_aside, error, last_at
FROM set_aside ORDER BY last_at DESC, process, kind, id LIMIT %s
"""
#: Rows that are read; more than an operator looks at.
MAX_SET_ASIDE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshStep:
    """A step of refresh. `seconds` is the duration of its last success, `waiting` counts entries left.

    `began_at` is set while it runs; `failures` counts failures since the last success.
    """

    step: str
    succeeded_at: datetime | None
    seconds: float | None
    began_at: datetime | None
    done: int | None
    waiting: int | None
    failures: int
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A record (TOPIC[PARTITION]@OFFSET) or an entity whose handling failed.

    `is_set_aside` is False while it will be tried again.
    """

    process: str
    kind: str
    id: str
    attempts: int
    is_set_aside: bool
    error: str
    last_at: datetime


def steps(database_url: str) -> list[RefreshStep]:
    """Return the steps of refresh, by name. Raises psycopg.Error."""
    with (
        suppress(UndefinedTable),  # before the first migration
        psycopg.connect(database_url, connect_timeout=3, row_factory=class_row(RefreshStep)) as connection,
    ):
        return connection.execute(STEPS).fetchall()
    return []


def set_aside(database_url: str) -> list[SetAside]:
    """Return what was set aside, the latest first, at most MAX_SET_ASIDE. Raises psycopg.Error."""
    with (
        suppress(UndefinedTable),
        psycopg.connect(database_url, connect_timeout=3, row_factory=class_row(SetAside)) as connection,
    ):
        return connection.execute(SET_ASIDE, (MAX_SET_ASIDE,)).fetchall()
    return []
