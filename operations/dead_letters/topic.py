"""Dead-letter topic of one stage."""

from collections.abc import Collection, Iterable, Iterator

from confluent_kafka.admin import AdminClient

from operations import topic_log
from operations.dead_letters.letters import Address, DeadLetter
from songnodes.errors import UnknownName, UserError
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

SUFFIX = ".dlq"


def stages() -> list[str]:
    """Return all processes with a dead-letter topic, in the order of the topics file."""
    return [name.removesuffix(SUFFIX) for name in topics.declared() if name.endswith(SUFFIX)]


class UnknownLetter(UserError):
    """This dead letter does not exist, or its retention has ended"""


class DeadLetterTopic:
    """Letters of a stage. Raises UnknownName; each method raises TopicMissing and KafkaUnreachable."""

    def __init__(self, settings: Settings, admin: AdminClient, stage: str) -> None:
        if stage not in stages():
            raise UnknownName("process with dead letters", stage, stages())
        self.stage = stage
        self.topic = topics.physical(stage + SUFFIX, settings)
        self._settings = settings
        self._admin = admin

    def topic_id(self) -> str:
        """Return the topic id, which differs from that of an earlier topic of the same name."""
        return log_offsets.topic_ids(self._admin, [self.topic])[self.topic]

    def letters(self) -> Iterator[DeadLetter]:
        """Yield all letters in the topic now."""
        everything = log_offsets.bounds(self._admin, log_offsets.partitions(self._admin, [self.topic]))
        return (letter for letter, _ in self._read(everything))

    def contents(self, addresses: Collection[Address]) -> Iterator[tuple[DeadLetter, bytes | None]]:
        """Yield these letters with their values, in order within a partition; expired ones are skipped."""
        wanted = set(addresses)
        return (entry for entry in self._read(self._ranges_around(wanted)) if entry[0].address in wanted)

    def one(self, address: Address) -> tuple[DeadLetter, bytes | None]:
        """Return a letter and its value. Raises UnknownLetter."""
        entry = next(self.contents([address]), None)
        if entry is None:
            raise UnknownLetter(f"{self.stage} {address}")
        return entry

    def _ranges_around(self, addresses: Iterable[Address]) -> dict[Partition, Bounds]:
        """Return the shortest ranges that contain these letters, as far as they still exist."""
        offsets: dict[Partition, list[int]] = {}
        for address in addresses:
            offsets.setdefault(Partition(self.topic, address.partition), []).append(address.offset)
        partitions = log_offsets.partitions(self._admin, [self.topic])
        bounds = log_offsets.bounds(
            self._admin, (partition for partition in partitions if partition in offsets)
        )
        return {
            partition: Bounds(
                start=max(min(offsets[partition]), log_bounds.start),
                end=min(max(offsets[partition]) + 1, log_bounds.end),
            )
            for partition, log_bounds in bounds.items()
        }

    def _read(self, ranges: dict[Partition, Bounds]) -> Iterator[tuple[DeadLetter, bytes | None]]:
        for message in topic_log.read(self._settings, ranges):
            yield DeadLetter.of(message), message.value()
