"""Access without a password, and the rights of each login, on the real servers (docs/security.md)."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import uuid4

import psutil
import psycopg
import pytest
import redis
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from psycopg import errors, sql
from redis.exceptions import NoPermissionError

from infra.embedded import roles, secrets
from infra.embedded.account import unprivileged
from infra.embedded.redis import USER as REDIS_USER
from infra.embedded.stack import SERVERS, Stack
from sinks import migrations
from songnodes import probes
from songnodes.access import Access
from songnodes.messaging.clients import connection
from songnodes.redaction import without_login
from tests.support import another_user, intruder
from tests.support.isolated_pipeline import database, fresh_settings

READABLE = re.compile(
    r"^(bronze|silver|gold)_"
    r"|^(cut_track_plays|harmonic_moves|network_track_artists|refresh_(state|steps)|set_links|track_labels)$"
)
#: Until then a new broker has no coordinator of groups.
COORDINATOR_ELECTED_WITHIN_S = 60
ROOT = Path(__file__).parents[3]
CONCURRENT_COMMANDS = 4
#: Tables to which the writer only adds rows.
UNCHANGED = frozenset({"gold_reports"})
#: Tables of the pipeline that no analyst reads.
BOOKKEEPING = {"sink_offsets", "resolver_offsets", "crawl_frontier", "producer_pages", "dead_letter_actions"}


@pytest.fixture(scope="module")
def migrated(
    addresses: Access, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Access]:
    """Return the access to a database with all tables."""
    with fresh_settings(addresses, template_database, tmp_path_factory.mktemp("doors")) as settings:
        migrations.apply(settings.owner_url)  # privileges on the database are not part of a copy
        yield settings.access()


@pytest.fixture
def analyst(migrated: Access) -> Iterator[psycopg.Connection]:
    with psycopg.connect(migrated.database_analyst_url, autocommit=True) as opened:
        opened.execute("SET default_transaction_read_only = off")  # the role may change this
        yield opened


@pytest.fixture
def writer(migrated: Access) -> Iterator[psycopg.Connection]:
    with psycopg.connect(migrated.database_url, autocommit=True) as opened:
        yield opened


def relations(access: Access) -> dict[str, str]:
    """Return all relations: name -> kind (r table, v view, m materialized view, S sequence)."""
    with psycopg.connect(access.owner_url) as opened:
        rows = opened.execute(
            "SELECT relname, relkind::text FROM pg_class "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')"
        ).fetchall()
    return {str(name): str(kind) for name, kind in rows}


def passwords(access: Access) -> set[str]:
    """Return all passwords of this stack, which are long and random."""
    urls = (access.database_url, access.owner_url, access.database_analyst_url, access.redis_url)
    texts = {urlsplit(url).password or "" for url in urls}
    texts.add(access.kafka_sasl_password.get_secret_value())
    assert all(len(text) >= 32 for text in texts) and len(texts) == 5
    return texts


# files and processes


def test_another_user_reads_no_file(stack: Stack) -> None:
    data = [entry.resolve() for entry in stack.home.iterdir() if entry.is_symlink()]
    assert stack.home.stat().st_mode & 0o777 == 0o700
    assert another_user.readable([stack.home, *data]) == []
    if another_user.IS_ROOT:
        assert len(data) == 2, "PostgreSQL and Redis run as another user, and have their data elsewhere"
        for file in ("secrets.json", "addresses.json", "supervisord.conf", "kafka.properties"):
            assert another_user.run("cat", str(stack.home / file)).returncode != 0


@pytest.mark.parametrize("name", ["secrets.json", "addresses.json", "supervisord.conf", "kafka.properties"])
def test_files_with_secrets_are_readable_only_by_their_owner(stack: Stack, name: str) -> None:
    """The mode of the files protects them also in a data directory that others can enter."""
    assert (stack.home / name).stat().st_mode & 0o777 == 0o600


def test_no_secret_is_in_a_process_list(stack: Stack) -> None:
    hidden = passwords(stack.addresses)
    shown = subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    assert str(stack.home) in shown
    assert not [secret for secret in hidden if secret in shown]
    for running in stack.processes():
        if running.pid is None:
            continue
        for process in (psutil.Process(running.pid), *psutil.Process(running.pid).children(recursive=True)):
            environment = "\n".join(process.environ().values())
            assert not [secret for secret in hidden if secret in environment], running.name
            if another_user.IS_ROOT:
                assert another_user.run("cat", f"/proc/{process.pid}/environ").returncode != 0


@pytest.mark.parametrize("name", ["postgres", "redis"])
def test_under_root_these_servers_run_as_another_user(stack: Stack, name: str) -> None:
    pid = stack.process(name).pid
    assert pid
    user = psutil.Process(pid).uids().real
    assert user == unprivileged().uid
    if another_user.IS_ROOT:
        assert user != 0
        assert psutil.Process(pid).username() != another_user.OTHER
        # The environment of the user who ran `songnodes up` is not passed on.
        assert {*psutil.Process(pid).environ()} <= {"SONGNODES_STACK", "SONGNODES_SECRETS", "PGDATA"} | {
            name for name in psutil.Process(pid).environ() if name.startswith(("PG_", "MALLOC"))
        }


def test_servers_listen_only_on_loopback(stack: Stack) -> None:
    listening = {}
    for running in stack.processes():
        if running.pid:
            for socket_info in psutil.Process(running.pid).net_connections("inet"):
                if socket_info.status == psutil.CONN_LISTEN:
                    listening[socket_info.laddr.port] = socket_info.laddr.ip.removeprefix("::ffff:")
    expected = {port for server in stack.servers() for port in server.ports.values()}
    assert set(listening) == expected
    assert set(listening.values()) == {"127.0.0.1"}


def test_no_log_and_no_status_contains_a_secret(stack: Stack) -> None:
    hidden = passwords(stack.addresses)
    for log in (*stack.log_directory.glob("*.log*"), stack.home / "supervisord.log"):
        text = log.read_text(errors="replace")
        assert not [secret for secret in hidden if secret in text], log
    shown = repr(stack.addresses) + str(stack.addresses) + repr([*stack.servers()])
    for arguments in (("status",), ("status", "--json")):
        done = songnodes(stack, *arguments)
        assert done.returncode == 0, done.stderr
        shown += done.stdout + done.stderr
    assert not [secret for secret in hidden if secret in shown]


def test_another_user_can_access_no_server_and_no_file(stack: Stack) -> None:
    """Real clients, as `nobody` if the tests run as root; the analyst's address is public."""
    target = {
        "home": str(stack.home),
        "places": [str(entry.resolve()) for entry in stack.home.iterdir() if entry.is_symlink()],
        "pids": [running.pid for running in stack.processes() if running.pid],
        "ports": {name: port for server in stack.servers() for name, port in server.ports.items()},
        "analyst_url": stack.addresses.database_analyst_url,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.intruder"],
        input=json.dumps(target),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    result = json.loads(done.stdout)
    outcomes = result["outcomes"]
    assert {name: outcome for name, outcome in outcomes.items() if name.startswith("postgres")} == {
        f"postgres as {user}": "OperationalError" for user in intruder.POSTGRES_USERS
    }
    assert outcomes["copy to a program"] == "InsufficientPrivilege"
    for name, outcome in outcomes.items():
        if name.startswith("redis"):
            assert outcome == "AuthenticationError", name
        if name.startswith("kafka"):
            assert outcome == "KafkaException", name
    if another_user.IS_ROOT:
        assert result["uid"] != 0
        own = {
            name: outcome for name, outcome in outcomes.items() if name.startswith(("open", "list", "env"))
        }
        assert len(own) > len(intruder.FILES) + 4
        assert set(own.values()) == {"PermissionError"}, own


# the command line


def songnodes(stack: Stack, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], "SONGNODES_HOME": str(stack.home), **more}
    return subprocess.run(
        [sys.executable, "-m", "songnodes", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def exported(printed: str) -> dict[str, str]:
    """Return the variables that a shell takes from the output of `songnodes env`."""
    return dict(re.findall(r"^export (\w+)='?([^'\n]*)'?$", printed, re.MULTILINE))


def test_env_prints_the_access_of_an_analyst(stack: Stack) -> None:
    access = stack.addresses
    variables = exported(songnodes(stack, "env").stdout)
    assert variables["DATABASE_URL"] == access.database_analyst_url
    assert variables["REDIS_URL"] == without_login(access.redis_url)
    assert not [
        url for url in (access.database_url, access.owner_url, access.redis_url) if url in variables.values()
    ]
    written = exported(songnodes(stack, "env", "--writer").stdout)
    assert written["DATABASE_URL"] == access.database_url
    assert written["REDIS_URL"] == access.redis_url


@pytest.mark.parametrize("option", [(), ("--writer",)])
def test_commands_after_eval_env_still_use_the_embedded_servers(
    stack: Stack, option: tuple[str, ...]
) -> None:
    variables = exported(songnodes(stack, "env", *option).stdout)
    until = time.monotonic() + COORDINATOR_ELECTED_WITHIN_S
    while True:
        report = json.loads(songnodes(stack, "status", "--json", **variables).stdout)
        if "NOT_COORDINATOR" not in report["unknown"].get("groups", "") or time.monotonic() > until:
            break
    assert [(server["answers"], server["embedded"]) for server in report["servers"]] == [(True, True)] * 4
    assert report["unknown"] == {}
    migrated = songnodes(stack, "migrate", **variables)
    assert migrated.returncode == 0, migrated.stderr
    for arguments in (("reconcile",), ("topics", "apply"), ("schemas", "register"), ("links",)):
        done = songnodes(stack, *arguments, **variables)
        assert done.returncode == 0, (arguments, done.stderr)
    second_output = exported(songnodes(stack, "env", **variables).stdout)
    assert second_output["DATABASE_URL"] == stack.addresses.database_analyst_url


# PostgreSQL


def test_postgres_requires_a_password(addresses: Access) -> None:
    place = without_login(addresses.database_url).removeprefix("postgresql://")
    users = ("postgres", "songnodes", "root", roles.OWNER, roles.WRITER, roles.ANALYST)
    for user in users:
        for password in ("", user, "postgres", "trust"):
            with pytest.raises(psycopg.OperationalError):
                psycopg.connect(f"postgresql://{user}:{quote(password)}@{place}", connect_timeout=5)
    for name in ("postgres", "template1"):
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(database(addresses.database_analyst_url, name), connect_timeout=5)


def test_the_superuser_cannot_log_in_with_any_password(addresses: Access) -> None:
    place = without_login(addresses.owner_url).removeprefix("postgresql://")
    for password in passwords(addresses):
        with pytest.raises(psycopg.OperationalError, match=r"rejects connection|no pg_hba"):
            psycopg.connect(f"postgresql://postgres:{password}@{place}", connect_timeout=5)


FORBIDDEN = (
    "COPY (SELECT 1) TO PROGRAM 'id'",
    "COPY pg_temp.x FROM PROGRAM 'id'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM pg_authid",
    "ALTER SYSTEM SET shared_preload_libraries = 'x'",
    "CREATE ROLE another SUPERUSER",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "LOAD '/tmp/x.so'",
    "CREATE FUNCTION x() RETURNS integer LANGUAGE c AS '/tmp/x.so', 'x'",
    "CREATE EXTENSION adminpack",
    "SELECT pg_reload_conf()",
    "SET temp_file_limit = -1",
)


@pytest.mark.parametrize("role", ["database_url", "database_owner_url", "database_analyst_url"])
def test_no_login_is_a_superuser(migrated: Access, role: str) -> None:
    with psycopg.connect(getattr(migrated, role), autocommit=True) as opened:
        attributes = opened.execute(
            "SELECT rolsuper, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles "
            "WHERE rolname = current_user"
        ).fetchone()
        assert attributes == (False, False, False, False)
        member = opened.execute(
            "SELECT rolname FROM pg_roles WHERE pg_has_role(current_user, oid, 'member') "
            "AND rolname ~ '^pg_(execute|read_server|write_server|read_all|write_all)'"
        ).fetchall()
        assert member == []
        opened.execute("SET default_transaction_read_only = off")
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.Error) as refused:
                opened.execute(statement.encode())
            assert refused.value.sqlstate in {"42501", "42P01", "3F000", "58P01", "0A000"}, (
                statement,
                refused.value,
            )
            if "PROGRAM" in statement and "FROM" not in statement:
                assert refused.value.sqlstate == "42501", statement


def test_an_analyst_reads_bronze_silver_gold_and_views_and_nothing_else(
    migrated: Access, analyst: psycopg.Connection
) -> None:
    there = relations(migrated)
    assert there.keys() >= BOOKKEEPING
    for name, kind in there.items():
        allowed = kind in ("v", "m") or (kind in ("r", "p") and READABLE.match(name) is not None)
        query = sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(name))
        if allowed:
            analyst.execute(query)
        else:
            with pytest.raises(errors.InsufficientPrivilege):
                analyst.execute(query)


