"""The embedded stack on real servers: persistence, recovery from kills, and clean-up."""

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
RECOVERY_TIMEOUT_S = 120  # seconds; 5 on an idle machine
#: Servers that a test does not need are configured as external; they are never contacted.
ELSEWHERE = "127.0.0.1:1"
EXCEPT_POSTGRES = dict.fromkeys(("kafka_bootstrap", "redis_url", "schema_registry_url"), ELSEWHERE)
WITHOUT_JAVA = dict.fromkeys(("kafka_bootstrap", "schema_registry_url"), ELSEWHERE)


def wait_until(true: Callable[[], object], seconds: float = RECOVERY_TIMEOUT_S) -> None:
    """Wait wait_until a condition holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be so in time"
        time.sleep(0.1)


def server(stack: Stack, name: str) -> Server:
    return next(candidate for candidate in stack.servers() if candidate.name == name)


def pids(stack: Stack) -> dict[str, int | None]:
    return {process.name: process.pid for process in stack.processes()}


@pytest.fixture
def home() -> Iterator[Path]:
    """Yield a data directory for one test, removed together with its data elsewhere."""
    directory = Path(tempfile.mkdtemp(prefix="songnodes-stack-"))
    yield directory
    Stack(directory, outside={}).discard()
    assert orphans.find(directory) == []


@pytest.fixture(scope="module")
def shared_home() -> Iterator[Path]:
    directory = Path(tempfile.mkdtemp(prefix="songnodes-stack-"))
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="module")
def own(shared_home: Path) -> Iterator[Stack]:
    """Yield a stack for tests that kill single servers and leave all of them running."""
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
def test_a_killed_server_is_restarted(own: Stack, name: str) -> None:
    before = own.process(name).kill()
    wait_until(lambda: own.process(name).pid not in (None, before))
    wait_until(server(own, name).answers)


def test_schema_ids_survive_a_kill_during_registration(own: Stack) -> None:
    """Every returned id may be in records already: after the kill it must mean the same schema."""
    pid, url = own.registry.pid, own.addresses.schema_registry_url
    assert pid
    ids: dict[str, int] = {}
    with requests.Session() as session:
        for number in range(40):
            text = (SCHEMA.schema_str or "").replace("Track", f"Track{number}")
            answer = session.post(
                f"{url}/subjects/killed-{number}/versions", json={"schema": text}, timeout=20
            )
            ids[text] = answer.json()["id"]
        os.kill(pid, signal.SIGKILL)  # a millisecond after the last answer
    wait_until(lambda: own.registry.pid not in (None, pid))
    wait_until(server(own, "registry").answers)
    for text, schema_id in ids.items():
        response = requests.get(f"{url}/schemas/ids/{schema_id}", timeout=20)
        assert response.status_code == 200, (schema_id, response.text)
        assert json.loads(response.json()["schema"]) == json.loads(text)  # given back without spaces


def test_late_answers_about_groups_do_not_end_the_process(own: Stack) -> None:
    """In a process of its own: librdkafka aborts it where a response arrives after its own time limit."""
    code = """
import os, signal, sys, time
from concurrent.futures import ThreadPoolExecutor
from confluent_kafka import KafkaException
from songnodes.messaging import clients, log_offsets
from songnodes.messaging.group_members import members
from songnodes.settings import load

admin = clients.admin(load())
groups = [f"nobody-{number}" for number in range(12)]
for group in groups:
    log_offsets.retry_transient(lambda: members(admin, group, timeout_s=30))

def describe(group):
    try:
        return len(members(admin, group, timeout_s=0.5))
    except KafkaException as error:
        return error.args[0].name()

broker = int(sys.argv[1])
os.kill(broker, signal.SIGSTOP)
try:
    with ThreadPoolExecutor(12) as threads:
        for _ in range(3):
            print(*threads.map(describe, groups))
finally:
    os.kill(broker, signal.SIGCONT)
