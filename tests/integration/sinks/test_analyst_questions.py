"""The analyst's role, which the dashboard has, may run every question but those that write."""

from pathlib import Path

import asyncpg

from queries.database import SESSION
from songnodes import sql
from tests.support.sink_bench import Bench

ROOT = Path(__file__).parents[3]
WRITES = {("feeds", "follow"), ("feeds", "unfollow")}


async def test_an_analyst_may_run_every_question(bench: Bench) -> None:
    connection = await asyncpg.connect(bench.settings.database_analyst_url, server_settings=SESSION)
    refused, count = [], 0
    try:
        for package in ("queries", "web"):
            for path in sorted((ROOT / package / "sql").glob("*.sql")):
                for name, statement in sql.load(package, path.stem).items():
                    if (path.stem, name) in WRITES:
                        continue
                    prepared = await connection.prepare(statement)
                    nothing = [None] * len(prepared.get_parameters())
                    try:
                        await connection.fetch(statement, *nothing)
                    except asyncpg.InsufficientPrivilegeError as error:
                        refused.append((path.stem, name, str(error)))
                    except asyncpg.PostgresError:
                        pass  # a value that may not be NULL: the privileges were checked before
                    count += 1
    finally:
        await connection.close()
    assert refused == []
    assert count > 30
