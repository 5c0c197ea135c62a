"""One operator at a time."""

import time

import psycopg

from operations.database import statement
from songnodes.errors import NotUsable

PATIENCE = 3.0  # seconds; the server may take a moment to notice that the last command has ended


class Busy(NotUsable):
    """Another command does this right now"""


def take_turn(connection: psycopg.Connection, what: str) -> None:
    """Keep others from `what` until the connection closes, however it does. Raises Busy."""
    until = time.monotonic() + PATIENCE
    while connection.execute(statement("take_turn"), [what]).fetchone() != (True,):
        if time.monotonic() > until:
            raise Busy(what)
        time.sleep(0.1)
