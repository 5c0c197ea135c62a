"""Output of `songnodes status` and `songnodes logs` on real servers."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from rich.console import Console

from infra.embedded import lag, rows
from infra.embedded.report import report
from infra.embedded.stack import Stack
from infra.embedded.status import status
from songnodes.access import Access
from songnodes.messaging.clients import connection
from tests.support.client_requests import count_requests

HOUR_AGO = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@pytest.fixture
def namespace(addresses: Access) -> Iterator[str]:
    name = f"t{uuid4().hex[:8]}"
    admin = AdminClient(connection(addresses))
    admin.create_topics([NewTopic(f"{name}.in", 2, 1)])[f"{name}.in"].result()
    yield name
    admin.delete_topics([f"{name}.in"])[f"{name}.in"].result()


@contextmanager
def group(addresses: Access, namespace: str) -> Iterator[Consumer]:
    consumer = Consumer({**connection(addresses), "group.id": f"{namespace}.songnodes-silver-v1"})
    yield consumer
    consumer.close()


def produce(addresses: Access, topic: str, count: int, partition: int, at: datetime) -> None:
    producer = Producer(connection(addresses))
    for number in range(count):
        moment = at + timedelta(seconds=number)
        producer.produce(topic, b"x", partition=partition, timestamp=int(moment.timestamp() * 1000))
    assert producer.flush(10) == 0


def test_lag_counts_what_a_group_has_not_committed(addresses: Access, namespace: str) -> None:
    topic = f"{namespace}.in"
    produce(addresses, topic, 10, 0, HOUR_AGO)
    with group(addresses, namespace) as consumer:
        consumer.commit(offsets=[TopicPartition(topic, 0, 4)], asynchronous=False)
    assert lag.groups(addresses, namespace) == [
        lag.GroupLag(
            group=f"{namespace}.songnodes-silver-v1",
            records=6,
            oldest=HOUR_AGO + timedelta(seconds=4),
            committed=4,
        )
    ]


def test_a_partition_without_a_commit_counts_from_its_start(addresses: Access, namespace: str) -> None:
    topic = f"{namespace}.in"
    produce(addresses, topic, 10, 0, HOUR_AGO)
    produce(addresses, topic, 3, 1, HOUR_AGO - timedelta(hours=1))
    with group(addresses, namespace) as consumer:
        consumer.commit(offsets=[TopicPartition(topic, 0, 10)], asynchronous=False)
    (group_lag,) = lag.groups(addresses, namespace)
    assert (group_lag.records, group_lag.oldest) == (3, HOUR_AGO - timedelta(hours=1))


def test_a_group_without_lag_has_no_oldest_record(addresses: Access, namespace: str) -> None:
    topic = f"{namespace}.in"
    produce(addresses, topic, 5, 0, HOUR_AGO)
    with group(addresses, namespace) as consumer:
        consumer.commit(offsets=[TopicPartition(topic, 0, 5)], asynchronous=False)
    (group_lag,) = lag.groups(addresses, namespace)
    assert (group_lag.records, group_lag.oldest) == (0, None)


def test_a_group_lags_by_all_records_of_its_declared_topics(addresses: Access, namespace: str) -> None:
    """Case 20: the commits were deleted with the topic, and nothing is read."""
    topic, name = f"{namespace}.in", f"{namespace}.songnodes-silver-v1"
    produce(addresses, topic, 7, 0, HOUR_AGO)
    declared = {name: (topic, f"{namespace}.missing")}
    (group_lag,) = lag.groups(addresses, namespace, declared)
    assert (group_lag.group, group_lag.records) == (name, 7)
    assert group_lag.missing == (f"{namespace}.missing",), "nothing of it is read, however few are behind"
    with group(addresses, namespace) as consumer:
        consumer.commit(offsets=[TopicPartition(topic, 0, 9)], asynchronous=False)
    (group_lag,) = lag.groups(addresses, namespace, declared)
    assert group_lag.records == 7, "a commit beyond the end is of an earlier topic of the name"


def test_no_record_is_fetched(addresses: Access, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A consumer that read the oldest record received up to 64 MiB per group."""
    topic, size, count = f"{namespace}.in", 100_000, 300
    producer = Producer(connection(addresses))
    for _ in range(count):
        producer.produce(topic, os.urandom(size), partition=0)
    assert producer.flush(30) == 0
    with group(addresses, namespace) as consumer:
        consumer.commit(offsets=[TopicPartition(topic, 0, 4)], asynchronous=False)
    with count_requests(monkeypatch) as requests:
        (behind,) = lag.groups(addresses, namespace)
    assert behind.records == count - 4
    assert behind.oldest is not None
    assert requests.total("OffsetFetch") > 0, "the requests are counted"
    assert requests.total("Fetch") == 0
    assert requests.received_bytes() < size


