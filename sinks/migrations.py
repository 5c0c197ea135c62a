"""Bringing the database to the newest form: numbered SQL files, each applied once."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files

import psycopg
from psycopg import sql
from yoyo import get_backend, read_migrations

from songnodes.errors import PostgresUnreachable, UserError

#: Key of the advisory lock. Unlike yoyo's own lock table it cannot outlive the process that holds it.
LOCK = 0x50_4E_47  # any number that no other lock uses

FOLDER = files("sinks").joinpath("sql", "migrations")
#: Yoyo's table of the migrations that were applied.
LEDGER = "_yoyo_migration"
#: Repeatable statements, run after the migrations each time.
PRIVILEGES = "privileges.sql"
AFTER_EACH = ("trigrams.sql", PRIVILEGES)
NAME_INDEX = "bronze_scraped_tracks_names"


class NotOwner(UserError):
    """The role may not create or alter tables"""

    remedy = "DATABASE_OWNER_URL names the role that owns them"


def apply(dsn: str) -> list[str]:
    """Apply what is missing to the database at `dsn` (postgresql://...); returns the names applied.

    The role of `dsn` owns the tables. Privileges of the other roles are granted on all tables, old and new.
    Concurrent calls wait for each other. Raises PostgresUnreachable, NotOwner.
    """
    with _connected(dsn) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        _check_owner(guard)
        backend = get_backend("postgresql+psycopg://" + dsn.partition("://")[2])
        try:
            with as_file(FOLDER) as folder:
                todo = backend.to_apply(read_migrations(str(folder)))
                names = [migration.id for migration in todo]
                backend.apply_migrations(todo)
        finally:
            backend.connection.close()
        for name in AFTER_EACH:
            guard.execute(files("sinks").joinpath("sql", name).read_bytes())
    return names


def grant_privileges(connection: psycopg.Connection) -> None:
    """Grant the privileges of all roles on all tables again, as after a migration."""
    connection.execute(files("sinks").joinpath("sql", PRIVILEGES).read_bytes())


def has_name_index(dsn: str) -> bool:
    """Return True if searches by track and artist name have an index. Raises PostgresUnreachable."""
    with _connected(dsn) as connection:
        index = connection.execute("SELECT to_regclass(%s)", (NAME_INDEX,)).fetchone()
    return index is not None and index[0] is not None


def pending(dsn: str) -> list[str]:
    """Return the names of the migrations that `apply` would apply; read-only. Raises PostgresUnreachable."""
    names = sorted(file.name.removesuffix(".sql") for file in FOLDER.iterdir() if file.name.endswith(".sql"))
    with _connected(dsn) as connection:
        ledger = connection.execute("SELECT to_regclass(%s)", (LEDGER,)).fetchone()
        if ledger is None or ledger[0] is None:
            return names
        query = sql.SQL("SELECT migration_id FROM {}").format(sql.Identifier(LEDGER))
        applied = {name for (name,) in connection.execute(query)}
    return [name for name in names if name not in applied]


def _check_owner(connection: psycopg.Connection) -> None:
    """Raise NotOwner for a role without CREATE: yoyo would wait for a table that it cannot create."""
    query = "SELECT current_user, has_schema_privilege('public', 'CREATE')"
    for role, may_create in connection.execute(query):
        if not may_create:
            raise NotOwner(role=role)


@contextmanager
def _connected(dsn: str) -> Iterator[psycopg.Connection]:
    try:
        with psycopg.connect(dsn, autocommit=True, application_name="songnodes-migrate") as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise PostgresUnreachable(str(error).strip()) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise NotOwner(str(error.diag.message_primary)) from error
