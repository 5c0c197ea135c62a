"""Conversion of data of earlier versions, in which every client was a superuser, and new passwords."""

import json
import os
import pwd
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from infra.embedded import postgres, roles
from infra.embedded.account import unprivileged
from infra.embedded.postgres import Postgres
from infra.embedded.stack import Stack
from sinks import migrations
from songnodes.redaction import without_login
from tests.support.another_user import IS_ROOT

ELSEWHERE = "127.0.0.1:1"
WITHOUT_JAVA = dict.fromkeys(("kafka_bootstrap", "schema_registry_url"), ELSEWHERE)


@pytest.fixture
def home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="songnodes-conversion-"))
    yield directory
    Stack(directory, outside=WITHOUT_JAVA).discard()


#: A version with roles and without SASL on Kafka: all its passwords are kept, one is missing.
FORMER_SECRETS = {
    "postgres_superuser": "4" * 48,
    "postgres_owner": "1" * 48,
    "postgres_writer": "2" * 48,
    "postgres_analyst": "3" * 48,
    "redis": "5" * 48,
}
FORMER_ROLES = """\
CREATE ROLE songnodes_owner LOGIN CREATEDB
CREATE ROLE songnodes_writer LOGIN
CREATE ROLE songnodes_analyst LOGIN
ALTER ROLE songnodes PASSWORD 'former'
ALTER ROLE songnodes_analyst SET default_transaction_read_only = on
ALTER DATABASE songnodes OWNER TO songnodes_owner
"""


def earlier(home: Path, *, with_roles: bool) -> None:
    """Write a data directory of an earlier version, open to all users.

    In the first versions `songnodes` was a superuser that needed no password; later ones had roles.
    """
    home.chmod(0o711 if with_roles else 0o755)
    if with_roles:
        (home / "secrets.json").write_text(json.dumps(FORMER_SECRETS))
    account = unprivileged()
    data = home / "postgres"
    data.mkdir()
    account.own(data)
    servers = Stack(home, outside=WITHOUT_JAVA).servers()
    (server,) = (server for server in servers if isinstance(server, Postgres))
    programs = server._program("postgres").parent

    def run(*command: str, text: str | None = None) -> None:
        done = account.run(list(command), directory=data, input=text)
        assert done.returncode == 0, done.stderr

    initdb, single = str(programs / "initdb"), str(programs / "postgres")
    run(initdb, "--username=songnodes", "--auth=trust", *postgres.LOCALE, "-D", str(data))
    run(single, "--single", "-D", str(data), "postgres", text="CREATE DATABASE songnodes\n")
    script = [
        "CREATE TABLE bronze_pages_of_old (n integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, t text)",
        "INSERT INTO bronze_pages_of_old (t) VALUES ('kept')",
        "CREATE TABLE bookkeeping_of_old (n serial)",
        "CREATE VIEW view_of_old AS SELECT t FROM bronze_pages_of_old",
        "CREATE MATERIALIZED VIEW gold_of_old AS SELECT t FROM bronze_pages_of_old",
        "CREATE FUNCTION function_of_old() RETURNS integer LANGUAGE sql RETURN 1",
        "CREATE TYPE type_of_old AS ENUM ('a')",
        "CREATE DOMAIN domain_of_old AS integer",
        "CREATE SEQUENCE sequence_of_old",
        "CREATE EXTENSION vector",
    ]
    if with_roles:
        run(single, "--single", "-D", str(data), "postgres", text=FORMER_ROLES)
        script.insert(0, "SET SESSION AUTHORIZATION songnodes_owner")
        script[-1:] = ["RESET SESSION AUTHORIZATION", script[-1]]
        (data / "songnodes_roles").touch()
    run(single, "--single", "-D", str(data), "songnodes", text="\n".join(script) + "\n")
    (home / "redis").mkdir()
    (home / "redis.conf").write_text("port 1\n")


