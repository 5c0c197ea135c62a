"""Bytes on disk of a pipeline: per topic, changelog and table, with the share that compaction keeps."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from operations import topic_log
from songnodes.messaging import clients, log_offsets, topics
from songnodes.settings import Settings

TABLE_SIZES = """
    SELECT relname, pg_table_size(oid), pg_indexes_size(oid), greatest(reltuples, 0)
    FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicSize:
    """Bytes of the segments of a topic; records, and how many of them are the newest of their key."""

    stored: int
    records: int
    newest: int
    compacted: bool

    @property
    def kept(self) -> float:
        """Bytes that stay: all, or in a compacted topic the share of the newest records."""
        return self.stored * self.newest / self.records if self.compacted and self.records else self.stored


def of_topics(settings: Settings, kafka_logs: Path) -> Mapping[str, TopicSize]:
    """Return the size of every topic with records, by its name on the broker."""
    admin = clients.admin(settings)
    wanted = topics.wanted(settings)
    sizes = {}
    for name, entry in wanted.items():
        bounds = log_offsets.bounds(admin, log_offsets.partitions(admin, [name]))
        keys, records = set(), 0
        for message in topic_log.read(settings, bounds):
            records += 1
            keys.add(message.key())
        if records:
            segments = kafka_logs.glob(f"{name}-*/*.log")
            sizes[name] = TopicSize(
                stored=sum(segment.stat().st_size for segment in segments),
                records=records,
                newest=len(keys),
                compacted="compact" in entry.config["cleanup.policy"],
            )
    return sizes


async def of_tables(connection: asyncpg.Connection) -> Mapping[str, tuple[int, int, int]]:
    """Return bytes of rows and of indexes, and the number of rows, of every table."""
    await connection.execute("ANALYZE")
    rows = await connection.fetch(TABLE_SIZES)
    sizes: dict[str, tuple[int, int, int]] = defaultdict(lambda: (0, 0, 0))
    for name, table, indexes, count in rows:
        sizes[name] = (table, indexes, int(count))
    return sizes
