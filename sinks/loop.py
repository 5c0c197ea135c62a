"""The loop of one sink: records of a topic into tables, each exactly once.

One transaction takes the rows and the offsets. A repeat after a crash is met by the offsets, a second owner
by the same (compare-and-set), an older record by its version. A dead database shows as lag; a bad row goes to
the dead letters and its neighbours stay; anything unknown ends the process before the commit.
"""

import asyncio
import platform
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
from confluent_kafka import KafkaException, Message

from sinks import database
from sinks.errors import Fenced, NoRow, RowRefused
from sinks.failures import REFUSED, TRANSIENT
from sinks.feed import Batch, Feed
from sinks.letters import Dead, Letters, Toll
from sinks.offsets import Log, Offsets
from sinks.tables.writer import Entry, Session, Writer
from songnodes import logs, metrics
from songnodes.errors import Poison, Transient
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings

APP = "sink"  # in metrics
FIRST_PAUSE = 0.1  # seconds before the second attempt; doubles, with jitter
LONGEST_PAUSE = 10.0

RETRIED: tuple[type[BaseException], ...] = (*TRANSIENT, Transient, KafkaException)

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A message and the rows it makes."""

    message: Message
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a batch holds: records in their order, and those that are none."""

    records: Sequence[Record]
    dead: Sequence[Dead]


def decode(codec: Codec, writer: Writer, messages: Sequence[Message]) -> Content:
    """Messages as rows, poison apart. Raises Transient where the schema registry is needed and down."""
    records, dead = [], []
    for message in messages:
        try:
            value = codec.decode(writer.topic, message.value())
            try:
                records.append(Record(message=message, entry=writer.entry(value)))
            except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                raise NoRow(repr(error)) from error
        except Poison as poison:
            dead.append(Dead(message=message, poison=poison))
    return Content(records=records, dead=dead)


async def write_or_split(
    connection: asyncpg.Connection, writer: Writer, session: Session, records: Sequence[Record]
) -> list[Dead]:
    """Write records in the open transaction; those that the database refuses are found by halving.

    The halves are written in order, so the result is that of one record after the other.
    """
    if not records:
        return []
    try:
        async with connection.transaction():
            await writer.write(connection, session, [record.entry for record in records])
    except REFUSED as error:
        if len(records) == 1:
            return await _write_mended(connection, writer, session, records[0], str(error))
        middle = len(records) // 2
        first = await write_or_split(connection, writer, session, records[:middle])
        return first + await write_or_split(connection, writer, session, records[middle:])
    return []


async def _write_mended(
    connection: asyncpg.Connection, writer: Writer, session: Session, record: Record, refusal: str
) -> list[Dead]:
    """A last attempt, with text that PostgreSQL can hold; what it refuses then is dead."""
    mended = record.entry.mended()
    if mended != record.entry:
        try:
            async with connection.transaction():
                await writer.write(connection, session, [mended])
            return []
        except REFUSED as error:
            refusal = str(error)
    return [Dead(message=record.message, poison=RowRefused(refusal))]


class Sink:
    """Writes one topic. `assigned` and `revoked` are called by its `Feed`."""

    def __init__(
        self, *, settings: Settings, writer: Writer, codec: Codec, letters: Letters, topic_id: str
    ) -> None:
        self.name = writer.topic
        self._settings = settings
        self._writer = writer
        self._codec = codec
        self._letters = letters
        self._topic = topics.physical(writer.topic, settings)
        self._offsets = Offsets(sink=self.name, topic=self._topic, topic_id=topic_id)
        self._toll = Toll()
        self._generation = 0
        self._held: dict[int, int] = {}
        self._using = asyncio.Lock()  # the connection
        self._connection: asyncpg.Connection | None = None
        self._session: Session = {}

    async def run(self) -> None:
        """Write until cancelled. Raises Fenced when another owner went on, and what ends the process."""
        group = topics.group(f"sink-{self.name}", self._settings)
        consumer = clients.consumer(self._settings, group, **CONSUMER, **_place(self._settings))
        feed: Feed[Content] = Feed(
            consumer, self._topic, self, lambda m: decode(self._codec, self._writer, m), self._writer.batch
        )
        feed.start()
        try:
            while True:
                batch = await feed.next()
                if await self._settle(batch):
                    feed.tell(batch.ends)
                feed.done()
        finally:
            await feed.close()
            await self._disconnect()

    async def assigned(self, generation: int, partitions: Mapping[int, Log]) -> Mapping[int, int]:
        """Take over partitions where the database says. Waits for a batch that is being written."""
        async with self._using:
            try:
                held = await self._offsets.read(await self._connected(), partitions)
            except TRANSIENT as error:
                await self._disconnect()
                raise Unreachable(str(error)) from error
            self._generation, self._held = generation, held
        log.info("assigned", sink=self.name, positions=held)
        return held

    def revoked(self, generation: int) -> None:
        """Drop all partitions, and what is waiting of them."""
        self._generation, self._held = generation, {}

    async def _settle(self, batch: Batch[Content]) -> bool:
        """Write a batch however long it takes; False when it became another owner's meanwhile."""
        attempt = 0
        while True:
            async with self._using:
                if batch.generation != self._generation:
                    return False
                try:
                    with metrics.COMMIT_SECONDS.labels(APP).time():
                        await self._write(batch, dict(self._held))
                    return True
                except Fenced:
                    raise
                except RETRIED as error:
                    await self._disconnect()
                    reason = f"{type(error).__name__}: {error}"
            attempt += 1
            log.warning("trying again", sink=self.name, attempt=attempt, error=reason)
            await asyncio.sleep(pause(attempt))

    async def _write(self, batch: Batch[Content], held: Mapping[int, int]) -> None:
        connection = await self._connected()
        dead: list[Dead] = []
        async with connection.transaction():
            if await self._offsets.advance(connection, held, batch.ends):
                dead = await write_or_split(connection, self._writer, self._session, batch.content.records)
                dead = [*batch.content.dead, *dead]
                self._toll.count(len(batch.content.records), dead)
                await self._letters.send(self.name, dead)
        if batch.generation == self._generation:
            self._held.update(batch.ends)
        self._note(batch.content, dead)

    def _note(self, content: Content, dead: Sequence[Dead]) -> None:
        taken = len(content.records) + len(content.dead)
        metrics.PROCESSED.labels(APP, self.name).inc(taken)
        metrics.BATCH_SIZE.labels(APP).observe(taken)
        for letter in dead:
            metrics.DEAD_LETTERS.labels(f"{APP} {self.name}", letter.poison.reason).inc()
            offset = letter.message.offset()
            log.warning("dead letter", sink=self.name, reason=letter.poison.reason, offset=offset)

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await database.connect(self._settings)
            self._session = await self._writer.prepare(self._connection)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def _place(settings: Settings) -> dict[str, Any]:
    """Static membership: after kill -9 a new process has its partitions at once, and not after 10 s."""
    return {"group.instance.id": f"{platform.node()}-{settings.worker_slot}"}


def pause(attempt: int) -> float:
    """Seconds to wait after this failed attempt (from 1), jittered."""
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * float(2 ** min(attempt, 10)))
    return longest * random.uniform(0.5, 1)  # noqa: S311


class Unreachable(Transient):
    """PostgreSQL does not answer"""


#: 14 sinks share a process: librdkafka's default would let each hold 64 MiB.
CONSUMER: dict[str, Any] = {
    "queued.max.messages.kbytes": 16 * 1024,
    "queued.min.messages": 20_000,
    "max.poll.interval.ms": 300_000,
    "session.timeout.ms": 10_000,
    "heartbeat.interval.ms": 3_000,
}
