"""Log of operator actions on dead letters, in PostgreSQL. Nothing is deleted from Kafka."""

from collections.abc import Iterable
from typing import Literal

import psycopg

from operations.database import acquire_lock, statement
from operations.dead_letters.letters import Action, Address
from operations.dead_letters.topic import DeadLetterTopic

ActionName = Literal["reinserted", "dropped", "reparsed"]


class ActionLog:
    """Actions on the letters of one topic."""

    def __init__(self, connection: psycopg.Connection, topic: DeadLetterTopic) -> None:
        self._connection = connection
        self._topic = (topic.topic, topic.topic_id())

    def all(self) -> dict[Address, Action]:
        """Return the latest action on each letter that has one."""
        rows = self._connection.execute(statement("latest_actions"), self._topic).fetchall()
        return {
            Address(part, offset): Action(kind=kind, at=at, who=who, note=note)
            for part, offset, kind, at, who, note in rows
        }

    def add(self, letters: Iterable[Address], action: ActionName, *, who: str, note: str) -> None:
        """Record an action on letters, all or none."""
        rows = [(*self._topic, *address, action, who, note) for address in letters]
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.executemany(statement("insert_action"), rows)

    def acquire_lock(self) -> None:
        """Lock the actions on this topic until the connection closes. Raises LockHeld."""
        acquire_lock(self._connection, f"dead letters {self._topic[0]}")
