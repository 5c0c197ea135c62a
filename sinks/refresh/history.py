"""Ranks by day, and ranks of one year.

A day is recorded again with every pass over all rows until the next day begins, and never after that: a
rebuild marks the earlier days and leaves them as they are. A day set by hand is not recorded.
"""

from datetime import date

import asyncpg

from sinks.database import query
from songnodes import __version__

_FILE = "refresh_history"
#: Tracks recorded per day: the first of all, of each primary genre, and by trending score. With 40 genres at
#: most 5,500 rows a day, however many tracks there are; a million tracks would be 180 times as many.
OVERALL, PER_GENRE, TRENDING = 1000, 100, 500


async def record(connection: asyncpg.Connection, day: date) -> int:
    """Record the ranks of a day in the open transaction; return the number of tracks, 0 for a final day."""
    if not await connection.fetchval(query(_FILE, "may_record"), day):
        return 0
    limits = (OVERALL, PER_GENRE, TRENDING)
    return int(await connection.fetchval(query(_FILE, "record"), day, *limits, __version__))


async def mark_rebuilt(connection: asyncpg.Connection) -> None:
    """Mark the recorded days as older than a rebuild; the present one is recorded again after it."""
    await connection.execute(query(_FILE, "mark_rebuilt"))


async def rank_year(connection: asyncpg.Connection, day: date) -> None:
    """Rank the tracks by their support in the 365 days before a day, in the open transaction."""
    await connection.execute(query(_FILE, "year_ranks"), day)
