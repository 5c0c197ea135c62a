"""Test bench for sinks: create topics and schemas, publish records, read tables."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from confluent_kafka.admin import NewTopic, OffsetSpec
from psycopg import sql
from psycopg.rows import dict_row

from sinks import database, tables
from sinks.contents import Record
from sinks.letters import Letters
from sinks.main import keep, topic_ids
from sinks.splitting import write_or_split
from sinks.tables.writer import Entry, Session, Writer
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_producer import TOPIC
from songnodes.settings import Settings
from tests.support.sample_records import SAMPLES

EVENTUALLY_TIMEOUT_S = 60.0


class Bench:
    """Topics and tables of one pipeline, without its stages. Only topics that a test names are created."""

    def __init__(self, settings: Settings, codec: Codec) -> None:
        self.settings = settings
        self.codec = codec
        self.admin = clients.admin(settings)
        self.producer = clients.producer(settings, **{"linger.ms": 1})
        self.undelivered: list[str] = []  # errors of records that Kafka did not take

    def make(self, *logical: str) -> None:
        """Create these topics and that of dead letters: all 40 would take 10 s per test."""
        existing = self.admin.list_topics(timeout=10).topics
        entries = {topics.physical(name, self.settings): topics.topic(name) for name in (*logical, TOPIC)}
        wanted = [
            NewTopic(name, entry.partitions, config=dict(entry.config))
            for name, entry in entries.items()
            if name not in existing
        ]
        for future in self.admin.create_topics(wanted).values() if wanted else ():
            future.result()
        topics.wait_for_leaders(self.admin, {name: entry.partitions for name, entry in entries.items()})

    def publish(self, topic: str, *records: dict[str, Any]) -> None:
        """Publish records to a topic, by their key."""
        key = SAMPLES[topic][0]
        for record in records:
            self.publish_raw(topic, str(record[key]), self.codec.encode(topic, record))
        assert self.producer.flush(30) == 0
        assert not self.undelivered, self.undelivered

    def publish_raw(self, topic: str, key: str, value: bytes | None, **more: Any) -> None:
        name = topics.physical(topic, self.settings)
        self.producer.produce(name, value, key, on_delivery=self._note_failure, **more)
        self.producer.poll(0)

    def _note_failure(self, error: KafkaError | None, _message: Message) -> None:
        if error is not None:
            self.undelivered.append(error.str())

    def query(self, statement: str, *arguments: Any) -> list[dict[str, Any]]:
        with psycopg.connect(self.settings.database_url, row_factory=dict_row) as connection:
            return connection.execute(statement, arguments or None).fetchall()

    def execute(self, statement: str, *arguments: Any) -> None:
        """Execute a statement as the owner of the tables, which may also alter them."""
        with psycopg.connect(self.settings.owner_url) as connection:
            connection.execute(statement, arguments or None)

    def value(self, statement: str, *arguments: Any) -> Any:
        return next(iter(self.query(statement, *arguments)[0].values()))

    def count(self, table: str) -> int:
        """Return the number of rows of a table."""
        with psycopg.connect(self.settings.database_url) as connection:
            statement = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            return int(connection.execute(statement).fetchall()[0][0])

    def ends(self, topic: str) -> dict[int, int]:
        """Return the next offset of every partition."""
        name = topics.physical(topic, self.settings)
        specs = {TopicPartition(name, part): OffsetSpec.latest() for part in range(topics.partitions())}
        answers = self.admin.list_offsets(specs, request_timeout=10)
        return {partition.partition: future.result().offset for partition, future in answers.items()}

    def positions(self, topic: str) -> dict[int, int]:
        rows = self.query("SELECT part, next_offset FROM sink_offsets WHERE sink = %s", topic)
        return {row["part"]: row["next_offset"] for row in rows}

    def drained(self, topic: str) -> bool:
        return self.positions(topic) == self.ends(topic)

    def letters(self) -> list[Message]:
        """Return all dead letters."""
        return self.messages(TOPIC)

    def messages(self, topic: str) -> list[Message]:
        """Return all messages of a topic, partition by partition."""
        name = topics.physical(topic, self.settings)
        consumer = Consumer(
            {
                **clients.connection(self.settings),
                "group.id": "test",
                "auto.offset.reset": "earliest",
                "enable.partition.eof": True,
            }
        )
        messages: list[Message] = []
        try:
            parts = list(range(topics.topic(topic).partitions))
            consumer.assign([TopicPartition(name, part, 0) for part in parts])
            while parts:
                message = consumer.poll(10)
                assert message is not None
                if message.error():
                    parts.pop()
                else:
                    messages.append(message)
        finally:
            consumer.close()
        return messages


def eventually(
    condition: Callable[[], bool], timeout: float = EVENTUALLY_TIMEOUT_S, *, pause: float = 0.05
) -> None:
    """Wait until `condition` is true, checked every `pause` seconds, at most `timeout` seconds."""
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(pause)


async def drain(bench: Bench, *names: str, until: Callable[[], bool] | None = None) -> None:
    """Run these sinks in this process until their topics are in the tables."""
    ids = topic_ids(bench.settings, list(names))
    letters = Letters(bench.settings)
    tasks = [
        asyncio.create_task(keep(bench.settings, tables.WRITERS[name], bench.codec, letters, ids[name]))
        for name in names
    ]

    def done() -> bool:
        return all(bench.drained(name) for name in names) if until is None else until()

    try:
        end = time.monotonic() + EVENTUALLY_TIMEOUT_S
        while not await asyncio.to_thread(done):
            for task in tasks:
                if task.done():
                    task.result()
            assert time.monotonic() < end, "not drained in time"
            await asyncio.sleep(0.05)
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment of a process of this pipeline."""
    return {
        "PATH": "/usr/bin:/bin",
        **settings.environment(),
        "SONGNODES_NAMESPACE": settings.namespace,
        "SONGNODES_HOME": str(settings.home),
        "SONGNODES_WORKER_SLOT": settings.worker_slot,
    }


class Process:
    """`songnodes run sink` as a process that may be killed."""

    def __init__(self, settings: Settings, log: Path, *names: str) -> None:
        env = environment(settings)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "songnodes", "run", "sink", *names], env=env, stderr=out
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


@contextmanager
def running(settings: Settings, log: Path, *names: str):  # type: ignore[no-untyped-def]
    process = Process(settings, log, *names)
    try:
        yield process
    finally:
        if process.process.poll() is None:
            process.kill()


async def write_directly(settings: Settings, writer: Writer, values: Iterable[dict[str, Any]]) -> None:
    """Write records to the tables without Kafka. Raises the poison of a refused record."""
    await write_entries(settings, writer, map(writer.entry, values))


async def write_entries(settings: Settings, writer: Writer, entries: Iterable[Entry]) -> None:
    """Write entries to the tables in one batch. Raises the poison of a refused record."""
    connection: asyncpg.Connection = await database.connect(settings)
    try:
        session: Session = await writer.prepare(connection)
        nothing: Any = None
        records = [Record(message=nothing, entry=entry) for entry in entries]
        async with connection.transaction():
            for dead in await write_or_split(connection, writer, session, records):
                raise dead.poison
    finally:
        await connection.close()