def test_an_analyst_writes_nothing(migrated: Access, analyst: psycopg.Connection) -> None:
    for name, kind in relations(migrated).items():
        table = sql.Identifier(name)
        if kind not in ("r", "p"):
            continue
        for statement in ("DELETE FROM {}", "TRUNCATE {}", "INSERT INTO {} DEFAULT VALUES", "LOCK {}"):
            with pytest.raises(errors.InsufficientPrivilege), analyst.transaction():
                analyst.execute(sql.SQL(statement).format(table))
    for statement in (
        "CREATE TABLE mine (n integer)",
        "CREATE TEMPORARY TABLE mine (n integer)",
        "CREATE SCHEMA mine",
        "CREATE DATABASE mine",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql RETURN 1",
        "SELECT lo_creat(-1)",
        "SELECT lo_from_bytea(0, 'x')",
        "SELECT pg_advisory_lock(1)",
        "SELECT pg_try_advisory_xact_lock(1, 2)",
        "SELECT nextval('refresh_queue_seq_seq')",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'songnodes_writer'",
        "COMMENT ON TABLE gold_track_counts IS 'x'",
    ):
        if "terminate" in statement:
            with psycopg.connect(migrated.database_url), pytest.raises(errors.InsufficientPrivilege):
                analyst.execute(statement.encode())
            continue
        with pytest.raises(errors.InsufficientPrivilege):
            analyst.execute(statement.encode())


