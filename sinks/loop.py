"""The loop of one sink: records of a topic into tables, each exactly once.

One transaction writes the rows and the offsets. The offsets exclude a repeat after a crash and, by
compare-and-set, a second owner; the version of a record excludes an older one. A dead database causes lag; a
bad row becomes a dead letter and its neighbours are written; an unknown error ends the process before the
commit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from sinks import database, rehearsal
from sinks.attempts import Attempts, is_unforeseen
from sinks.contents import Content, Record, as_dead, decode, single_records
from sinks.errors import is_refused
from sinks.feed import Batch, Feed
from sinks.letters import Dead, Letters
from sinks.offsets import Offsets
from sinks.splitting import write_or_split, write_whole
from sinks.tables.writer import Session, Writer
from songnodes import logs, metrics
from songnodes.attempts import KILLED, Unforeseen, describe
from songnodes.clock import SystemTimer, Timer
from songnodes.errors import Fenced, PostgresUnreachable
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_budget import WRITER_LIMITS, DeadLetterBudget
from songnodes.messaging.log_offsets import Bounds
from songnodes.messaging.positions.consumer import TopicConsumer
from songnodes.postgres_errors import is_server_error
from songnodes.process.retries import is_transient, pause_s
from songnodes.settings import Settings

APP = "sink"  # in metrics
SESSION_TIMEOUT_S = 10.0

log = logs.get(__name__)

Write = Callable[[asyncpg.Connection, Writer, Session, Sequence[Record]], Awaitable[list[Dead]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Connections, child processes and time of a sink."""

    connect: Callable[[Settings], Awaitable[asyncpg.Connection]] = database.connect
    consumer: Callable[..., TopicConsumer] = clients.consumer
    trial: Callable[[Settings, Writer, rehearsal.Write], str | None] = rehearsal.failure
    timer: Timer = field(default_factory=SystemTimer)


