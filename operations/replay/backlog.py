"""What is written and not read yet, over all processes."""

import time
from collections.abc import Callable, Mapping, Sequence

from confluent_kafka.admin import AdminClient

from operations import log
from operations.log import Partition
from operations.replay.readers import Reader
from songnodes.errors import NotUsable

LOOK = 0.5  # seconds between two looks
STALL = 120.0  # seconds without any progress before waiting ends

#: Reader -> records that it has not read yet.
Backlog = Mapping[str, int]
Tell = Callable[[Backlog], None]


class Stalled(NotUsable):
    """Records wait, and nothing reads them"""

    remedy = (
        "Start the processes, or look at `songnodes status` and their logs; the replay has no end on record"
    )


def backlog(admin: AdminClient, readers: Sequence[Reader]) -> Backlog:
    """The readers that have something left, and how much at most.

    All positions are taken before all ends: what is read up to an end then was read before, and its outputs
    were in the log before any end was taken. So when nothing is left here, there was a moment at which
    nothing was left anywhere, loops between stages included.
    """
    positions = {reader.name: reader.positions() for reader in readers}
    wanted = log.partitions(admin, sorted({topic for reader in readers for topic in reader.topics}))
    bounds = log.bounds(admin, wanted)
    found = {}
    for reader in readers:
        known = positions[reader.name]
        mine = (at for at in wanted if at.topic in reader.topics)
        left = sum(max(bounds[at].end - _next(known, at, bounds[at].start), 0) for at in mine)
        if left:
            found[reader.name] = left
    return found


def drain(
    admin: AdminClient,
    readers: Sequence[Reader],
    tell: Tell,
    *,
    patience: float = STALL,
    most: float | None = None,
) -> bool:
    """Wait until nothing is left anywhere; False when `most` seconds were not enough.

    Raises Stalled when nothing moved for `patience` seconds.
    """
    begun = moved = time.monotonic()
    last: Backlog | None = None
    while left := backlog(admin, readers):
        now = time.monotonic()
        if left != last:
            last, moved = left, now
            tell(left)
        if most is not None and now - begun > most:
            return False
        if now - moved > patience:
            raise Stalled(", ".join(f"{name} {count}" for name, count in left.items()))
        time.sleep(LOOK)
    return True


def _next(known: Mapping[Partition, int], at: Partition, start: int) -> int:
    """A reader without position begins with the oldest record."""
    return max(known.get(at, start), start)
