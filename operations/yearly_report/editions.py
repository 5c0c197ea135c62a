"""Compute and store editions of the yearly report; read stored ones. The rules are in docs/gold.md."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import asyncpg

from queries.output import plain
from songnodes import __version__, sql
from songnodes.postgres_errors import as_own_errors
from songnodes.settings import Settings

#: Version of the rules: increase it when a section counts or orders something otherwise.
DEFINITION = 1
#: Rows per section.
ROWS = 50
#: Sections in their order.
SECTIONS = ("totals", "tracks", "artists", "labels", "djs", "genres", "countries", "newcomers", "reveals")
#: Number of days of the year (first, last) that statements take after the limit.
DAYS_TAKEN = {"newcomers": 1, "reveals": 2}
CONNECT_TIMEOUT_S = 5.0
#: A report reads all rows of bronze for the reveals.
STATEMENT_TIMEOUT_MS = 600_000

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """An edition as it is stored. Values of `sections` are those of JSON."""

    year: int
    edition: int
    as_of: date
    definition: int
    pipeline_version: str
    sections: Mapping[str, Rows]


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection that may write. Raises PostgresUnreachable, StatementTooSlow and TablesMissing."""
    session = {
        "application_name": "songnodes-report",
        "statement_timeout": str(STATEMENT_TIMEOUT_MS),
        "jit": "off",
    }
    with as_own_errors():
        connection = await asyncpg.connect(
            settings.require("database_url").database_url, timeout=CONNECT_TIMEOUT_S, server_settings=session
        )
        try:
            yield connection
        finally:
            connection.terminate()


async def make(connection: asyncpg.Connection, year: int, as_of: date) -> Report:
    """Compute a new edition from what is stored now, and store it."""
    days = (date(year, 1, 1), date(year, 12, 31))
    async with connection.transaction(isolation="repeatable_read"):
        await connection.execute(_query("lock"))
        await connection.execute(_query("create_plays"))
        await connection.execute(_query("load_plays"), *days)
        await connection.execute(_query("analyze_plays"))
        sections = {}
        for name in SECTIONS:
            limits = () if name == "totals" else (ROWS, *days[: DAYS_TAKEN.get(name, 0)])
            rows = await connection.fetch(_query(name), *limits)
            sections[name] = [dict(row) for row in rows]
        text = json.dumps(sections, default=plain, ensure_ascii=False)
        edition = await connection.fetchval(_query("store"), year, as_of, DEFINITION, text, __version__)
    return Report(
        year=year,
        edition=edition,
        as_of=as_of,
        definition=DEFINITION,
        pipeline_version=__version__,
        sections=json.loads(text),
    )


async def stored(connection: asyncpg.Connection, year: int, edition: int | None = None) -> Report | None:
    """Return an edition, by default the newest; None if there is none."""
    row = await connection.fetchrow(_query("stored"), year, edition)
    return None if row is None else Report(**{**dict(row), "sections": json.loads(row["sections"])})


def _query(name: str) -> str:
    return sql.query("operations", "yearly_report", name)
