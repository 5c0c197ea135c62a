"""Write of a batch that may hold records which PostgreSQL refuses: they are isolated by halving."""

from collections.abc import Sequence

import asyncpg

from sinks.contents import Record
from sinks.errors import is_refused
from sinks.letters import Dead
from sinks.tables.writer import Session, Writer
from songnodes.errors import RowRefused


async def write_whole(
    connection: asyncpg.Connection, writer: Writer, session: Session, records: Sequence[Record]
) -> list[Dead]:
    """Write records in the open transaction, without a savepoint: it must be rolled back after an error."""
    if records:
        await writer.write(connection, session, [record.entry for record in records])
    return []


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
    except Exception as error:
        if not is_refused(error):
            raise
        if len(records) == 1:
            return await _write_sanitized(connection, writer, session, records[0], str(error))
        middle = len(records) // 2
        first = await write_or_split(connection, writer, session, records[:middle])
        return first + await write_or_split(connection, writer, session, records[middle:])
    return []


async def _write_sanitized(
    connection: asyncpg.Connection, writer: Writer, session: Session, record: Record, refusal: str
) -> list[Dead]:
    """Write a last time, with text that PostgreSQL can store; a record refused then becomes a dead letter."""
    sanitized = record.entry.sanitized()
    if sanitized != record.entry:
        try:
            async with connection.transaction():
                await writer.write(connection, session, [sanitized])
            return []
        except Exception as error:
            if not is_refused(error):
                raise
            refusal = str(error)
    return [Dead(message=record.message, poison=RowRefused(refusal))]