def test_an_analyst_is_read_only_with_a_connection_limit(migrated: Access) -> None:
    with psycopg.connect(migrated.database_analyst_url) as opened:
        assert opened.execute("SHOW default_transaction_read_only").fetchone() == ("on",)
        limit = opened.execute("SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user").fetchone()
        assert limit is not None and 0 < limit[0] <= 100


def test_the_writer_can_change_rows_but_no_table(migrated: Access, writer: psycopg.Connection) -> None:
    for name, kind in relations(migrated).items():
        table = sql.Identifier(name)
        if kind not in ("r", "p"):
            continue
        with writer.transaction(force_rollback=True):
            if "yoyo" in name or name in UNCHANGED:
                writer.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(table))
            else:
                writer.execute(sql.SQL("DELETE FROM {} WHERE false").format(table))
                writer.execute(sql.SQL("ANALYZE {}").format(table))
        statements = ["DROP TABLE {}", "ALTER TABLE {} ADD COLUMN mine integer"]
        if "yoyo" in name or name in UNCHANGED:
            statements += ["DELETE FROM {}", "TRUNCATE {}"]
        for statement in statements:
            with pytest.raises(errors.InsufficientPrivilege):
                writer.execute(sql.SQL(statement).format(table))
    with pytest.raises(errors.InsufficientPrivilege):
        writer.execute("CREATE TABLE mine (n integer)")
    with writer.transaction():
        writer.execute("CREATE TEMPORARY TABLE staged (n integer) ON COMMIT DROP")


