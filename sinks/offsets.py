"""Positions of a sink: rows of `sink_offsets`, written in the transaction of the rows they cover."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from sinks.database import query
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.stored import StoredPosition, check_advance, check_positions


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """The rows of one sink on one topic (its name on the broker)."""

    sink: str
    topic: str
    topic_id: str

    async def read(self, connection: asyncpg.Connection, logs: Mapping[int, Bounds]) -> dict[int, int]:
        """Return the next offset of each partition; one never read before begins at the start of its log.

        Raises PositionLost and TopicReplaced.
        """
        await connection.execute(
            query("offsets", "begin"),
            *(self.sink, self.topic, list(logs), [log.start for log in logs.values()], self.topic_id),
        )
        stored = await self._stored(connection)
        bounds = {Partition(self.topic, part): log for part, log in logs.items()}
        check_positions(stored, bounds, {self.topic: self.topic_id})
        return {part: stored[Partition(self.topic, part)].next_offset for part in logs}

    async def advance(
        self, connection: asyncpg.Connection, expected: Mapping[int, int], ends: Mapping[int, int]
    ) -> bool:
        """Move partitions from the `expected` position to `ends`, as the first step of a transaction.

        It locks the rows, so of two owners one waits here and then finds that the other advanced them.
        False: they are at `ends` already, since the response to an earlier commit was lost. Raises Fenced.
        """
        parts = list(ends)
        moved = await connection.fetch(
            query("offsets", "advance"),
            *(self.sink, self.topic, parts, [expected[part] for part in parts], list(ends.values())),
        )
        stored = {}
        if len(moved) != len(parts):
            rows = await self._stored(connection)
            stored = {partition.number: position.next_offset for partition, position in rows.items()}
        return check_advance(expected, ends, len(moved), stored)

    async def _stored(self, connection: asyncpg.Connection) -> dict[Partition, StoredPosition]:
        rows = await connection.fetch(query("offsets", "known"), self.sink, self.topic)
        return {
            Partition(self.topic, row["part"]): StoredPosition(
                next_offset=row["next_offset"], topic_id=row["topic_id"]
            )
            for row in rows
        }
