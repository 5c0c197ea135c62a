"""PostgreSQL as the operator's commands use it: one connection per command, statements from files."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

import psycopg

from songnodes.errors import NotUsable, Transient
from songnodes.settings import Settings

CONNECT_TIMEOUT = 5  # seconds


class DatabaseDown(Transient):
    """PostgreSQL does not answer"""


class TablesMissing(NotUsable):
    """The database lacks a table"""

    remedy = "Run `songnodes migrate`"


@contextmanager
def connected(settings: Settings) -> Iterator[psycopg.Connection]:
    """A connection in autocommit. Raises DatabaseDown and TablesMissing, also for what is done with it."""
    url = settings.require("database_url").database_url
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=CONNECT_TIMEOUT) as connection:
            yield connection
    except psycopg.errors.UndefinedTable as error:
        raise TablesMissing(str(error.diag.message_primary)) from error
    except psycopg.OperationalError as error:
        raise DatabaseDown(str(error).strip()) from error


def statement(name: str) -> bytes:
    """The statement in `sql/<name>.sql`."""
    return files("operations").joinpath("sql", f"{name}.sql").read_bytes()
