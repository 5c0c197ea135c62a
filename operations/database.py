"""PostgreSQL access of operator commands: one connection per command, statements from files."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import psycopg

from songnodes.errors import PostgresUnreachable, TablesMissing
from songnodes.settings import Settings

CONNECT_TIMEOUT_S = 5


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection]:
    """Open a connection in autocommit. Raises PostgresUnreachable, TablesMissing, also within the block."""
    url = settings.require("database_url").database_url
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S) as connection:
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise TablesMissing(str(error.diag.message_primary)) from error
    except psycopg.OperationalError as error:
        raise PostgresUnreachable(str(error).strip()) from error


def statement(name: str) -> bytes:
    """Return the statement in `sql/<name>.sql`."""
    return files("operations").joinpath("sql", f"{name}.sql").read_bytes()
