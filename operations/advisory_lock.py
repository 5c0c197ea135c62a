"""Lock that only one operator holds at a time."""

import time

import psycopg

from operations.database import statement
from songnodes.errors import UserError

LOCK_TIMEOUT_S = 3.0  # PostgreSQL may take a moment to notice that the last command has ended


class LockHeld(UserError):
    """Another command holds the lock"""


def acquire(connection: psycopg.Connection, what: str) -> None:
    """Lock `what` until the connection closes, for whatever reason. Raises LockHeld."""
    until = time.monotonic() + LOCK_TIMEOUT_S
    while connection.execute(statement("try_lock"), [what]).fetchone() != (True,):
        if time.monotonic() > until:
            raise LockHeld(what)
        time.sleep(0.1)
