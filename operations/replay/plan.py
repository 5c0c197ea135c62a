"""Plan of a replay by partition, computed before any change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka.admin import AdminClient

from operations.replay.readers import Reader
from operations.replay.start import Earliest, FromOffset, FromTime, Start
from songnodes.errors import PositionLost, UserError
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings


class OffsetOutOfRange(UserError):
    """The log no longer contains this offset"""

    remedy = "Use `--from earliest` to start at the oldest record"


class TopicNotRead(UserError):
    """The process does not read this topic"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One partition of one reader. `target` is None where the position stays.

    `position` is None if it never read: it starts at the beginning of the log anyway.
    """

    reader: str
    partition: Partition
    log: Bounds
    position: int | None
    target: int | None

    @property
    def to_reread(self) -> int:
        """Records to read again, at most: a compacted log has holes."""
        if self.target is None or self.position is None:
            return 0
        return max(min(self.position, self.log.end) - self.target, 0)

    @property
    def lost(self) -> int:
        """Records deleted from the log before they were read."""
        if self.target is None or self.position is None:
            return 0
        return max(self.target - self.position, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All moves of a replay, including those of partitions that stay."""

    moves: tuple[Move, ...]

    @property
    def moving(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.target is not None)

    @property
    def to_reread(self) -> int:
        """Records to read again, at most."""
        return sum(move.to_reread for move in self.moves)

    @property
    def lost(self) -> int:
        """Records that are gone from logs unread."""
        return sum(move.lost for move in self.moves)

    def targets(self, reader: Reader) -> dict[Partition, int]:
        """Return the new positions of a reader."""
        return {m.partition: m.target for m in self.moves if m.reader == reader.name and m.target is not None}

    def as_list(self) -> list[dict[str, object]]:
        """Return the moves as stored in the journal."""
        return [
            {
                "reader": move.reader,
                "topic": move.partition.topic,
                "part": move.partition.number,
                "from": move.target,
                "to": move.position,
            }
            for move in self.moving
        ]


def plan(
    settings: Settings, admin: AdminClient, readers: Sequence[Reader], start: Start, topic: str | None = None
) -> Plan:
    """Return the plan for these readers, limited to `topic` (a logical name) if given.

    Raises OffsetOutOfRange, PositionLost, TopicNotRead, and UnknownName.
    """
    chosen = {reader.name: _topics(settings, reader, topic) for reader in readers}
    if not any(chosen.values()):
        raise TopicNotRead(topic or "")
    wanted = log_offsets.partitions(admin, sorted({name for names in chosen.values() for name in names}))
    bounds = log_offsets.bounds(admin, wanted)
    offsets = log_offsets.offsets_at(admin, wanted, start.moment) if isinstance(start, FromTime) else {}
    moves = []
    for reader in readers:
        positions = reader.positions()
        for at in (candidate for candidate in wanted if candidate.topic in chosen[reader.name]):
            requested = _requested_offset(start, at, bounds[at], offsets)
            target = _target(start, at, bounds[at], positions.get(at), requested)
            moves.append(
                Move(
                    reader=reader.name,
                    partition=at,
                    log=bounds[at],
                    position=positions.get(at),
                    target=target,
                )
            )
    return Plan(moves=tuple(moves))


def _topics(settings: Settings, reader: Reader, topic: str | None) -> Iterable[str]:
    if topic is None:
        return reader.topics
    name = topics.physical(topic, settings)
    return [name] if name in reader.topics else []


def _requested_offset(
    start: Start, at: Partition, bounds: Bounds, offsets_at_time: Mapping[Partition, int | None]
) -> int:
    match start:
        case Earliest():
            return bounds.start
        case FromOffset(offset):
            if offset < bounds.start:
                raise OffsetOutOfRange(
                    topic=at.topic, partition=at.number, offset=offset, log_start=bounds.start
                )
            return offset
        case FromTime():
            first = offsets_at_time[at]
            return bounds.end if first is None else first


def _target(start: Start, at: Partition, bounds: Bounds, position: int | None, requested: int) -> int | None:
    """Return the new position; never a later one, which would skip records, unless these were deleted."""
    if position is None:
        return None
    if not bounds.start <= position <= bounds.end:
        if not isinstance(start, Earliest):
            raise PositionLost(topic=at.topic, partition=at.number, position=position, log_start=bounds.start)
        return requested
    return requested if requested < position else None
