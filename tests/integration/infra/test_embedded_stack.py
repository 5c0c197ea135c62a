"""The embedded stack on real servers: what it keeps, what it survives, what it leaves behind."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
import requests
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

from infra.embedded import orphans, placement
from infra.embedded.account import Account
from infra.embedded.ports import PortTaken
from infra.embedded.process_wait import has_ended
from infra.embedded.server import Server
from infra.embedded.stack import SERVERS, Stack
from infra.embedded.workers import Worker
from songnodes.access import ADDRESSES, Access
from songnodes.messaging.clients import connection
from songnodes.settings import stored_access

NAMES = [server.name for server in SERVERS]
SCHEMA = Schema(
    '{"type": "record", "name": "Track", "fields": [{"name": "title", "type": "string"}]}', "AVRO"
)
RECOVERY = 120  # seconds; 5 on a machine that does nothing else
#: Servers that a test does not need are said to be elsewhere; nobody asks them.
ELSEWHERE = "127.0.0.1:1"
EXCEPT_POSTGRES = dict.fromkeys(("kafka_bootstrap", "redis_url", "schema_registry_url"), ELSEWHERE)
WITHOUT_JAVA = dict.fromkeys(("kafka_bootstrap", "schema_registry_url"), ELSEWHERE)


def until(true: Callable[[], object], seconds: float = RECOVERY) -> None:
    """Wait until something is so, or fail."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be so in time"
        time.sleep(0.1)


def server(stack: Stack, name: str) -> Server:
    return next(each for each in stack.servers() if each.name == name)


def pids(stack: Stack) -> dict[str, int | None]:
    return {process.name: process.pid for process in stack.processes()}


@pytest.fixture
def home() -> Iterator[Path]:
    """A data directory of the test's own, removed with what of it lies elsewhere."""
    made = Path(tempfile.mkdtemp(prefix="songnodes-stack-"))
    yield made
    Stack(made, outside={}).discard()
    assert orphans.find(made) == []


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="songnodes-stack-"))
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def own(shared_home: Path) -> Iterator[Stack]:
    """A stack for the tests that kill servers one by one and leave all of them running."""
    stack = Stack(shared_home, outside={})
    try:
        stack.start(parent=os.getpid())
        yield stack
    finally:
        stack.stop()


def write_everywhere(addresses: Access) -> int:
    """Write to each server; return the id of the schema registered."""
    with psycopg.connect(addresses.owner_url) as database:
        database.execute("CREATE TABLE kept (n integer)")
        database.execute("INSERT INTO kept VALUES (7)")
    with redis.Redis.from_url(addresses.redis_url) as client:
        client.set("songnodes:kept", "7")
    admin = AdminClient(connection(addresses))
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result()
    producer = Producer(connection(addresses))
    producer.produce("kept", b"7")
    assert producer.flush(10) == 0
    time.sleep(1.1)  # Redis writes its file through once a second
    with SchemaRegistryClient({"url": addresses.schema_registry_url, "timeout": 10}) as registry:
        return int(registry.register_schema("kept-value", SCHEMA))


def check_everywhere(addresses: Access, schema_id: int) -> None:
    with psycopg.connect(addresses.owner_url) as database:
        assert database.execute("SELECT n FROM kept").fetchall() == [(7,)]
    with redis.Redis.from_url(addresses.redis_url) as client:
        assert client.get("songnodes:kept") == b"7"
    consumer = Consumer({**connection(addresses), "group.id": "kept"})
    consumer.assign([TopicPartition("kept", 0, 0)])
    record = consumer.poll(20)
    consumer.close()
    assert record is not None
    assert (record.error(), record.value()) == (None, b"7")
    with SchemaRegistryClient({"url": addresses.schema_registry_url, "timeout": 10}) as registry:
        assert registry.register_schema("kept-value", SCHEMA) == schema_id
        assert registry.get_schema(schema_id).schema_str


