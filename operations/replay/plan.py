"""What a replay will do, partition by partition, worked out before anything is touched."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from confluent_kafka.admin import AdminClient

from operations import log
from operations.log import Bounds, Partition
from operations.replay.readers import Reader
from operations.replay.start import Earliest, FromOffset, FromTime, Start
from songnodes.errors import NotUsable
from songnodes.messaging import topics
from songnodes.settings import Settings


class BelowLog(NotUsable):
    """The log no longer has this offset"""

    remedy = "`--from earliest` begins with the oldest record there is"


class PositionLost(NotUsable):
    """The log no longer has the position of this reader, so only `--from earliest` makes sense"""


class NotRead(NotUsable):
    """This process does not read that topic"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One partition of one reader. `target` is None where the position stays.

    `position` is None where it never read, and so begins at the log's start anyway.
    """

    reader: str
    partition: Partition
    log: Bounds
    position: int | None
    target: int | None

    @property
    def again(self) -> int:
        """Records to read again, at most: a compacted log has holes."""
        if self.target is None or self.position is None:
            return 0
        return max(min(self.position, self.log.end) - self.target, 0)

    @property
    def lost(self) -> int:
        """Records that are gone from the log unread."""
        if self.target is None or self.position is None:
            return 0
        return max(self.target - self.position, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All moves of a replay, those of partitions that stay included."""

    moves: tuple[Move, ...]

    @property
    def moving(self) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.target is not None)

    @property
    def again(self) -> int:
        """Records to read again, at most."""
        return sum(move.again for move in self.moves)

    @property
    def lost(self) -> int:
        """Records that are gone from logs unread."""
        return sum(move.lost for move in self.moves)

    def targets(self, reader: Reader) -> dict[Partition, int]:
        """Where to move a reader."""
        return {m.partition: m.target for m in self.moves if m.reader == reader.name and m.target is not None}

    def plain(self) -> list[dict[str, object]]:
        """As it is kept in the record of the replay."""
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
    """The plan for these readers, of one topic (logical name) only where one is given.

    Raises BelowLog, PositionLost, NotRead, and UnknownTopic.
    """
    chosen = {reader.name: _topics(settings, reader, topic) for reader in readers}
    if not any(chosen.values()):
        raise NotRead(topic or "")
    wanted = log.partitions(admin, sorted({name for names in chosen.values() for name in names}))
    bounds = log.bounds(admin, wanted)
    found = log.since(admin, wanted, start.moment) if isinstance(start, FromTime) else {}
    moves = []
    for reader in readers:
        positions = reader.positions()
        for at in (each for each in wanted if each.topic in chosen[reader.name]):
            goal = _goal(start, at, bounds[at], found)
            target = _target(start, at, bounds[at], positions.get(at), goal)
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


def _goal(start: Start, at: Partition, bounds: Bounds, found: Mapping[Partition, int | None]) -> int:
    match start:
        case Earliest():
            return bounds.start
        case FromOffset(offset):
            if offset < bounds.start:
                raise BelowLog(topic=at.topic, partition=at.number, offset=offset, log_start=bounds.start)
            return offset
        case FromTime():
            first = found[at]
            return bounds.end if first is None else first


def _target(start: Start, at: Partition, bounds: Bounds, position: int | None, goal: int) -> int | None:
    """Never forwards, which would skip records, but where they are gone already."""
    if position is None:
        return None
    if not bounds.start <= position <= bounds.end:
        if not isinstance(start, Earliest):
            raise PositionLost(topic=at.topic, partition=at.number, position=position, log_start=bounds.start)
        return goal
    return goal if goal < position else None
