"""Who may do what on the embedded servers, tried as a client with each role's password and with none."""

import json
import os
import stat
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from infra.embedded.postgres import ROLES_MADE, Postgres
from infra.embedded.secrets import passwords
from infra.embedded.stack import Stack
from sinks import migrations

FORBIDDEN = (
    "CREATE TABLE made (n integer)",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "CREATE ROLE made SUPERUSER",
)


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> object:
    home = tmp_path_factory.mktemp("doors") / "home"
    stack = Stack(home, outside={})
    try:
        migrations.apply(stack.start(holder=os.getpid()).database_url)
        yield stack
    finally:
        stack.discard()


def address(stack: Stack, role: str) -> str:
    return next(each for each in stack.servers() if isinstance(each, Postgres)).address_of(role)


def refused(url: str, statement: str) -> bool:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        try:
            connection.execute(statement.encode())
        except psycopg.errors.InsufficientPrivilege:
            return True
    return False


@pytest.mark.parametrize("name", ["songnodes", "songnodes_owner", "songnodes_writer", "songnodes_analyst"])
def test_no_role_connects_without_its_password(doors: Stack, name: str) -> None:
    parts = urlsplit(doors.addresses.database_url)
    url = f"postgresql://{name}@{parts.hostname}:{parts.port}/songnodes"
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url)


@pytest.mark.parametrize("role", ["owner", "writer", "analyst"])
def test_no_role_is_a_superuser_or_runs_programs(doors: Stack, role: str) -> None:
    with psycopg.connect(address(doors, role)) as connection:
        found = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    assert found == (False,)
    wanted = FORBIDDEN[1:] if role == "owner" else FORBIDDEN
    assert [each for each in wanted if not refused(address(doors, role), each)] == []


def test_an_analyst_reads_results_and_nothing_else(doors: Stack) -> None:
    with psycopg.connect(address(doors, "owner")) as connection:
        names = [
            name
            for (name,) in connection.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
                " AND relkind IN ('r', 'p', 'v', 'm')"
            )
        ]
    url = address(doors, "analyst")
    results = {name for name in names if name.startswith(("bronze_", "silver_", "gold_", "track_", "set_"))}
    readable = {name for name in names if not refused(url, f"TABLE {name} LIMIT 1")}
    assert results
    assert set(names) - results
    assert readable == results
    assert refused(url, "DELETE FROM silver_enriched_tracks")


def test_a_writer_writes_every_table(doors: Stack) -> None:
    url = address(doors, "writer")
    assert not refused(url, "DELETE FROM silver_enriched_tracks")


def test_redis_wants_a_password_and_refuses_dangerous_commands(doors: Stack) -> None:
    parts = urlsplit(doors.addresses.redis_url)
    with (
        redis.Redis(host=parts.hostname or "", port=parts.port or 0) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()
    with redis.Redis.from_url(doors.addresses.redis_url) as client:
        assert client.ping()
        assert client.eval("return 7", 0) == 7
        for command in (
            "CONFIG GET dir",
            "MODULE LIST",
            "DEBUG SLEEP 0",
            "REPLICAOF NO ONE",
            "SAVE",
            "BGSAVE",
        ):
            with pytest.raises(redis.exceptions.NoPermissionError):
                client.execute_command(*command.split())


def test_no_file_of_secrets_is_readable_by_others(doors: Stack) -> None:
    known = json.loads((doors.home / "secrets.json").read_text()).values()
    open_files = [
        file for file in doors.home.rglob("*") if file.is_file() and stat.S_IMODE(file.stat().st_mode) & 0o077
    ]
    leaks = [f for f in open_files if any(each.encode() in f.read_bytes() for each in known)]
    assert leaks == []
    listed = subprocess.run(["ps", "-ww", "axo", "args"], capture_output=True, text=True, check=True).stdout
    assert not any(each in listed for each in known)
    assert stat.S_IMODE(doors.home.stat().st_mode) in (0o700, 0o711)


def test_a_trusting_data_directory_is_converted_with_what_it_holds(tmp_path: Path) -> None:
    stack = Stack(tmp_path / "home", outside={})
    try:
        addresses = stack.start(holder=os.getpid())
        superuser = address(stack, "owner").replace(
            f"songnodes_owner:{passwords(stack.home)['postgres_owner']}",
            f"songnodes:{passwords(stack.home)['postgres_superuser']}",
        )
        with psycopg.connect(superuser) as connection:
            connection.execute("CREATE TABLE gold_older (id bigserial PRIMARY KEY, n integer)")
            connection.execute("INSERT INTO gold_older (n) VALUES (7)")
            connection.execute("CREATE VIEW gold_older_view AS SELECT n FROM gold_older")
        stack.stop()
        data = (stack.home / "postgres").resolve()
        (data / ROLES_MADE).unlink()
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 trust\n")
        assert stack.start(holder=os.getpid()) == addresses
        with psycopg.connect(addresses.database_url) as connection:
            connection.execute("ALTER TABLE gold_older ADD COLUMN m integer")
            connection.execute("INSERT INTO gold_older (n) VALUES (8)")
            assert connection.execute("SELECT n FROM gold_older_view ORDER BY n").fetchall() == [(7,), (8,)]
        parts = urlsplit(addresses.database_url)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(f"postgresql://songnodes@{parts.hostname}:{parts.port}/songnodes")
    finally:
        stack.discard()


def test_another_user_reads_no_secret(doors: Stack) -> None:
    for parent in (doors.home, *doors.home.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)  # as in a directory that everybody enters
    files = [doors.home / name for name in ("secrets.json", "addresses.json", "redis.conf")]
    for file in files:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        if os.geteuid() == 0:
            read = subprocess.run(
                ["cat", str(file)],
                user="nobody",
                group=65534,
                extra_groups=[],
                capture_output=True,
                check=False,
            )
            assert read.returncode != 0
            assert b"Permission denied" in read.stderr
