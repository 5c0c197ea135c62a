"""The write of a suspected record in a child process, on a connection of its own, and rolled back."""

import asyncio
from collections.abc import Awaitable, Callable

import asyncpg

from sinks import database
from sinks.attempts import is_unforeseen
from sinks.tables.writer import Session, Writer
from songnodes import trial
from songnodes.settings import Settings

Write = Callable[[asyncpg.Connection, Session], Awaitable[object]]
"""Writes the record on a connection with a session."""


def failure(settings: Settings, writer: Writer, write: Write) -> str | None:
    """Return how the write ended child processes, None if it passed or a server did not let it (`trial`)."""

    async def rehearse() -> None:
        try:
            connection = await database.connect(settings)
            session = await writer.prepare(connection)
            await connection.transaction().start()  # ends with the process
            await write(connection, session)
        except Exception as error:
            if is_unforeseen(error):
                raise

    return trial.failure(lambda: asyncio.run(rehearse()), errors=True)
