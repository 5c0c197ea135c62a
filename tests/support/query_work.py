"""Work of SQL statements as the server counts it: rows of every node of the plan, never time."""

import json
from collections import Counter
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from songnodes import sql

_EXPLAIN = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) "
_DISCARDED_ROWS = ("Rows Removed by Filter", "Rows Removed by Join Filter", "Rows Removed by Index Recheck")


class CountingConnection:
    """An asyncpg connection that counts the rows that each named statement of the sinks handles.

    Each statement runs twice: with EXPLAIN (ANALYZE) in a savepoint that is rolled back, then for its result.
    `rows` has the sum per statement, as `FILE.NAME`.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._names = _statement_names()
        self.rows: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def execute(self, statement: str, *arguments: Any, **options: Any) -> Any:
        await self._count(statement, arguments)
        return await self._connection.execute(statement, *arguments, **options)

    async def fetch(self, statement: str, *arguments: Any, **options: Any) -> Any:
        await self._count(statement, arguments)
        return await self._connection.fetch(statement, *arguments, **options)

    async def fetchval(self, statement: str, *arguments: Any, **options: Any) -> Any:
        await self._count(statement, arguments)
        return await self._connection.fetchval(statement, *arguments, **options)

    async def fetchrow(self, statement: str, *arguments: Any, **options: Any) -> Any:
        await self._count(statement, arguments)
        return await self._connection.fetchrow(statement, *arguments, **options)

    async def _count(self, statement: str, arguments: tuple[Any, ...]) -> None:
        name = self._names.get(statement)
        if name is None or not _is_explainable(statement):
            return
        savepoint = self._connection.transaction()
        await savepoint.start()
        try:
            plan = json.loads(await self._connection.fetchval(_EXPLAIN + statement, *arguments))
        finally:
            await savepoint.rollback()
        self.rows[name] += _rows(plan[0]["Plan"])


async def rows_of(connection: Any, statement: str, *arguments: Any) -> int:
    """Return the rows that a statement handles. It is run."""
    return _rows(json.loads(await connection.fetchval(_EXPLAIN + statement, *arguments))[0]["Plan"])


def _rows(node: Mapping[str, Any]) -> int:
    """Return the rows that a node and those below it returned or read and discarded, over all loops."""
    per_loop: float = node["Actual Rows"] + sum(node.get(name, 0) for name in _DISCARDED_ROWS)
    rows = round(per_loop * node["Actual Loops"])
    return int(rows) + sum(_rows(child) for child in node.get("Plans", ()))


def _is_explainable(statement: str) -> bool:
    lines = (line for line in statement.splitlines() if not line.startswith("--"))
    return next(lines, "").startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"))


def _statement_names() -> dict[str, str]:
    folder = files("sinks") / "sql"
    names = (path.name.removesuffix(".sql") for path in folder.iterdir() if path.name.startswith("refresh"))
    return {
        statement: f"{file}.{name}" for file in names for name, statement in sql.load("sinks", file).items()
    }