class Sink:
    """Writes one topic. `assigned` and `revoked` are called by its `Feed`."""

    def __init__(
        self,
        *,
        settings: Settings,
        writer: Writer,
        codec: Codec,
        letters: Letters,
        topic_id: str,
        ports: Ports | None = None,
    ) -> None:
        self.name = writer.topic
        self._settings = settings
        self._writer = writer
        self._codec = codec
        self._letters = letters
        self._ports = ports or Ports()
        self._topic = topics.physical(writer.topic, settings)
        self._offsets = Offsets(sink=self.name, topic=self._topic, topic_id=topic_id)
        self._attempts = Attempts(sink=self.name, topic=self._topic)
        self._dead_letter_budget = DeadLetterBudget(WRITER_LIMITS)
        self._generation = 0
        self._positions: dict[int, int] = {}
        self._connection_lock = asyncio.Lock()
        self._connection: asyncpg.Connection | None = None
        self._session: Session = {}

    async def run(self) -> None:
        """Write until cancelled. Raises Fenced, and errors that end the process."""
        group = topics.group(f"sink-{self.name}", self._settings)
        consumer = self._ports.consumer(
            self._settings, group, **CONSUMER, **clients.static_membership(self._settings)
        )
        feed: Feed[Content] = Feed(
            consumer,
            self._topic,
            self,
            lambda messages: decode(self._codec, self._writer, messages),
            self._writer.batch,
            self._ports.timer,
            self._writer.small_batch_pause_s,
        )
        feed.start()
        try:
            while True:
                batch = await feed.next()
                if await self._write_until_committed(batch):
                    feed.commit_async(batch.ends)
                feed.ack()
        finally:
            await feed.close()
            await self._disconnect()

    async def assigned(self, generation: int, partitions: Mapping[int, Bounds]) -> Mapping[int, int]:
        """Take over partitions at their stored positions. Waits for a batch that is being written."""
        async with self._connection_lock:
            try:
                connection = await self._connected()
                positions = await self._offsets.read(connection, partitions)
                await self._attempts.load(connection, positions)
            except Exception as error:
                await self._disconnect()
                if not is_server_error(error):
                    raise
                raise PostgresUnreachable(str(error)) from error
            self._generation, self._positions = generation, dict(positions)
        log.info("assigned", sink=self.name, positions=positions)
        return positions

    def revoked(self, generation: int) -> None:
        """Drop all partitions."""
        self._generation, self._positions = generation, {}

    async def _write_until_committed(self, batch: Batch[Content]) -> bool:
        """Write a batch however long it takes; return False when it is another owner's by now."""
        attempt = 0
        while True:
            async with self._connection_lock:
                if batch.generation != self._generation:
                    return False
                try:
                    with metrics.COMMIT_SECONDS.labels(APP).time():
                        await self._write(batch, dict(self._positions))
                    return True
                except Fenced:
                    raise
                except Exception as error:
                    await self._disconnect()
                    if not is_transient(error):
                        raise
                    reason = f"{type(error).__name__}: {error}"
            attempt += 1
            log.warning("batch_retry", sink=self.name, attempt=attempt, error=reason)
            await self._ports.timer.sleep(pause_s(attempt))

    async def _write(self, batch: Batch[Content], positions: Mapping[int, int]) -> None:
        connection = await self._connected()
        if self._attempts.suspects(batch.ends):
            await self._write_one_by_one(connection, batch)
        else:
            await self._attempts.begin(connection, {part: positions[part] for part in batch.ends})
            try:
                dead = await self._transaction(connection, batch.content, positions, batch.ends)
            except Exception as error:
                await self._note_failure(error, {part: positions[part] for part in batch.ends}, single=False)
                raise
            self._written(batch, batch.ends)
            self._note(batch.content, dead)

    async def _transaction(
        self,
        connection: asyncpg.Connection,
        content: Content,
        positions: Mapping[int, int],
        ends: Mapping[int, int],
    ) -> list[Dead]:
        """Write rows and offsets; return the dead letters, which Kafka has acknowledged.

        Savepoints, two of seven statements of a small batch, are for a second try after a refused record.
        """
        try:
            return await self._transaction_by(write_whole, connection, content, positions, ends)
        except Exception as error:
            if not is_refused(error):
                raise
        return await self._transaction_by(write_or_split, connection, content, positions, ends)

    async def _transaction_by(
        self,
        write: Write,
        connection: asyncpg.Connection,
        content: Content,
        positions: Mapping[int, int],
        ends: Mapping[int, int],
    ) -> list[Dead]:
        dead: list[Dead] = []
        async with connection.transaction():
            if await self._offsets.advance(connection, positions, ends):
                dead = await write(connection, self._writer, self._session, content.records)
                dead = [*content.dead, *dead]
                self._dead_letter_budget.count_processed(len(content.records))
                for letter in dead:
                    self._dead_letter_budget.count_dead_letter(str(letter.poison))
                await self._letters.send(self.name, dead)
                await self._attempts.set_aside(connection, dead)
        return dead

    async def _write_one_by_one(self, connection: asyncpg.Connection, batch: Batch[Content]) -> None:
        """Write a batch at which a process ended: each record is noted, then written and committed."""
        for part, offset, content in single_records(batch):
            position = self._positions.get(part)
            if position is None or offset < position:  # written before this attempt at the batch
                continue
            poison = await self._confirmed(self._attempts.exhausted(part, offset), part, content)
            if poison is None:
                await self._attempts.record(connection, part, offset)
            else:
                content = as_dead(content, poison)
            try:
                dead = await self._transaction(connection, content, {part: position}, {part: offset + 1})
            except Exception as error:
                poison = None
                if self._attempts.is_second_end(error, part, offset):
                    poison = await self._confirmed(Unforeseen(describe(error)), part, content)
                if poison is None:
                    await self._note_failure(error, {part: offset}, single=True)
                    raise
                log.error("record_set_aside", sink=self.name, partition=part, offset=offset, exc_info=error)
                content = as_dead(content, poison)
                connection = await self._reconnected()
                dead = await self._transaction(connection, content, {part: position}, {part: offset + 1})
            self._written(batch, {part: offset + 1})
            self._note(content, dead)
        self._attempts.passed(batch.ends)

    async def _confirmed(self, poison: Unforeseen | None, part: int, content: Content) -> Unforeseen | None:
        """Return the reason for a dead letter if the record also ends a process that writes only this one.

        In a thread: a trial can take 80 s, and the other sinks share the event loop.
        """
        if poison is None:
            return None
        outcome = await asyncio.to_thread(
            self._ports.trial,
            self._settings,
            self._writer,
            lambda connection, session: write_or_split(connection, self._writer, session, content.records),
        )
        if outcome is None:
            self._attempts.acquit(part)
            return None
        if KILLED in str(poison):  # there was no error
            poison = Unforeseen(outcome)
        return poison

    def _written(self, batch: Batch[Content], ends: Mapping[int, int]) -> None:
        if batch.generation == self._generation:
            self._positions.update(ends)

    async def _note_failure(self, error: Exception, begin: Mapping[int, int], *, single: bool) -> None:
        """Store what ended the process, on a connection of its own; a failure to do so changes nothing."""
        if not is_unforeseen(error):
            return
        with suppress(Exception):
            connection = await self._reconnected()
            await self._attempts.failed(connection, begin, describe(error), single=single)

    async def _reconnected(self) -> asyncpg.Connection:
        await self._disconnect()
        return await self._connected()

    def _note(self, content: Content, dead: Sequence[Dead]) -> None:
        taken = len(content.records) + len(content.dead)
        metrics.PROCESSED.labels(APP, self.name).inc(taken)
        metrics.BATCH_SIZE.labels(APP).observe(taken)
        for letter in dead:
            metrics.DEAD_LETTERS.labels(f"{APP} {self.name}", letter.poison.reason).inc()
            offset = letter.message.offset()
            log.warning("dead_letter", sink=self.name, reason=letter.poison.reason, offset=offset)

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._ports.connect(self._settings)
            self._session = await self._writer.prepare(self._connection)
        return self._connection

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


#: 14 sinks share a process: librdkafka's default would let each hold 64 MiB.
#: A fetch without records is answered after 2 s: with librdkafka's 0.5 s, 26 of the 37 fetches per second of
#: an idle pipeline were those of sinks. The positions of a new assignment wait for the fetch before them.
CONSUMER: dict[str, Any] = {
    "fetch.wait.max.ms": 2000,
    "queued.max.messages.kbytes": 16 * 1024,
    "queued.min.messages": 20_000,
    "max.poll.interval.ms": 300_000,
    "session.timeout.ms": round(SESSION_TIMEOUT_S * 1000),
    "heartbeat.interval.ms": 3_000,
}