def test_a_restart_keeps_addresses_data_and_schema_ids(home: Path) -> None:
    stack = Stack(home, outside={})
    first = stack.start()
    schema_id = write_everywhere(first)
    stack.stop()
    assert stack.processes() == []
    second = stack.start()
    assert second == first
    check_everywhere(second, schema_id)


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_server_comes_back_by_itself(own: Stack, name: str) -> None:
    before = own.process(name).kill()
    until(lambda: own.process(name).pid not in (None, before))
    until(server(own, name).answers)


def test_schema_ids_survive_a_kill_in_the_middle_of_registering(own: Stack) -> None:
    """Every id that was given is in records by then: after the kill it must mean the same schema."""
    pid, url = own.registry.pid, own.addresses.schema_registry_url
    assert pid
    given: dict[str, int] = {}
    with requests.Session() as session:
        for number in range(40):
            text = (SCHEMA.schema_str or "").replace("Track", f"Track{number}")
            answer = session.post(
                f"{url}/subjects/killed-{number}/versions", json={"schema": text}, timeout=20
            )
            given[text] = answer.json()["id"]
        os.kill(pid, signal.SIGKILL)  # a millisecond after the last answer
    until(lambda: own.registry.pid not in (None, pid))
    until(server(own, "registry").answers)
    for text, schema_id in given.items():
        kept = requests.get(f"{url}/schemas/ids/{schema_id}", timeout=20)
        assert kept.status_code == 200, (schema_id, kept.text)
        assert json.loads(kept.json()["schema"]) == json.loads(text)  # given back without spaces


def test_starting_again_changes_nothing(own: Stack) -> None:
    until(lambda: all(process.state == "RUNNING" for process in own.processes()))
    before = pids(own)
    Stack(own.home, outside={}).start(parent=os.getpid())
    assert pids(own) == before


def test_the_addresses_are_kept_where_settings_look(own: Stack) -> None:
    kept = stored_access(own.home)
    assert kept is not None
    assert kept[0] == own.addresses
    assert kept[1] == {*ADDRESSES}


def test_env_prints_what_a_shell_takes_in(own: Stack) -> None:
    environment = {**os.environ, "SONGNODES_HOME": str(own.home)}
    script = f'eval "$({sys.executable} -m songnodes env)" && printenv DATABASE_URL KAFKA_BOOTSTRAP'
    shell = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert shell.stdout.splitlines() == [own.addresses.database_analyst_url, own.addresses.kafka_bootstrap]


def test_a_worker_that_fails_is_started_again_and_one_that_runs_is_left(own: Stack) -> None:
    count = own.home / "count"
    failing = Worker(name="failing", command=("sh", "-c", f"echo $SONGNODES_WORKER_SLOT >> {count}; exit 3"))
    running = Worker(name="running", command=("sleep", "1000"), slots=2)
    servers = {name: pid for name, pid in pids(own).items() if name in NAMES}
    own.start([failing, running], steps=())
    until(lambda: count.exists() and len(count.read_text().split()) >= 3)
    until(lambda: own.process("running-1").pid)
    before = pids(own)
    assert servers.items() <= before.items()
    own.start(steps=())  # as `up --servers-only`: workers go on
    assert {name: pids(own)[name] for name in ("running", "running-1")} == {
        name: before[name] for name in ("running", "running-1")
    }


