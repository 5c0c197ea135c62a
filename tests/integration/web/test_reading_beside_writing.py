"""Reading never disturbs writing: few connections, a time limit, and no lock that a sink waits for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import asyncpg
import httpx2
import pytest

from sinks import tables
from songnodes.errors import StatementTooSlow
from songnodes.settings import Settings
from tests.support import sample_records as sample
from tests.support.sink_bench import write_directly
from web import database
from web.database import Database

READERS = 50
BATCHES = 5
PATHS = (
    "/api/v1/top",
    "/api/v1/trending",
    "/api/v1/tracks/deadmau5-strobe/next",
    "/",
    "/tracks/deadmau5-strobe",
)
#: Reads a row a minute, and keeps its lock on the table as long.
SLOW_STATEMENT = "SELECT track_id, pg_sleep(60) FROM gold_track_analytics"
CONNECTIONS = """
    SELECT count(*), count(*) FILTER (WHERE query = $1 AND state = 'active') AS slow
    FROM pg_stat_activity WHERE application_name = 'songnodes-web' AND datname = current_database()
"""


@pytest.fixture
async def owner(world: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Yield a connection that sees all others."""
    connection = await asyncpg.connect(world.database_owner_url)
    yield connection
    await connection.close()


async def write(world: Settings, batch: int) -> None:
    record = sample.counts(f"batch-{batch}", dj_support=batch)
    await write_directly(world, tables.WRITERS["gold.tracks"], [record])


async def slow_readers(owner: asyncpg.Connection) -> int:
    return int((await owner.fetchrow(CONNECTIONS, SLOW_STATEMENT))["slow"])


async def test_fifty_readers_have_four_connections_and_writes_go_on(
    world: Settings, address: str, owner: asyncpg.Connection
) -> None:
    most, is_done = 0, False

    async def look() -> None:
        nonlocal most
        while not is_done:
            most = max(most, (await owner.fetchrow(CONNECTIONS, SLOW_STATEMENT))["count"])
            await asyncio.sleep(0.02)

    looking = asyncio.create_task(look())
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        reads = asyncio.gather(*(client.get(PATHS[reader % len(PATHS)]) for reader in range(READERS)))
        for batch in range(BATCHES):
            await write(world, batch)
        statuses = Counter(answer.status_code for answer in await reads)
    is_done = True
    await looking
    assert 0 < most <= world.web_connections == 4
    assert set(statuses) <= {200, 503}  # 503 where all connections were in use for some seconds
    assert statuses[200] > 0
    assert (
        await owner.fetchval("SELECT count(*) FROM gold_track_analytics WHERE track_id ~ '^batch-'")
        == BATCHES
    )


async def test_a_write_does_not_wait_for_a_slow_reader(
    world: Settings, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(database.WEB_SESSION, "statement_timeout", "60000")
    async with Database.opened(world) as pool, pool.connection() as connection:
        reading = asyncio.create_task(connection.fetch(SLOW_STATEMENT))
        while not await slow_readers(owner):
            await asyncio.sleep(0.02)
        await write(world, BATCHES)
        assert await slow_readers(owner) == 1
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        while await slow_readers(owner):
            await asyncio.sleep(0.02)


async def test_a_slow_reader_is_ended_by_the_server(
    world: Settings, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert database.STATEMENT_TIMEOUT_MS <= 5000
    monkeypatch.setitem(database.WEB_SESSION, "statement_timeout", "100")
    async with Database.opened(world) as pool, pool.connection() as connection:
        with pytest.raises(asyncpg.QueryCanceledError):
            await connection.fetch(SLOW_STATEMENT)
    async with Database.opened(world) as pool:
        with pytest.raises(StatementTooSlow):
            async with pool.connection() as connection:
                await connection.fetch(SLOW_STATEMENT)
    assert await slow_readers(owner) == 0


async def test_a_reader_cannot_lock_rows(world: Settings) -> None:
    refusals = (asyncpg.ReadOnlySQLTransactionError, asyncpg.InsufficientPrivilegeError)
    async with Database.opened(world) as pool, pool.connection() as connection:
        for statement in ("SELECT FROM gold_track_analytics FOR SHARE", "LOCK TABLE gold_track_analytics"):
            with pytest.raises(refusals):
                async with connection.transaction():
                    await connection.execute(statement)
