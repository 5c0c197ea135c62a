"""A pipeline of a test's own on shared servers: its namespace, its database, its data directory."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
from confluent_kafka.admin import AdminClient
from psycopg import sql

from songnodes.access import Access
from songnodes.messaging.clients import connection
from songnodes.settings import Settings

#: Attempts, one per second, to drop a database that a process of the server still uses.
DROP_ATTEMPTS = 15


@contextmanager
def migrated_template(addresses: Access) -> Iterator[str]:
    """Yield the name of a database with all migrations applied; a copy of it takes 0.1 s."""
    from sinks import migrations

    name = f"songnodes_template_{uuid4().hex[:8]}"
    _execute(addresses, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        migrations.apply(database(addresses.owner_url, name))
        yield name
    finally:
        _drop(addresses, name)


@contextmanager
def fresh_settings(addresses: Access, template: str, home: Path, **changes: Any) -> Iterator[Settings]:
    """Yield settings of a new pipeline without topics; its database and topics are dropped afterwards."""
    name = f"t{uuid4().hex[:8]}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(addresses, copy.format(sql.Identifier(name), sql.Identifier(template)))
    try:
        yield (
            Settings()
            .with_access(addresses)
            .model_copy(
                update={
                    "database_url": database(addresses.database_url, name),
                    "database_owner_url": database(addresses.owner_url, name),
                    "database_analyst_url": database(addresses.database_analyst_url, name),
                    "home": home,
                    "namespace": name,
                    **changes,
                }
            )
        )
    finally:
        _drop(addresses, name)
        _drop_topics(addresses, f"{name}.")


def database(url: str, name: str) -> str:
    """Return the address of another database of the same server, with the same role."""
    return urlsplit(url)._replace(path=f"/{name}").geturl()


def _execute(addresses: Access, statement: sql.SQL | sql.Composed) -> None:
    with psycopg.connect(addresses.owner_url, autocommit=True) as connection:
        connection.execute(statement)


def _drop(addresses: Access, name: str) -> None:
    statement = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
    for attempt in range(DROP_ATTEMPTS):
        try:
            _execute(addresses, statement)
            return
        except psycopg.errors.InsufficientPrivilege:  # an autovacuum worker, which ends by itself
            if attempt + 1 == DROP_ATTEMPTS:
                raise
            time.sleep(1)


def _drop_topics(addresses: Access, prefix: str) -> None:
    admin = AdminClient(connection(addresses))
    topics = [name for name in admin.list_topics(timeout=10).topics if name.startswith(prefix)]
    for dropped in admin.delete_topics(topics).values() if topics else ():
        dropped.result()
