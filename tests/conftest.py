"""What tests stand on: the real servers, one database and one namespace per test, the real pages.

Nothing here skips: a missing server or missing data is a failure.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from confluent_kafka.admin import AdminClient
from psycopg import sql

from infra.embedded.addresses import Addresses
from infra.embedded.stack import Stack
from songnodes.settings import Settings

ROOT = Path(__file__).parents[1]
TEMPLATE = "songnodes_template"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real pages and data sets, which lies beside the project."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.fail(f"the real data are missing: there is no {folder}")
    return folder


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Kafka, PostgreSQL, Redis and the schema registry, started once for the whole run.

    Servers whose address is set from outside are used as they are. A test that kills a server makes a
    stack of its own: others run on this one.
    """
    home = Path(tempfile.mkdtemp(prefix="songnodes-tests-"))
    home.chmod(0o711)  # as root, PostgreSQL is another user and must get through
    stack = Stack(home)
    try:
        stack.start(holder=os.getpid())
        yield stack
    finally:
        stack.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def addresses(stack: Stack) -> Addresses:
    """Where the servers of this run are."""
    return stack.addresses


@pytest.fixture(scope="session")
def template_database(addresses: Addresses) -> Iterator[str]:
    """The name of a database with all migrations applied, of which each test gets a copy."""
    from sinks import migrations

    name = f"{TEMPLATE}_{uuid4().hex[:8]}"
    _execute(addresses, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        migrations.apply(_database(addresses, name))
        yield name
    finally:
        _drop(addresses, name)


@pytest.fixture
def pipeline_settings(addresses: Addresses, template_database: str, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a pipeline of this test's own: namespace, database and data directory are fresh.

    Topics are not made yet. Those of the namespace are dropped after the test.
    """
    name = f"t{uuid4().hex[:8]}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(addresses, copy.format(sql.Identifier(name), sql.Identifier(template_database)))
    try:
        yield Settings().model_copy(
            update={
                "kafka_bootstrap": addresses.kafka_bootstrap,
                "database_url": _database(addresses, name),
                "redis_url": addresses.redis_url,
                "schema_registry_url": addresses.schema_registry_url,
                "home": tmp_path,
                "namespace": name,
            }
        )
    finally:
        _drop(addresses, name)
        _drop_topics(addresses, f"{name}.")


def _database(addresses: Addresses, name: str) -> str:
    return urlsplit(addresses.database_url)._replace(path=f"/{name}").geturl()


def _execute(addresses: Addresses, statement: sql.Composable) -> None:
    with psycopg.connect(addresses.database_url, autocommit=True) as connection:
        connection.execute(statement)


def _drop(addresses: Addresses, name: str) -> None:
    _execute(addresses, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_topics(addresses: Addresses, prefix: str) -> None:
    admin = AdminClient({"bootstrap.servers": addresses.kafka_bootstrap})
    topics = [name for name in admin.list_topics(timeout=10).topics if name.startswith(prefix)]
    for dropped in admin.delete_topics(topics).values() if topics else ():
        dropped.result()