def test_tables_of_later_migrations_are_covered(migrated: Access) -> None:
    """A gold table for analysts, bookkeeping for the writer alone, who needs no migration for it."""
    with psycopg.connect(migrated.owner_url, autocommit=True) as owner:
        owner.execute("CREATE TABLE gold_later (n integer)")
        owner.execute("CREATE TABLE later_positions (n integer GENERATED ALWAYS AS IDENTITY)")
        owner.execute("CREATE VIEW later_view AS SELECT 1 AS one")
        try:
            with psycopg.connect(migrated.database_url, autocommit=True) as opened:
                opened.execute("INSERT INTO gold_later VALUES (1)")
                opened.execute("INSERT INTO later_positions DEFAULT VALUES")
            migrations.apply(migrated.owner_url)
            with psycopg.connect(migrated.database_analyst_url, autocommit=True) as opened:
                assert opened.execute("SELECT n FROM gold_later").fetchall() == [(1,)]
                assert opened.execute("SELECT one FROM later_view").fetchall() == [(1,)]
                with pytest.raises(errors.InsufficientPrivilege):
                    opened.execute("SELECT * FROM later_positions")
        finally:
            owner.execute("DROP VIEW later_view")
            owner.execute("DROP TABLE gold_later, later_positions")


def test_only_the_owner_migrates(addresses: Access, migrated: Access) -> None:
    name = f"d{uuid4().hex[:8]}"
    with psycopg.connect(addresses.owner_url, autocommit=True) as owner:
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            for url in (addresses.database_url, addresses.database_analyst_url):
                with pytest.raises(migrations.NotOwner, match="DATABASE_OWNER_URL"):
                    migrations.apply(database(url, name))
                assert len(migrations.pending(database(url, name))) > 10
        finally:
            owner.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    assert migrations.pending(migrated.database_url) == []


