"""Tables of the resolver: named statements over one connection, which also has the lock."""

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from songnodes import sql
from songnodes.errors import PostgresUnreachable
from songnodes.settings import Settings

#: Key of the advisory lock: one resolver per database. The number is arbitrary and used for nothing else.
LOCK_KEY = 0x52_45_53
CONNECT_TIMEOUT_S = 10
#: Commits are synchronous: outputs follow from the facts, so a crash of the server must not lose these.
SESSION = "-c application_name=songnodes-resolver -c synchronous_commit=on -c jit=off"

Row = dict[str, Any]


class Store:
    """Statements of `sql/*.sql`. Values are named parameters; rows are one JSON document."""

    def __init__(self, connection: psycopg.Connection[Row]) -> None:
        self._connection = connection
        self._settings: Settings | None = None

    @classmethod
    def opened(cls, settings: Settings) -> "Store":
        """Connect by the settings. Raises PostgresUnreachable."""
        try:
            store = cls(
                psycopg.connect(
                    settings.database_url,
                    autocommit=True,
                    connect_timeout=CONNECT_TIMEOUT_S,
                    options=SESSION,
                    row_factory=dict_row,
                )
            )
        except psycopg.OperationalError as error:
            raise PostgresUnreachable(str(error).strip()) from error
        store._settings = settings
        return store

    def another(self) -> "Store":
        """Return a store with a connection of its own. Raises PostgresUnreachable."""
        if self._settings is None:
            raise PostgresUnreachable("not opened by its settings")
        return Store.opened(self._settings)

    def transaction(self) -> Any:
        """Return a context manager: its statements take effect together or not at all."""
        return self._connection.transaction()

    def rows(self, file: str, name: str, **parameters: Any) -> list[Row]:
        """Run a statement; return its rows."""
        return self._execute(file, name, parameters).fetchall()

    def execute(self, file: str, name: str, **parameters: Any) -> int:
        """Run a statement; return the number of rows it changed."""
        return self._execute(file, name, parameters).rowcount

    def put(self, file: str, name: str, rows: Iterable[Row]) -> list[Row]:
        """Run a statement over rows, if there are any; return its rows."""
        values = list(rows)
        if not values:
            return []
        cursor = self._execute(file, name, {"rows": Jsonb(values)})
        return cursor.fetchall() if cursor.description else []

    def try_lock(self) -> bool:
        """Try to lock; return True if this connection has the lock, until it is closed."""
        (row,) = self.rows("offsets", "try_lock", key=LOCK_KEY)
        return bool(next(iter(row.values())))

    def close(self) -> None:
        """Close the connection, which releases the lock."""
        self._connection.close()

    def _execute(self, file: str, name: str, parameters: Row) -> psycopg.Cursor[Row]:
        return self._connection.execute(sql.query(__package__, file, name).encode(), parameters)
