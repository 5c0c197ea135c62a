"""Connections of the web to PostgreSQL: few, read-only, with a time limit per statement."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from queries.database import CONNECT_TIMEOUT_S, SESSION, prepare
from songnodes.postgres_errors import as_own_errors
from songnodes.settings import Settings
from web.kept import Kept

STATEMENT_TIMEOUT_MS = 5_000
#: Seconds that a request waits for a connection while all are in use.
ACQUIRE_TIMEOUT_S = 3.0
#: Seconds after which an unused connection is closed.
IDLE_S = 60.0

WEB_SESSION = {
    **SESSION,
    "application_name": "songnodes-web",
    "statement_timeout": str(STATEMENT_TIMEOUT_MS),
}


class Database:
    """A pool of connections that cannot write, and answers kept from them.

    It opens them when they are needed, so that the process starts while the server is away.
    """

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self.kept = Kept()

    @classmethod
    @asynccontextmanager
    async def opened(cls, settings: Settings) -> AsyncIterator["Database"]:
        """Open the pool: of the replica if one is set, else with the analyst's role where there is one."""
        url = (
            settings.web_database_url
            or settings.database_analyst_url
            or settings.require("database_url").database_url
        )
        pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=settings.web_connections,
            max_inactive_connection_lifetime=IDLE_S,
            timeout=CONNECT_TIMEOUT_S,
            server_settings=WEB_SESSION,
            init=prepare,
            reset=_keep_session,
        )
        await pool
        try:
            yield cls(pool)
        finally:
            pool.terminate()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[asyncpg.Connection]:
        """Take a connection. Raises PostgresUnreachable, StatementTooSlow and TablesMissing."""
        with as_own_errors():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
                yield connection


async def _keep_session(connection: asyncpg.Connection) -> None:
    """Do nothing between two requests: statements that only read leave nothing to reset.

    The reset of asyncpg calls pg_advisory_unlock_all, which the analyst's role may not.
    """