# Redis


def test_redis_requires_a_password(addresses: Access) -> None:
    place = without_login(addresses.redis_url).removeprefix("redis://")
    for login in ("", ":x@", f"{REDIS_USER}:@", f"{REDIS_USER}:x@", "default:@", f"default:{REDIS_USER}@"):
        with redis.Redis.from_url(f"redis://{login}{place}", socket_timeout=5) as client:
            for command in ("PING", "INFO", "DBSIZE"):
                with pytest.raises((redis.AuthenticationError, NoPermissionError, redis.ResponseError)):
                    client.execute_command(command)
    port = urlsplit(addresses.redis_url).port
    with socket.create_connection(("127.0.0.1", port or 0), timeout=5) as raw:
        raw.sendall(b"CONFIG SET dir /tmp\r\n")
        assert raw.recv(100).startswith(b"-NOAUTH")


@pytest.mark.parametrize(
    "command",
    [
        "CONFIG GET dir",
        "CONFIG SET dir /tmp",
        "CONFIG SET dbfilename x.so",
        "CONFIG REWRITE",
        "MODULE LOAD /tmp/x.so",
        "MODULE LIST",
        "DEBUG SLEEP 0",
        "SAVE",
        "BGSAVE",
        "BGREWRITEAOF",
        "SLAVEOF 127.0.0.1 1",
        "REPLICAOF 127.0.0.1 1",
        "PSYNC ? -1",
        "MIGRATE 127.0.0.1 1 k 0 1",
        "ACL SETUSER x on nopass ~* +@all",
        "SHUTDOWN NOSAVE",
        "FLUSHALL",
        "FLUSHDB",
        "MONITOR",
        "KEYS *",
        "CLIENT LIST",
        "CLUSTER RESET",
    ],
)
def test_the_pipelines_login_can_access_no_file_and_no_configuration(addresses: Access, command: str) -> None:
    with redis.Redis.from_url(addresses.redis_url, socket_timeout=5) as client:
        with pytest.raises(NoPermissionError):
            client.execute_command(*command.split())
        with pytest.raises(redis.ResponseError):
            client.eval(f"return redis.call({', '.join(map(repr, command.split()))})", 0)