log_offsets.retry_transient(lambda: members(admin, "nobody", timeout_s=60))
time.sleep(1)
"""
    ended = subprocess.run(
        [sys.executable, "-c", code, str(pids(own)["kafka"])],
        env={**os.environ, "SONGNODES_HOME": str(own.home)},
        capture_output=True,
        text=True,
        timeout=RECOVERY_TIMEOUT_S,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.split() == ["_TIMED_OUT"] * 36


def test_a_second_start_changes_nothing(own: Stack) -> None:
    wait_until(lambda: all(process.state == "RUNNING" for process in own.processes()))
    before = pids(own)
    Stack(own.home, outside={}).start(parent=os.getpid())
    assert pids(own) == before


def test_the_addresses_are_stored_for_the_settings(own: Stack) -> None:
    stored = stored_access(own.home)
    assert stored is not None
    assert stored[0] == own.addresses
    assert stored[1] == {*ADDRESSES}


def test_env_prints_shell_variables(own: Stack) -> None:
    environment = {**os.environ, "SONGNODES_HOME": str(own.home)}
    script = f'eval "$({sys.executable} -m songnodes env)" && printenv DATABASE_URL KAFKA_BOOTSTRAP'
    shell = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert shell.stdout.splitlines() == [own.addresses.database_analyst_url, own.addresses.kafka_bootstrap]


def test_a_failed_worker_is_restarted_and_a_running_one_is_not(own: Stack) -> None:
    count = own.home / "count"
    failing = Worker(name="failing", command=("sh", "-c", f"echo $SONGNODES_WORKER_SLOT >> {count}; exit 3"))
    running = Worker(name="running", command=("sleep", "1000"), slots=2)
    servers = {name: pid for name, pid in pids(own).items() if name in NAMES}
    own.start([failing, running], steps=())
    wait_until(lambda: count.exists() and len(count.read_text().split()) >= 3)
    wait_until(lambda: own.process("running-1").pid)
    before = pids(own)
    assert servers.items() <= before.items()
    own.start(steps=())  # as `up --servers-only`: workers go on
    assert {name: pids(own)[name] for name in ("running", "running-1")} == {
        name: before[name] for name in ("running", "running-1")
    }


def test_a_killed_supervisor_leaves_orphans_that_the_next_start_ends(home: Path) -> None:
    stack = Stack(home, outside=WITHOUT_JAVA)
    stack.start([Worker(name="worker", command=("sleep", "1000"))], steps=())
    orphan_processes = [psutil.Process(pid) for pid in pids(stack).values() if pid]
    supervisor = int((home / "supervisord.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    wait_until(lambda: stack.processes() == [])
    assert not any(has_ended(process) for process in orphan_processes)
    progress: list[str] = []
    stack.start(on_progress=progress.append)
    assert "ended processes that a killed supervisor had left" in progress
    assert all(has_ended(process) for process in orphan_processes)  # collected or not yet
    assert all(candidate.answers() for candidate in stack.servers())


def test_stale_pids_and_incomplete_directories_do_not_prevent_a_start(home: Path) -> None:
    (home / "supervisord.pid").write_text(str(os.getpid()))
    (home / "supervisor.sock").write_text("no socket")
    for half in (".postgres-half-made", ".kafka-half-made"):
        (home / half / "base").mkdir(parents=True)
    stack = Stack(home, outside={"schema_registry_url": ELSEWHERE})
    stack.start()
    stack.stop()
    # As after a restart of the machine: the pid belongs to another process.
    (home / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{home}/postgres\n1\n1\n\n\n  0 0\n")
    stack.start()
    assert all(candidate.answers() for candidate in stack.servers())


def test_a_taken_port_is_reported_before_anything_starts(home: Path) -> None:
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
    outside = {name: text for name, text in own.addresses.plain().items() if not name.startswith("redis")}
    stack = Stack(home, outside=outside)
    addresses = stack.start()
    assert set(pids(stack)) == {"redis"}
    assert addresses.kafka_bootstrap == own.addresses.kafka_bootstrap
    assert addresses.redis_url != own.addresses.redis_url


def test_a_stack_ends_with_its_parent_process(home: Path) -> None:
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
    wait_until(lambda: not orphans.find(home))


def test_a_private_data_directory_works(home: Path) -> None:
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
    shutil.rmtree(private)  # data outside of it remain
    private.mkdir(mode=0o700)
    stack.start()
    with psycopg.connect(stack.addresses.database_url) as connection:
        assert connection.execute("SELECT to_regclass('mine')").fetchone() == (None,)
    stack.discard()
    assert not private.exists()
    assert not data.exists()


def test_a_private_installation_is_copied(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The copy runs with its own libraries, in a directory that PostgreSQL's user can enter."""
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
    progress: list[str] = []
    stack.start(on_progress=progress.append)
    assert not any("copying" in line for line in progress)
    stack.discard()
    shutil.rmtree(public)
