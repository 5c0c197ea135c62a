"""Causes of PostgreSQL's errors, by SQLSTATE: one table for all that writes to it, whichever driver it uses.

An error that a record causes comes again with the same record: it is never retried and the record becomes
a dead letter. An error of the server passes: the same work is retried and never becomes a dead letter. Any
other error (a missing column, a syntax error, an internal error) is a fault of this code and ends the
process.

Classes: PostgreSQL documentation, appendix A.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import psycopg

from songnodes.errors import PostgresUnreachable, StatementTooSlow, TablesMissing

#: Class 22 data exception, 23 integrity constraint violation, 54 program limit exceeded (an index entry, a
#: row or a document that is too large, an expression that is too deep).
RECORD_CLASSES = frozenset({"22", "23", "54"})
#: Class 08 connection, 40 transaction rollback (serialization, deadlock), 53 resources (disk, memory,
#: connections), 57 operator intervention (shutdown, cancelled, statement timeout), 58 system error (I/O).
SERVER_CLASSES = frozenset({"08", "40", "53", "57", "58"})
#: Single codes of classes that are otherwise faults of this code.
SERVER_CODES = frozenset(
    {
        "25006",  # read-only transaction: a standby during a failover
        "25P03",  # idle-in-transaction timeout: this process was suspended
        "25P04",  # transaction timeout
        "55P03",  # lock not available
    }
)

#: Class 0A feature not supported, 25 transaction state, 26 and 34 names of statements and cursors, 28 and 3D
#: login, 3F and 42 missing tables, columns and rights: of the database's form or of this code, never of a
#: record.
CODE_CLASSES = frozenset({"0A", "25", "26", "28", "34", "3D", "3F", "42"})

#: Errors that a driver raises by itself, without an SQLSTATE.
_DRIVER_RECORD = (psycopg.DataError, UnicodeEncodeError)
_DRIVER_SERVER = (
    psycopg.OperationalError,  # refused, reset, closed
    psycopg.InterfaceError,  # used after it was closed
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the protocol broke off inside an answer
    OSError,  # TimeoutError is one
)


def is_record_error(error: BaseException) -> bool:
    """Return True if the same record would cause this error again on any healthy server."""
    code = sqlstate(error)
    if code is not None:
        return code[:2] in RECORD_CLASSES
    return isinstance(error, _DRIVER_RECORD) or _is_asyncpg_value_error(error)


def is_server_error(error: BaseException) -> bool:
    """Return True if the same work may succeed later without a change of record or code."""
    code = sqlstate(error)
    if code is not None:
        return code in SERVER_CODES or code[:2] in SERVER_CLASSES
    return isinstance(error, _DRIVER_SERVER) and not is_record_error(error)


@contextmanager
def as_own_errors() -> Iterator[None]:
    """Translate errors of asyncpg: raise PostgresUnreachable, StatementTooSlow and TablesMissing for them."""
    try:
        yield
    except asyncpg.UndefinedTableError as error:
        raise TablesMissing(str(error)) from error
    except asyncpg.QueryCanceledError as error:
        raise StatementTooSlow(str(error)) from error
    except Exception as error:
        if is_server_error(error):
            raise PostgresUnreachable(str(error)) from error
        raise


def is_code_error(error: BaseException) -> bool:
    """Return True if every record would cause this error until the database or the code is changed."""
    code = sqlstate(error)
    return code is not None and not is_server_error(error) and code[:2] in CODE_CLASSES


def _is_asyncpg_value_error(error: BaseException) -> bool:
    """Return True for the DataError of asyncpg itself: from encoding an argument, also an InterfaceError."""
    return isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)


def sqlstate(error: BaseException) -> str | None:
    """Return the five characters of the error's SQLSTATE; None for an error without one."""
    code = (
        getattr(error, "sqlstate", None) if isinstance(error, psycopg.Error | asyncpg.PostgresError) else None
    )
    return code if isinstance(code, str) and len(code) == 5 else None
