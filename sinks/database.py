"""Connections of the sinks to PostgreSQL, and their named statements, in `sinks/sql`."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import asyncpg

from sinks.values import is_infinite
from songnodes import sql
from songnodes.settings import Settings

#: A statement that takes longer is cut off and its batch tried again, on a new connection.
STATEMENT_TIMEOUT = 300.0  # seconds

#: Day and time 0 of PostgreSQL's binary form.
_EPOCH_DAY = date(2000, 1, 1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

SESSION = {
    # Whatever the server's default is. A commit that a crash takes back after it was acknowledged would be
    # noticed at the partition's next record only: after the last one its rows would be missing for good.
    "synchronous_commit": "on",
    # A process that was stopped in a transaction holds the row of its offsets; its successor waits so long.
    "idle_in_transaction_session_timeout": "30s",
    # Planning a statement over a few thousand rows with JIT costs more than running it.
    "jit": "off",
}


def query(file: str, name: str) -> str:
    """Return one statement. Raises UnknownStatement."""
    return sql.query("sinks", file, name)


async def connect(settings: Settings, application_name: str = "songnodes-sink") -> asyncpg.Connection:
    """Open a connection whose `jsonb` values are JSON text. Raises what `is_server_error` accepts.

    Python's first and last date and time, which asyncpg would send as infinities, are refused as an argument
    (`errors.is_refused`): date arithmetic fails on an infinity in a table, in every later statement.
    """
    connection = await asyncpg.connect(
        settings.database_url,
        command_timeout=STATEMENT_TIMEOUT,
        timeout=10,
        server_settings={**SESSION, "application_name": application_name},
    )
    await connection.set_type_codec(
        "jsonb", encoder=_encode_jsonb, decoder=_decode_jsonb, schema="pg_catalog", format="binary"
    )
    for name, encoder, decoder in (
        ("date", _encode_date, _decode_date),
        ("timestamptz", _encode_time, _decode_time),
    ):
        await connection.set_type_codec(
            name, encoder=encoder, decoder=decoder, schema="pg_catalog", format="tuple"
        )
    return connection


class InfiniteDate(ValueError):
    """A date or time that PostgreSQL would store as an infinity"""


def _encode_date(day: date) -> tuple[int]:
    if isinstance(day, datetime) or not isinstance(day, date):
        raise TypeError(f"a date is expected, not {type(day).__name__}")
    if is_infinite(day):
        raise InfiniteDate(day.isoformat())
    return ((day - _EPOCH_DAY).days,)


def _decode_date(encoded: tuple[int]) -> date:
    """Rows of earlier versions may have infinities: these become Python's first and last date."""
    try:
        return _EPOCH_DAY + timedelta(days=encoded[0])
    except OverflowError:
        return date.max if encoded[0] > 0 else date.min


def _encode_time(time: datetime) -> tuple[int]:
    if is_infinite(time):
        raise InfiniteDate(time.isoformat())
    return ((time - _EPOCH) // timedelta(microseconds=1),)


def _decode_time(encoded: tuple[int]) -> datetime:
    try:
        return _EPOCH + timedelta(microseconds=encoded[0])
    except OverflowError:
        return (datetime.max if encoded[0] > 0 else datetime.min).replace(tzinfo=UTC)


def _encode_jsonb(document: str) -> bytes:
    return b"\x01" + document.encode()  # the version of the binary form


def _decode_jsonb(raw: bytes) -> Any:
    return raw[1:].decode()
