"""What operators did with letters: rows in PostgreSQL. Nothing is ever deleted from Kafka."""

from collections.abc import Iterable
from typing import Literal

import psycopg

from operations import turn
from operations.database import statement
from operations.dead_letters.letter import Address, Mark
from operations.dead_letters.mailbox import Mailbox

Action = Literal["reinserted", "dropped", "reparsed"]


class Marks:
    """The marks on the letters of one mailbox."""

    def __init__(self, connection: psycopg.Connection, mailbox: Mailbox) -> None:
        self._connection = connection
        self._topic = (mailbox.topic, mailbox.topic_id())

    def all(self) -> dict[Address, Mark]:
        """The newest mark of each letter that has one."""
        rows = self._connection.execute(statement("marks"), self._topic).fetchall()
        return {
            Address(part, offset): Mark(action=action, at=at, who=who, note=note)
            for part, offset, action, at, who, note in rows
        }

    def add(self, letters: Iterable[Address], action: Action, *, who: str, note: str) -> None:
        """Mark letters, all or none."""
        rows = [(*self._topic, *address, action, who, note) for address in letters]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(statement("mark"), rows)

    def take_turn(self) -> None:
        """Keep others from marking letters of this topic until the connection closes. Raises Busy."""
        turn.take_turn(self._connection, f"dead letters {self._topic[0]}")
