"""Load of a partition of a topic into its table: one transaction with the rows and the sink's position."""

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import cast

import asyncpg
from confluent_kafka import Message

from operations import topic_log
from sinks import database, tables
from sinks.bulk_writer import BulkWriter
from sinks.contents import decode
from sinks.splitting import write_or_split
from sinks.tables.writer import Upsert
from songnodes.messaging import clients, log_offsets
from songnodes.messaging.codec import Codec
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

FILE = "bulk"
BATCH_RECORDS = 5_000


def load(
    settings: Settings, codec: Codec, topic: str, partition: Partition, log: Bounds, *, schema: str
) -> dict[str, int]:
    """Load the newest record of each key into the tables of a schema; return counts.

    Records that the sink would make dead letters are counted and left out. Raises the errors of asyncpg,
    KafkaUnreachable.
    """
    owner = settings.model_copy(update={"database_url": settings.owner_url})
    return asyncio.run(_load(owner, codec, topic, partition, log, schema))


async def _load(
    settings: Settings, codec: Codec, topic: str, partition: Partition, log: Bounds, schema: str
) -> dict[str, int]:
    counts = {"rows": 0, "refused": 0}
    writer = BulkWriter(upsert=cast(Upsert, tables.WRITERS[topic]))
    topic_id = log_offsets.topic_ids(clients.admin(settings), [partition.topic])[partition.topic]
    connection = await database.connect(settings)
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
                refused = await _write(connection, codec, writer, messages)
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
) -> int:
    content = decode(codec, writer, messages)
    refused = await write_or_split(connection, writer, {}, content.records)
    return len(content.dead) + len(refused)


def newest(settings: Settings, partition: Partition, log: Bounds) -> Iterator[Message]:
    """Yield the last record of each key: a task that was killed has written the same keys before."""
    last = {message.key(): message.offset() for message in topic_log.read(settings, {partition: log})}
    for message in topic_log.read(settings, {partition: log}):
        if last[message.key()] == message.offset():
            yield message
