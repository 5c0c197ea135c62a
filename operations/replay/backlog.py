"""Backlog: records written and not read yet, over all processes."""

import time
from collections.abc import Callable, Mapping, Sequence

from confluent_kafka.admin import AdminClient

from operations.replay.readers import Reader
from songnodes.errors import PipelineStalled
from songnodes.messaging import log_offsets
from songnodes.messaging.log_offsets import Partition

POLL_INTERVAL_S = 0.5  # between two checks
STALL_TIMEOUT_S = 120.0  # without progress, after which waiting ends

#: Unread records by reader.
Backlog = Mapping[str, int]
OnProgress = Callable[[Backlog], None]


STALLED_REMEDY = (
    "Start the processes, or check `songnodes status` and their logs; the replay is recorded without an end"
)


def backlog(admin: AdminClient, readers: Sequence[Reader]) -> Backlog:
    """Return the unread records of each reader that has any, at most.

    All positions are read before all ends: a record counted as read was read before any end was taken, so its
    outputs are included in the ends. An empty result therefore proves that at some moment nothing was unread,
    loops between stages included.
    """
    positions = {reader.name: reader.positions() for reader in readers}
    wanted = log_offsets.partitions(admin, sorted({topic for reader in readers for topic in reader.topics}))
    bounds = log_offsets.bounds(admin, wanted)
    unread = {}
    for reader in readers:
        reader_positions = positions[reader.name]
        own_partitions = (at for at in wanted if at.topic in reader.topics)
        count = sum(
            max(bounds[at].end - _next(reader_positions, at, bounds[at].start), 0) for at in own_partitions
        )
        if count:
            unread[reader.name] = count
    return unread


def drain(
    admin: AdminClient,
    readers: Sequence[Reader],
    on_progress: OnProgress,
    *,
    stall_timeout: float = STALL_TIMEOUT_S,
    time_limit: float | None = None,
) -> bool:
    """Wait until no record is unread; return False when `time_limit` seconds were not enough.

    Raises PipelineStalled without progress for `stall_timeout` seconds.
    """
    started_at = progressed_at = time.monotonic()
    previous: Backlog | None = None
    while unread := backlog(admin, readers):
        now = time.monotonic()
        if unread != previous:
            previous, progressed_at = unread, now
            on_progress(unread)
        if time_limit is not None and now - started_at > time_limit:
            return False
        if now - progressed_at > stall_timeout:
            counts = ", ".join(f"{name} {count}" for name, count in unread.items())
            raise PipelineStalled(f"records that no process reads: {counts}", remedy=STALLED_REMEDY)
        time.sleep(POLL_INTERVAL_S)
    return True


def _next(positions: Mapping[Partition, int], at: Partition, start: int) -> int:
    """Return the next offset to read; a reader without a position starts at the oldest record."""
    return max(positions.get(at, start), start)
