"""Which error of the database means what: look again later, a bad row, or (anything else) a fault of ours."""

import asyncpg


class NotEncodable(Exception):
    """A row has a value that its column's binary form cannot hold"""


#: The database, the way to it, or another transaction: the same batch again, never a dead letter.
TRANSIENT: tuple[type[BaseException], ...] = (
    OSError,  # refused, reset, no route; TimeoutError is one of them
    asyncpg.PostgresConnectionError,  # class 08
    asyncpg.InterfaceError,  # the connection was closed under a query
    asyncpg.InternalClientError,  # the protocol broke off in the middle of an answer
    asyncpg.OperatorInterventionError,  # class 57: shutdown, crash of another backend, cancelled
    asyncpg.InsufficientResourcesError,  # class 53: disk full, out of memory, too many connections
    asyncpg.TransactionRollbackError,  # class 40: serialization, deadlock
    asyncpg.IdleInTransactionSessionTimeoutError,  # this process was stopped in a transaction
    asyncpg.ReadOnlySQLTransactionError,  # talking to a standby during a fail-over
    asyncpg.LockNotAvailableError,
    asyncpg.PostgresIOError,
)

#: The database understood the rows and will never take them.
REFUSED: tuple[type[BaseException], ...] = (
    asyncpg.DataError,  # class 22, and values that asyncpg itself cannot encode
    asyncpg.IntegrityConstraintViolationError,  # class 23: a check, a null, a key twice in one record
    asyncpg.ProgramLimitExceededError,  # class 54: too large for an index, a row or a document
    NotEncodable,
)
