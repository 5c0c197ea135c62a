"""Primary genres, which change with refresh only."""

from datetime import datetime
from functools import partial

import asyncpg

from queries import database
from web.database import Database


async def genres(pool: Database, connection: asyncpg.Connection, as_of: datetime | None) -> list[str]:
    """Return the primary genres, those of most tracks first, as of a refresh."""
    return await pool.kept.get("names of genres", as_of, partial(_genres, connection))


async def _genres(connection: asyncpg.Connection) -> list[str]:
    return [row["genre"] for row in await database.rows(connection, "tracks", "genres")]
