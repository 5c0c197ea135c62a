"""Lag of each consumer group, from Kafka alone and without fetching a record."""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from infra.embedded.oldest import oldest_ms
from songnodes.access import Access
from songnodes.messaging import clients, log_offsets
from songnodes.messaging.committed import Committed
from songnodes.messaging.group_members import members
from songnodes.messaging.log_offsets import Bounds, Partition

REQUEST_TIMEOUT_S = 10.0  # of the broker
MAX_AT_A_TIME = 8  # groups that are read at the same time


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLag:
    """Records of a group's topics that it has not committed. `oldest` is the time of the first of them.

    `committed` is the sum of its committed offsets: its difference between two calls counts records.
    `missing` has the topics it is declared to read that do not exist: it reads nothing of them.
    """

    group: str
    records: int
    oldest: datetime | None
    committed: int = 0
    missing: tuple[str, ...] = ()


def groups(
    access: Access, namespace: str = "", declared: Mapping[str, Sequence[str]] | None = None
) -> list[GroupLag]:
    """Return the lag of every group of one pipeline, by name.

    A group in `declared` (group -> topics) is behind by all records of these topics, committed or not, and
    whether the broker has heard of the group or not. Any other counts in topics that it has committed
    something in. Raises KafkaException where the broker is away.
    """
    declared = declared or {}
    admin = AdminClient({**clients.connection(access), "log_level": 0})
    prefix = f"{namespace}.songnodes-" if namespace else "songnodes-"
    listed = admin.list_consumer_groups(request_timeout=REQUEST_TIMEOUT_S).result()
    names = sorted(
        {*declared, *(group.group_id for group in listed.valid if group.group_id.startswith(prefix))}
    )
    partitions = log_offsets.all_partitions(admin, timeout_s=REQUEST_TIMEOUT_S)
    # Each group waits for its own connection and its coordinator, most of the time of this function.
    with ThreadPoolExecutor(MAX_AT_A_TIME) as threads:
        return list(
            threads.map(lambda name: _lag(admin, access, name, partitions, declared.get(name)), names)
        )


def without_members(access: Access, groups: Iterable[str]) -> list[str]:
    """Return those of the groups that no process has joined, as far as the broker knows.

    While its coordinator is elected, as after the start of a broker, a group counts as not joined.
    """
    admin = AdminClient({**clients.connection(access), "log_level": 0})
    return [name for name in groups if not _has_members(admin, name)]


def _has_members(admin: AdminClient, group: str) -> bool:
    try:
        return bool(members(admin, group, timeout_s=REQUEST_TIMEOUT_S))
    except KafkaException:
        return False


def _lag(
    admin: AdminClient,
    access: Access,
    group: str,
    partitions: Mapping[str, list[Partition]],
    declared: Sequence[str] | None,
) -> GroupLag:
    """Return the lag in all partitions of the topics declared, otherwise of those with a commit."""
    candidates = partitions if declared is None else [name for name in declared if partitions.get(name)]
    with closing(Committed(access, group)) as reader:
        committed = reader.offsets((at for name in candidates for at in partitions[name]), REQUEST_TIMEOUT_S)
    names = {at.topic for at in committed} if declared is None else candidates
    every = [at for name in names for at in partitions[name]]
    bounds = log_offsets.bounds(admin, every, timeout_s=REQUEST_TIMEOUT_S)
    unread = {at: bounds[at].first_unread(committed.get(at)) for at in every}
    behind = {at: offset for at, offset in unread.items() if offset < bounds[at].end}
    return GroupLag(
        group=group,
        records=sum(bounds[at].end - offset for at, offset in behind.items()),
        oldest=_oldest(admin, behind, bounds),
        committed=sum(committed.values()),
        missing=tuple(sorted(set(declared or ()) - set(candidates))),
    )


def _oldest(
    admin: AdminClient, unread: Mapping[Partition, int], bounds: Mapping[Partition, Bounds]
) -> datetime | None:
    """Return the earliest time among the first unread records, one of each partition."""
    if not unread:
        return None
    time_ms = oldest_ms(
        unread,
        {at: bounds[at].end for at in unread},
        int(time.time() * 1000),
        lambda times_ms: log_offsets.first_records_since(admin, times_ms, timeout_s=REQUEST_TIMEOUT_S),
    )
    return None if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC)