def test_a_group_without_members_is_listed(addresses: Access, namespace: str) -> None:
    assert lag.without_members(addresses, [f"{namespace}.nobody"]) == [f"{namespace}.nobody"]


def test_other_pipelines_are_not_counted(addresses: Access, namespace: str) -> None:
    with group(addresses, namespace) as consumer:
        consumer.commit(offsets=[TopicPartition(f"{namespace}.in", 0, 0)], asynchronous=False)
    assert lag.groups(addresses, f"{namespace}x") == []


def test_rows_of_each_table_are_counted(addresses: Access) -> None:
    table = f"t{uuid4().hex[:8]}"
    with psycopg.connect(addresses.owner_url, autocommit=True) as connection:
        connection.execute(f"CREATE TABLE {table} AS SELECT generate_series(1, 17)")
        try:
            assert rows.TableRows(table=table, rows=17, exact=True) in rows.tables(addresses.owner_url)
        finally:
            connection.execute(f"DROP TABLE {table}")


def test_status_is_printed_as_text_and_as_json(stack: Stack) -> None:
    current = status(stack)
    assert [(server.name, server.answers) for server in current.servers] == [
        ("kafka", True),
        ("postgres", True),
        ("redis", True),
        ("registry", True),
    ]
    assert current.unknown == {}
    now = datetime.now(UTC)
    assert json.loads(json.dumps(current.plain(now)))["servers"][0]["name"] == "kafka"
    page = StringIO()
    Console(file=page, width=160).print(report(current, now))
    for word in (*(server.address for server in current.servers), "Consumer groups", "Tables"):
        assert word in page.getvalue()


@pytest.mark.timeout(120)
def test_status_reports_the_rest_when_servers_are_down(addresses: Access, tmp_path: Path) -> None:
    """No server listens on port 1."""
    outside = addresses.plain() | {
        "kafka_bootstrap": "127.0.0.1:1",
        "database_url": "postgresql://u:secret@127.0.0.1:1/x",
    }
    current = status(Stack(tmp_path, outside=outside))
    assert {server.name: server.answers for server in current.servers} == {
        "kafka": False,
        "postgres": False,
        "redis": True,
        "registry": True,
    }
    of_postgres = {"tables", "frontier", "refresh", "rechecks", "set_aside", "list_warnings"}
    assert set(current.unknown) == {"groups", *of_postgres}
    page = StringIO()
    Console(file=page, width=160).print(report(current, datetime.now(UTC)))
    assert "groups: kafka does not answer" in page.getvalue()
    assert "secret" not in page.getvalue()


def cli(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "songnodes", *arguments],
        env={**os.environ, "SONGNODES_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_logs_of_one_process_and_of_all_are_printed(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "gold.log").write_text("one\ntwo\nthree\n")
    (tmp_path / "logs" / "sink.log").write_text("four\n")
    assert cli(tmp_path, "logs", "gold", "-n", "2").stdout == "two\nthree\n"
    assert cli(tmp_path, "logs").stdout == "gold: one\ngold: two\ngold: three\nsink: four\n"
    missing = cli(tmp_path, "logs", "silver")
    assert missing.returncode == 1
    assert "gold, sink" in missing.stderr
