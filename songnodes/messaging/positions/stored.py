"""Decisions about positions stored in PostgreSQL. Pure.

PostgreSQL is the truth about positions: they move in the transaction of the rows that they cover. Offsets
committed to Kafka are for lag tools only.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from songnodes.errors import Fenced, PositionLost, TopicReplaced, TopicSuperseded
from songnodes.messaging.log_offsets import Bounds, Partition

Key = TypeVar("Key", bound=Hashable)

#: Stored in place of a topic's id where a rebuild has replaced the tables that its positions belong to.
SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPosition:
    """Next offset of a partition, and the id of the topic that it is an offset of."""

    next_offset: int
    topic_id: str


def check_positions(
    stored: Mapping[Partition, StoredPosition],
    logs: Mapping[Partition, Bounds],
    topic_ids: Mapping[str, str],
) -> None:
    """Check that the stored positions are in the logs of these topics. Partitions without a log pass.

    Raises TopicSuperseded, TopicReplaced and PositionLost.
    """
    for partition, position in stored.items():
        if position.topic_id == SUPERSEDED:
            raise TopicSuperseded(topic=partition.topic)
        if topic_ids.get(partition.topic) != position.topic_id:
            raise TopicReplaced(topic=partition.topic)
        log = logs.get(partition)
        if log is not None and not log.start <= position.next_offset <= log.end:
            raise PositionLost(
                topic=partition.topic,
                partition=partition.number,
                position=position.next_offset,
                low=log.start,
                high=log.end,
            )


def check_advance(
    expected: Mapping[Key, int], ends: Mapping[Key, int], moved: int, stored: Mapping[Key, int]
) -> bool:
    """Return True if all positions moved from `expected` to `ends`, of which `moved` were updated.

    False: they are at `ends` already, since the response to an earlier commit was lost. Raises Fenced.
    """
    if moved == len(ends):
        return True
    if not moved and all(stored.get(key) == end for key, end in ends.items()):
        return False
    raise Fenced(expected=dict(expected), stored=dict(stored))
