"""The resolver's tables: named statements over one connection, which also holds its lock."""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from songnodes import sql
from songnodes.errors import Transient
from songnodes.settings import Settings

#: Key of the advisory lock: one resolver per database.
LOCK = 0x52_45_53  # any number that nobody else takes
CONNECT_TIMEOUT = 10  # seconds
#: Commits are waited for: what follows of facts is told, and then the facts must not be lost with a server.
SESSION = "-c application_name=songnodes-resolver -c synchronous_commit=on -c jit=off"

Row = dict[str, Any]


class DatabaseDown(Transient):
    """PostgreSQL does not answer"""


class Store:
    """Statements of `sql/*.sql`. Values go in as named parameters; `rows` as one JSON document."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._settings: Settings | None = None

    @classmethod
    def opened(cls, settings: Settings) -> "Store":
        """Raises DatabaseDown."""
        try:
            store = cls(
                psycopg.connect(
                    settings.database_url,
                    autocommit=True,
                    connect_timeout=CONNECT_TIMEOUT,
                    options=SESSION,
                    row_factory=dict_row,
                )
            )
        except psycopg.OperationalError as error:
            raise DatabaseDown(str(error).strip()) from error
        store._settings = settings
        return store

    def another(self) -> "Store":
        """Return the same statements over a connection of their own. Raises DatabaseDown."""
        if self._settings is None:
            raise DatabaseDown("not opened by its settings")
        return Store.opened(self._settings)

    def transaction(self) -> Any:
        """A context: all of it or nothing."""
        return self._connection.transaction()

    def rows(self, file: str, name: str, **parameters: Any) -> list[Row]:
        """The rows that a statement gives."""
        return self._execute(file, name, parameters).fetchall()

    def do(self, file: str, name: str, **parameters: Any) -> int:
        """Run a statement; returns the rows it touched."""
        return self._execute(file, name, parameters).rowcount

    def put(self, file: str, name: str, rows: Iterable[Row]) -> list[Row]:
        """Run a statement over rows, if there are any; returns what it returns."""
        given = list(rows)
        if not given:
            return []
        cursor = self._execute(file, name, {"rows": Jsonb(given)})
        return cursor.fetchall() if cursor.description else []

    def try_lock(self) -> bool:
        """Whether this connection is, from now until it is closed, the only resolver's."""
        (row,) = self.rows("offsets", "try_lock", key=LOCK)
        return bool(next(iter(row.values())))

    def close(self) -> None:
        """Close the connection; the lock is free."""
        self._connection.close()

    def _execute(self, file: str, name: str, parameters: Row) -> psycopg.Cursor[Row]:
        return self._connection.execute(sql.query(__package__, file, name).encode(), parameters)
