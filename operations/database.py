"""PostgreSQL access of operator commands: one connection per command, statements from files, one lock."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import psycopg

from songnodes.errors import PostgresUnreachable, TablesMissing, UserError
from songnodes.settings import Settings

CONNECT_TIMEOUT_S = 5
LOCK_TIMEOUT_S = 3.0  # PostgreSQL may take a moment to notice that the last command has ended


class LockHeld(UserError):
    """Another command holds the lock"""


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection]:
    """Open a connection in autocommit. Raises PostgresUnreachable, TablesMissing, also within the block."""
    url = settings.require("database_url").database_url
    try:
        with psycopg.connect(
            url,
            autocommit=True,
            connect_timeout=CONNECT_TIMEOUT_S,
            application_name="songnodes-operations",
        ) as connection:
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise TablesMissing(str(error.diag.message_primary)) from error
    except psycopg.OperationalError as error:
        raise PostgresUnreachable(str(error).strip()) from error


def statement(name: str) -> bytes:
    """Return the statement in `sql/<name>.sql`."""
    return files("operations").joinpath("sql", f"{name}.sql").read_bytes()


def acquire_lock(connection: psycopg.Connection, what: str) -> None:
    """Lock `what` until the connection closes, for whatever reason. Raises LockHeld."""
    until = time.monotonic() + LOCK_TIMEOUT_S
    while connection.execute(statement("try_lock"), [what]).fetchone() != (True,):
        if time.monotonic() > until:
            raise LockHeld(what)
        time.sleep(0.1)
