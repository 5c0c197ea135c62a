"""Load of a partition of a topic into its table: one transaction with the rows and the sink's position."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import cast

import asyncpg
from confluent_kafka import Message

from operations import topic_log
from sinks import database, tables
from sinks.attempts import is_unforeseen
from sinks.bulk_writer import BulkWriter
from sinks.contents import Record, decode
from sinks.letters import Dead, Letters
from sinks.splitting import write_or_split
from sinks.tables.writer import Upsert, Writer
from songnodes.attempts import Unforeseen, describe
from songnodes.messaging import clients, log_offsets
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_budget import WRITER_LIMITS, DeadLetterBudget, DeadLetterLimits
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

FILE = "bulk"
BATCH_RECORDS = 5_000


def load(
    settings: Settings,
    codec: Codec,
    topic: str,
    partition: Partition,
    log: Bounds,
    *,
    schema: str,
    limits: DeadLetterLimits = WRITER_LIMITS,
) -> dict[str, int]:
    """Load the newest record of each key into the tables of a schema; return counts.

    Records that cannot be written become dead letters of the sink. Raises the errors of asyncpg that no
    record causes, KafkaUnreachable, NotAcknowledged, TooManyDeadLetters.
    """
    owner = settings.model_copy(update={"database_url": settings.owner_url})
    return asyncio.run(_load(owner, codec, topic, partition, log, schema, DeadLetterBudget(limits)))


async def _load(
    settings: Settings,
    codec: Codec,
    topic: str,
    partition: Partition,
    log: Bounds,
    schema: str,
    budget: DeadLetterBudget,
) -> dict[str, int]:
    counts = {"rows": 0, "refused": 0}
    writer = BulkWriter(upsert=cast(Upsert, tables.WRITERS[topic]))
    topic_id = log_offsets.topic_ids(clients.admin(settings), [partition.topic])[partition.topic]
    letters = Letters(settings)
    connection = await database.connect(settings, "songnodes-rebuild")
    try:
        await connection.execute(f'SET search_path = "{schema}", public')
        position = (topic, partition.topic, partition.number)
        async with connection.transaction():
            if await connection.fetchval(database.query(FILE, "is_loaded"), *position):
                return counts
            await connection.execute(database.query(FILE, "loaded"), *position, log.end, topic_id)
            await writer.prepare(connection)
            records = newest(settings, partition, log)
            while messages := list(islice(records, min(BATCH_RECORDS, writer.batch))):
                refused = await _write(connection, codec, writer, messages, letters, budget)
                counts["rows"] += len(messages) - refused
                counts["refused"] += refused
    finally:
        connection.terminate()
    return counts


async def _write(
    connection: asyncpg.Connection,
    codec: Codec,
    writer: BulkWriter,
    messages: Sequence[Message],
    letters: Letters,
    budget: DeadLetterBudget,
) -> int:
    content = decode(codec, writer, messages)
    dead = [*content.dead, *await write_isolated(connection, writer, content.records)]
    budget.count_processed(len(messages) - len(dead))
    for letter in dead:
        budget.count_dead_letter(str(letter.poison))
    await letters.send(writer.topic, dead)
    return len(dead)


async def write_isolated(
    connection: asyncpg.Connection, writer: Writer, records: Sequence[Record]
) -> list[Dead]:
    """Write records in the open transaction; return the dead letters of those that cannot be written.

    Those that the database refuses and those that raise unforeseen errors are found by halving.
    """
    try:
        async with connection.transaction():
            return await write_or_split(connection, writer, {}, records)
    except Exception as error:
        if not is_unforeseen(error):
            raise
        if len(records) == 1:
            return [Dead(message=records[0].message, poison=Unforeseen(describe(error)))]
    middle = len(records) // 2
    first = await write_isolated(connection, writer, records[:middle])
    return first + await write_isolated(connection, writer, records[middle:])


def newest(settings: Settings, partition: Partition, log: Bounds) -> Iterator[Message]:
    """Yield the last record of each key: a task that was killed has written the same keys before."""
    last = {message.key(): message.offset() for message in topic_log.read(settings, {partition: log})}
    for message in topic_log.read(settings, {partition: log}):
        if last[message.key()] == message.offset():
            yield message
