"""Connections that cannot write, with a time limit per statement."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from queries import documents
from songnodes import sql
from songnodes.postgres_errors import as_own_errors
from songnodes.settings import Settings

CONNECT_TIMEOUT_S = 5.0
STATEMENT_TIMEOUT_MS = 10_000

SESSION = {
    "application_name": "songnodes-query",
    "default_transaction_read_only": "on",
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
    "jit": "off",
    # A plan for any argument would look at all rows, even for few.
    "plan_cache_mode": "force_custom_plan",
}

Row = dict[str, Any]


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection; `jsonb` values become Python's.

    Raises PostgresUnreachable, StatementTooSlow and TablesMissing.
    """
    url = settings.require("database_url").database_url
    with as_own_errors():
        connection = await asyncpg.connect(url, timeout=CONNECT_TIMEOUT_S, server_settings=SESSION)
        try:
            await prepare(connection)
            yield connection
        finally:
            connection.terminate()


async def prepare(connection: asyncpg.Connection) -> None:
    """Let `jsonb` values of a new connection become Python's."""
    await connection.set_type_codec("jsonb", encoder=json.dumps, decoder=json.loads, schema="pg_catalog")


async def rows(
    connection: asyncpg.Connection, file: str, name: str, *arguments: Any, package: str = "queries"
) -> list[Row]:
    """Return the rows of a statement in the folder `sql` of a package; their documents have all members."""
    result = [dict(row) for row in await connection.fetch(sql.query(package, file, name), *arguments)]
    documents.complete(result)
    return result


async def row(
    connection: asyncpg.Connection, file: str, name: str, *arguments: Any, package: str = "queries"
) -> Row | None:
    """Return the first row of a statement in the folder `sql` of a package, None if there is none."""
    record = await connection.fetchrow(sql.query(package, file, name), *arguments)
    if record is None:
        return None
    result = dict(record)
    documents.complete([result])
    return result
