"""Bringing the database to the newest form: numbered SQL files, each applied once."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from typing import Any

import psycopg
from yoyo import get_backend, read_migrations

from songnodes.errors import Transient

#: Key of the advisory lock. Unlike yoyo's own lock table it cannot outlive the process that holds it.
LOCK = 0x50_4E_47  # any number that nobody else takes


class DatabaseDown(Transient):
    """PostgreSQL does not answer"""


def apply(dsn: str) -> list[str]:
    """Apply what is missing to the database at `dsn` (postgresql://...); returns the names applied.

    Two of these at the same time wait for each other. Raises DatabaseDown.
    """
    with _opened(dsn) as (backend, migrations):
        todo = backend.to_apply(migrations)
        names = [migration.id for migration in todo]
        backend.apply_migrations(todo)
    with psycopg.connect(dsn) as connection:
        connection.execute(files("sinks").joinpath("sql", "grants.sql").read_bytes())
    return names


def pending(dsn: str) -> list[str]:
    """The names of the migrations that `apply` would apply. Raises DatabaseDown."""
    with _opened(dsn) as (backend, migrations):
        return [migration.id for migration in backend.to_apply(migrations)]


@contextmanager
def _opened(dsn: str) -> Iterator[tuple[Any, Any]]:
    try:
        with psycopg.connect(dsn, autocommit=True) as guard:
            guard.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
            backend = get_backend("postgresql+psycopg://" + dsn.partition("://")[2])
            try:
                with as_file(files("sinks").joinpath("sql", "migrations")) as folder:
                    yield backend, read_migrations(str(folder))
            finally:
                backend.connection.close()
    except psycopg.OperationalError as error:
        raise DatabaseDown(str(error).strip()) from error
