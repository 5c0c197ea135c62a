"""State of refresh, what was set aside so that the rest could go on, and warnings about written lists."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import psycopg
from psycopg.errors import UndefinedTable
from psycopg.rows import class_row

HERE = Path(__file__).parent
#: Rows that are read; more than an operator looks at.
MAX_SET_ASIDE = 100
Row = TypeVar("Row")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ListWarnings:
    """The number of pages of a source that have a warning about their written list."""

    source: str
    code: str
    pages: int


def steps(database_url: str) -> list[RefreshStep]:
    """Return the steps of refresh, by name. Raises psycopg.Error."""
    return _rows(database_url, "refresh_steps.sql", RefreshStep)


def set_aside(database_url: str) -> list[SetAside]:
    """Return what was set aside, the latest first, at most MAX_SET_ASIDE. Raises psycopg.Error."""
    return _rows(database_url, "set_aside.sql", SetAside, MAX_SET_ASIDE)


def list_warnings(database_url: str) -> list[ListWarnings]:
    """Return the counts of list warnings, by source. Raises psycopg.Error."""
    return _rows(database_url, "list_warnings.sql", ListWarnings)


def _rows(database_url: str, file: str, row: type[Row], *parameters: object) -> list[Row]:
    with (
        suppress(UndefinedTable),  # before the first migration
        psycopg.connect(
            database_url,
            connect_timeout=3,
            application_name="songnodes-status",
            row_factory=class_row(row),
        ) as connection,
    ):
        return connection.execute((HERE / file).read_bytes(), parameters or None).fetchall()
    return []