def test_a_killed_supervisor_leaves_orphans_that_the_next_start_ends(home: Path) -> None:
    stack = Stack(home, outside=WITHOUT_JAVA)
    stack.start([Worker(name="worker", command=("sleep", "1000"))], steps=())
    left = [psutil.Process(pid) for pid in pids(stack).values() if pid]
    supervisor = int((home / "supervisord.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    until(lambda: stack.processes() == [])
    assert not any(has_ended(process) for process in left)
    told: list[str] = []
    stack.start(on_progress=told.append)
    assert "ended processes that a killed supervisor had left" in told
    assert all(has_ended(process) for process in left)  # collected or not yet
    assert all(each.answers() for each in stack.servers())


def test_stale_pids_and_half_made_directories_do_not_hinder(home: Path) -> None:
    (home / "supervisord.pid").write_text(str(os.getpid()))
    (home / "supervisor.sock").write_text("no socket")
    for half in (".postgres-half-made", ".kafka-half-made"):
        (home / half / "base").mkdir(parents=True)
    stack = Stack(home, outside={"schema_registry_url": ELSEWHERE})
    stack.start()
    stack.stop()
    # As after a restart of the machine: the number belongs to somebody else now.
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/postgres\n1\n1\n\n\n  0 0\n")
    stack.start()
    assert all(each.answers() for each in stack.servers())


def test_a_taken_port_is_told_before_anything_starts(home: Path) -> None:
    stack = Stack(home, outside={})
    port = int(stack.addresses.kafka_bootstrap.rpartition(":")[2])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        with pytest.raises(PortTaken, match=f"port={port}"):
            stack.start()
    assert stack.processes() == []


def test_with_all_addresses_from_outside_nothing_starts(own: Stack, home: Path) -> None:
    stack = Stack(home, outside=own.addresses.plain())
    assert stack.start() == own.addresses
    assert stack.processes() == []
    assert not (home / "supervisord.conf").exists()


def test_with_some_addresses_from_outside_only_the_others_start(own: Stack, home: Path) -> None:
    given = {name: text for name, text in own.addresses.plain().items() if not name.startswith("redis")}
    stack = Stack(home, outside=given)
    addresses = stack.start()
    assert set(pids(stack)) == {"redis"}
    assert addresses.kafka_bootstrap == own.addresses.kafka_bootstrap
    assert addresses.redis_url != own.addresses.redis_url


def test_a_stack_ends_with_the_process_that_holds_it(home: Path) -> None:
    code = (
        "import json, os, sys, time; from pathlib import Path; from infra.embedded.stack import Stack;"
        "Stack(Path(sys.argv[1]), outside=json.loads(sys.argv[2])).start(parent=os.getpid());"
        "print('up', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(home), json.dumps(WITHOUT_JAVA)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    with holder:
        assert holder.stdout.readline() == "up\n"
        assert orphans.find(home)
        holder.kill()
    until(lambda: not orphans.find(home))


def test_a_home_that_only_its_owner_enters(home: Path) -> None:
    """As root PostgreSQL is another user: its data lie elsewhere, with a link, and never serve a later home
    of the same name."""
    private = home / "private"
    private.mkdir(mode=0o700)
    stack = Stack(private, outside=EXCEPT_POSTGRES)
    stack.start()
    with psycopg.connect(stack.addresses.owner_url) as connection:
        connection.execute("CREATE TABLE mine (n integer)")
    data = (private / "postgres").resolve()
    stack.stop()
    assert data.exists()
    shutil.rmtree(private)  # and what lies elsewhere is left
    private.mkdir(mode=0o700)
    stack.start()
    with psycopg.connect(stack.addresses.database_url) as connection:
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
    stack.discard()
    assert not private.exists()
    assert not data.exists()


def test_an_installation_that_only_its_owner_enters_is_copied(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy runs by itself: with its libraries, in a place that PostgreSQL's user may enter."""
    public = Path(tempfile.mkdtemp(prefix="songnodes-public-"))
    public.chmod(0o711)
    monkeypatch.setattr(placement, "PUBLIC", public / "songnodes")
    can_run = Account.can_run
    monkeypatch.setattr(
        Account,
        "can_run",
        lambda self, program: "site-packages" not in str(program) and can_run(self, program),
    )
    stack = Stack(home, outside=EXCEPT_POSTGRES)
    stack.start()
    assert server(stack, "postgres").answers()
    pid = stack.postgres.pid
    assert pid
    assert psutil.Process(pid).exe().startswith(str(public))
    told: list[str] = []
    stack.start(on_progress=told.append)
    assert not any("copying" in line for line in told)
    stack.discard()
    shutil.rmtree(public)
