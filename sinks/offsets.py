"""Positions of a sink: rows of `sink_offsets`, written in the transaction of the rows they cover.

PostgreSQL is the truth about offsets. What is committed to Kafka is for lag tools only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from sinks.queries import query
from songnodes.errors import Fenced, PositionLost, TopicReplaced


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A partition as the broker has it: offsets `low` (kept) to `high` (next to be written)."""

    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offsets:
    """The rows of one sink on one topic (its name on the broker)."""

    sink: str
    topic: str
    topic_id: str

    async def read(self, connection: asyncpg.Connection, logs: Mapping[int, Log]) -> dict[int, int]:
        """Return the next offset of each partition; one never read before begins at the start of its log.

        Raises PositionLost where the log does not have the position (any more), and TopicReplaced.
        """
        await connection.execute(
            query("offsets", "begin"),
            *(self.sink, self.topic, list(logs), [log.low for log in logs.values()], self.topic_id),
        )
        rows = await connection.fetch(query("offsets", "known"), self.sink, self.topic)
        positions = {row["part"]: row["next_offset"] for row in rows if row["part"] in logs}
        if any(row["topic_id"] != self.topic_id for row in rows):
            raise TopicReplaced(sink=self.sink, topic=self.topic)
        for part, position in positions.items():
            if not logs[part].low <= position <= logs[part].high:
                raise PositionLost(
                    topic=self.topic,
                    partition=part,
                    position=position,
                    low=logs[part].low,
                    high=logs[part].high,
                )
        return positions

    async def advance(
        self, connection: asyncpg.Connection, held: Mapping[int, int], ends: Mapping[int, int]
    ) -> bool:
        """Move partitions from their `held` position to `ends`, as the first step of a transaction.

        It locks the rows, so of two owners one waits here and then finds that the other went on. False: they
        stand at `ends` already, since the answer to an earlier commit was lost. Raises Fenced.
        """
        parts = list(ends)
        moved = await connection.fetch(
            query("offsets", "advance"),
            *(self.sink, self.topic, parts, [held[part] for part in parts], list(ends.values())),
        )
        if len(moved) == len(parts):
            return True
        rows = await connection.fetch(query("offsets", "known"), self.sink, self.topic)
        stored = {row["part"]: row["next_offset"] for row in rows}
        if not moved and all(stored.get(part) == end for part, end in ends.items()):
            return False
        raise Fenced(sink=self.sink, held=dict(held), stored=stored)
