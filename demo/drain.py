"""Wait until every published record has been processed: no group has lag."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from songnodes.access import Access
from songnodes.errors import PipelineStalled, SongNodesError
from songnodes.messaging import log_offsets
from songnodes.messaging.clients import connection
from songnodes.messaging.committed import Committed
from songnodes.messaging.group_members import members
from songnodes.messaging.log_offsets import Partition

REQUEST_TIMEOUT_S = 10.0  # of the broker
POLL_INTERVAL_S = 1.0  # groups commit once a second
STABLE_POLLS = 3  # polls without lag and new records; a record between two groups is lag of neither
STALL_TIMEOUT_S = 180.0  # without any change, or without a response of the broker
CHANGELOG_SUFFIX = "-changelog"  # of the names that Faust gives them


@dataclass(frozen=True, slots=True, kw_only=True)
class LagSnapshot:
    """Records left per group, None for a group that has no partitions yet; and all log ends together."""

    left: Mapping[str, int | None]
    ends: int

    @property
    def drained(self) -> bool:
        """Return True if every group exists and has no lag."""
        return all(left == 0 for left in self.left.values())


def wait(
    access: Access,
    groups: Sequence[str],
    on_poll: Callable[[LagSnapshot], None] = lambda snapshot: None,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Return when all groups are drained and remain so. `on_poll` is called after every poll.

    Raises PipelineStalled.
    """
    stable_polls, unchanged, unavailable = 0, 0.0, 0.0
    before: LagSnapshot | None = None
    while stable_polls < STABLE_POLLS:
        try:
            snapshot = take_snapshot(access, groups)
        except (KafkaException, SongNodesError) as error:  # a coordinator that moves, a broker that starts
            unavailable += POLL_INTERVAL_S
            if unavailable > STALL_TIMEOUT_S:
                raise PipelineStalled(str(error.args[0])) from error
            sleep(POLL_INTERVAL_S)
            continue
        unavailable = 0.0
        on_poll(snapshot)
        stable_polls = (
            stable_polls + 1 if snapshot.drained and (before is None or snapshot.ends == before.ends) else 0
        )
        unchanged = unchanged + POLL_INTERVAL_S if snapshot == before else 0.0
        if unchanged > STALL_TIMEOUT_S:
            behind = {group: left for group, left in snapshot.left.items() if left != 0}
            lags = (f"{group}: {'no members' if lag is None else lag}" for group, lag in behind.items())
            raise PipelineStalled(", ".join(lags))
        before = snapshot
        sleep(POLL_INTERVAL_S)


def take_snapshot(access: Access, groups: Sequence[str]) -> LagSnapshot:
    """Return the state of all groups. Raises KafkaException, KafkaUnreachable, TopicMissing."""
    admin = _admin(access)
    owned = _owned(admin, groups)
    all_partitions = {partition for partitions in owned.values() for partition in partitions}
    bounds = log_offsets.bounds(admin, all_partitions, timeout_s=REQUEST_TIMEOUT_S)
    left: dict[str, int | None] = {}
    for group in groups:
        committed = _reader(access, group).offsets(owned[group], REQUEST_TIMEOUT_S)
        behind = (
            bounds[partition].end - bounds[partition].first_unread(committed.get(partition))
            for partition in owned[group]
        )
        left[group] = sum(behind) if owned[group] else None
    return LagSnapshot(left=left, ends=sum(partition_bounds.end for partition_bounds in bounds.values()))


def _owned(admin: AdminClient, groups: Sequence[str]) -> dict[str, set[Partition]]:
    """Return the input partitions of the members of each group; those of changelogs have no commits."""
    return {
        group: {
            Partition(partition.topic, partition.partition)
            for member in members(admin, group, timeout_s=REQUEST_TIMEOUT_S)
            for partition in member.assignment.topic_partitions
            if not partition.topic.endswith(CHANGELOG_SUFFIX)
        }
        for group in groups
    }


@cache
def _reader(access: Access, group: str) -> Committed:
    return Committed(access, group)


@cache
def _admin(access: Access) -> AdminClient:
    return AdminClient(connection(access))
