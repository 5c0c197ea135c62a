"""Wait until every published record has been processed: no group has lag."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from songnodes.access import Access
from songnodes.errors import SongNodesError, UserError
from songnodes.messaging import log_offsets
from songnodes.messaging.clients import connection
from songnodes.messaging.committed import Committed
from songnodes.messaging.log_offsets import Partition

REQUEST_TIMEOUT_S = 10.0  # of the broker
POLL_INTERVAL_S = 1.0  # groups commit once a second
QUIET_LOOKS = 3  # polls without lag and new records; a record between two groups is lag of neither
STUCK = 180.0  # seconds without any change, or without an answer
CHANGELOG = "-changelog"  # how Faust ends their names


class Stuck(UserError):
    """The pipeline does not go on"""

    remedy = "`songnodes status` shows what is behind, `songnodes logs` why"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
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
    tell: Callable[[Look], None] = lambda look: None,
    *,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Return when all groups are drained and stay so. `tell` is called with every poll. Raises Stuck."""
    quiet, unchanged, silent = 0, 0.0, 0.0
    before: Look | None = None
    while quiet < QUIET_LOOKS:
        try:
            look = take(access, groups)
        except (KafkaException, SongNodesError) as error:  # a coordinator that moves, a broker that starts
            silent += POLL_INTERVAL_S
            if silent > STUCK:
                raise Stuck(str(error.args[0])) from error
            pause(POLL_INTERVAL_S)
            continue
        silent = 0.0
        tell(look)
        quiet = quiet + 1 if look.drained and (before is None or look.ends == before.ends) else 0
        unchanged = unchanged + POLL_INTERVAL_S if look == before else 0.0
        if unchanged > STUCK:
            behind = {group: left for group, left in look.left.items() if left != 0}
            raise Stuck(", ".join(f"{g}: {'not there' if n is None else n}" for g, n in behind.items()))
        before = look
        pause(POLL_INTERVAL_S)


def take(access: Access, groups: Sequence[str]) -> Look:
    """Return the state of all groups. Raises KafkaException, KafkaDown, NoSuchTopic."""
    admin = _admin(access)
    owned = _owned(admin, groups)
    every = {partition for partitions in owned.values() for partition in partitions}
    bounds = log_offsets.bounds(admin, every, timeout_s=REQUEST_TIMEOUT_S)
    left: dict[str, int | None] = {}
    for group in groups:
        committed = _reader(access, group).offsets(owned[group], REQUEST_TIMEOUT_S)
        behind = (bounds[at].end - bounds[at].first_unread(committed.get(at)) for at in owned[group])
        left[group] = sum(behind) if owned[group] else None
    return Look(left=left, ends=sum(partition_bounds.end for partition_bounds in bounds.values()))


def _owned(admin: AdminClient, groups: Sequence[str]) -> dict[str, set[Partition]]:
    """Return the input partitions of the members of each group; those of changelogs have no commits."""
    answers: Mapping[str, Any] = admin.describe_consumer_groups(
        list(groups), request_timeout=REQUEST_TIMEOUT_S
    )
    return {
        group: {
            Partition(partition.topic, partition.partition)
            for member in answer.result().members
            for partition in member.assignment.topic_partitions
            if not partition.topic.endswith(CHANGELOG)
        }
        for group, answer in answers.items()
    }


@cache
def _reader(access: Access, group: str) -> Committed:
    return Committed(access, group)


@cache
def _admin(access: Access) -> AdminClient:
    return AdminClient(connection(access))