def test_redis_serves_the_commands_of_the_pipeline(addresses: Access) -> None:
    with redis.Redis.from_url(addresses.redis_url, socket_timeout=5, decode_responses=True) as client:
        client.set("songnodes:test", "1", px=10_000)
        assert client.get("songnodes:test") == "1"
        assert client.register_script("return redis.call('GET', KEYS[1])")(keys=["songnodes:test"]) == "1"
        assert client.info("server")["redis_version"]
        client.delete("songnodes:test")
        with pytest.raises(NoPermissionError):
            client.get("another:key")


# Kafka


@pytest.mark.parametrize(
    "login",
    [
        {},
        {"kafka_security_protocol": "SASL_PLAINTEXT", "kafka_sasl_username": "songnodes"},
        {"kafka_sasl_username": "songnodes", "kafka_sasl_password": "wrong-password"},
        {"kafka_sasl_username": "admin", "kafka_sasl_password": "admin-secret"},
    ],
)
@pytest.mark.parametrize("port", ["kafka", "kafka_controller"])
def test_kafka_requires_a_password(stack: Stack, login: dict[str, str], port: str) -> None:
    (server,) = (server for server in stack.servers() if server.name == "kafka")
    there = Access(kafka_bootstrap=f"127.0.0.1:{server.ports[port]}", **login)
    with pytest.raises(KafkaException):
        AdminClient({**connection(there), "log_level": 0}).list_topics(timeout=3)
    assert not probes.kafka(there)


def test_kafka_serves_clients_with_the_password(addresses: Access) -> None:
    assert AdminClient(connection(addresses)).list_topics(timeout=10).brokers


def test_all_servers_are_covered_by_this_file() -> None:
    """A new server needs its tests in this file."""
    assert {server.name for server in SERVERS} == {"kafka", "postgres", "redis", "registry"}
    assert {*secrets.Secrets.__slots__} == {
        "postgres_owner",
        "postgres_writer",
        "postgres_analyst",
        "redis",
        "kafka",
    }


def test_a_wrong_password_is_never_in_the_message(addresses: Access, tmp_path: Path) -> None:
    wrong = "a-wrong-secret"
    bad = {
        "DATABASE_URL": database(addresses.database_url, "songnodes").replace(
            urlsplit(addresses.database_url).password or "", wrong
        ),
        "REDIS_URL": f"redis://songnodes:{wrong}@{without_login(addresses.redis_url).removeprefix('redis://')}",
        "KAFKA_BOOTSTRAP": addresses.kafka_bootstrap,
        "KAFKA_SASL_USERNAME": "songnodes",
        "KAFKA_SASL_PASSWORD": wrong,
        "SCHEMA_REGISTRY_URL": addresses.schema_registry_url,
        "SCHEMA_REGISTRY_USERNAME": "x",
        "SCHEMA_REGISTRY_PASSWORD": wrong,
    }

    def run(arguments: tuple[str, ...], level: str) -> subprocess.CompletedProcess[str]:
        home = tmp_path / "-".join((*arguments, level))
        home.mkdir()
        return subprocess.run(
            [sys.executable, "-m", "songnodes", *arguments],
            env={
                "PATH": os.environ["PATH"],
                "SONGNODES_HOME": str(home),
                "SONGNODES_LOG_LEVEL": level,
                **bad,
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    commands = (
        ("status",),
        ("topics", "check"),
        ("migrate",),
        ("run", "sink"),
        ("up",),
        ("run", "crawl"),
    )
    cases = list(product(commands, ("info", "debug")))
    with ThreadPoolExecutor(CONCURRENT_COMMANDS) as pool:  # they wait for servers that refuse them
        outcomes = list(pool.map(run, *zip(*cases, strict=True)))
    for (arguments, level), done in zip(cases, outcomes, strict=True):
        assert wrong not in done.stdout + done.stderr, (arguments, level)
        assert arguments == ("status",) or done.returncode in (1, 75)