@pytest.mark.parametrize("with_roles", [False, True])
def test_data_of_earlier_versions_are_converted_and_kept(home: Path, with_roles: bool) -> None:
    earlier(home, with_roles=with_roles)
    stack = Stack(home, outside=WITHOUT_JAVA)
    progress: list[str] = []
    access = stack.start(on_progress=progress.append)
    assert "postgres: creating the roles" in progress
    assert home.stat().st_mode & 0o777 == 0o700
    assert not (home / "redis.conf").exists()
    passwords = json.loads((home / "secrets.json").read_text())
    assert "kafka" in passwords and (passwords["redis"] == FORMER_SECRETS["redis"]) is with_roles
    with psycopg.connect(access.owner_url) as owner:
        assert owner.execute("SELECT t FROM bronze_pages_of_old").fetchall() == [("kept",)]
        superusers = owner.execute(
            "SELECT relname FROM pg_class WHERE relowner = 10 AND relnamespace = 'public'::regnamespace"
        ).fetchall()
        assert superusers == []
        for statement in (
            "ALTER TABLE bookkeeping_of_old ADD COLUMN m integer",
            "REFRESH MATERIALIZED VIEW gold_of_old",
            "DROP FUNCTION function_of_old()",
            "DROP TYPE type_of_old",
            "DROP DOMAIN domain_of_old",
            "DROP SEQUENCE sequence_of_old",
        ):
            owner.execute(statement)
    assert migrations.apply(access.owner_url)
    with psycopg.connect(access.database_url) as writer:
        writer.execute("INSERT INTO bronze_pages_of_old (t) VALUES ('new')")
        writer.execute("INSERT INTO bookkeeping_of_old DEFAULT VALUES")
    with psycopg.connect(access.database_analyst_url) as analyst:
        assert analyst.execute("SELECT t FROM view_of_old ORDER BY t").fetchall() == [("kept",), ("new",)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            analyst.execute("SELECT * FROM bookkeeping_of_old")
    place = without_login(access.owner_url).removeprefix("postgresql://")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://songnodes@{place}")
    progress.clear()
    stack.stop()
    stack.start(on_progress=progress.append)
    assert "postgres: creating the roles" not in progress


@pytest.mark.parametrize("running", [False, True])
def test_new_passwords_are_set_when_the_file_is_removed(home: Path, running: bool) -> None:
    stack = Stack(home, outside=WITHOUT_JAVA)
    before = stack.start()
    with psycopg.connect(before.owner_url) as owner:
        owner.execute("CREATE TABLE kept (n integer)")
    with redis.Redis.from_url(before.redis_url) as client:
        client.set("songnodes:kept", "7")
    if not running:
        stack.stop()
    (home / "secrets.json").unlink()
    after = stack.start()
    assert without_login(after.owner_url) == without_login(before.owner_url)
    with psycopg.connect(after.owner_url) as owner:
        assert owner.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    with redis.Redis.from_url(after.redis_url) as client:
        assert client.ping()
    for url in (before.owner_url, before.database_url, before.database_analyst_url):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url)
    with redis.Redis.from_url(before.redis_url) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_start_killed_before_the_roles_is_completed(home: Path) -> None:
    stack = Stack(home, outside=WITHOUT_JAVA)
    stack.start()
    stack.stop()
    (home / "postgres").joinpath(roles.MARK).unlink()
    (home / "postgres").joinpath("pg_hba.conf").write_text("host all all all trust\n")
    access = stack.start()
    with psycopg.connect(access.database_url) as writer:
        assert writer.execute("SELECT 1").fetchone() == (1,)
    place = without_login(access.owner_url).removeprefix("postgresql://")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"postgresql://postgres@{place}")


def test_data_of_another_user_are_moved_to_the_servers_user(home: Path) -> None:
    """Earlier versions started by root ran PostgreSQL as `nobody`; other users own their data already."""
    former = pwd.getpwnam("nobody").pw_uid if IS_ROOT else os.geteuid()
    stack = Stack(home, outside=WITHOUT_JAVA)
    stack.start()
    stack.stop()
    data = (home / "postgres").resolve()
    for folder, _, files in os.walk(data):
        for path in (folder, *(os.path.join(folder, file) for file in files)):
            os.chown(path, former, -1)
    access = stack.start()
    with psycopg.connect(access.database_url) as writer:
        assert writer.execute("SELECT 1").fetchone() == (1,)
    assert {file.stat().st_uid for file in data.rglob("*") if file.exists()} == {unprivileged().uid}
