"""Connections of the sinks to PostgreSQL."""

from typing import Any

import asyncpg

from songnodes.settings import Settings

#: A statement that takes longer is cut off and its batch tried again, on a new connection.
STATEMENT_TIMEOUT = 300.0  # seconds

SESSION = {
    "application_name": "songnodes-sink",
    # Whatever the server's default is. A commit that a crash takes back after it was acknowledged would be
    # noticed at the partition's next record only: after the last one its rows would be missing for good.
    "synchronous_commit": "on",
    # A process that was stopped in a transaction holds the row of its offsets; its successor waits so long.
    "idle_in_transaction_session_timeout": "30s",
    # Planning a statement over a few thousand rows with JIT costs more than running it.
    "jit": "off",
}


async def connect(settings: Settings) -> asyncpg.Connection:
    """A connection whose `jsonb` values are JSON text. Raises what `failures.TRANSIENT` names."""
    connection = await asyncpg.connect(
        settings.database_url, command_timeout=STATEMENT_TIMEOUT, timeout=10, server_settings=SESSION
    )
    await connection.set_type_codec(
        "jsonb", encoder=_encode_jsonb, decoder=_decode_jsonb, schema="pg_catalog", format="binary"
    )
    return connection


def _encode_jsonb(document: str) -> bytes:
    return b"\x01" + document.encode()  # the version of the binary form


def _decode_jsonb(raw: bytes) -> Any:
    return raw[1:].decode()
