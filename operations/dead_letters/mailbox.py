"""The dead letters of one stage, as they lie in Kafka."""

from collections.abc import Collection, Iterable, Iterator

from confluent_kafka import TopicCollection
from confluent_kafka.admin import AdminClient

from operations import log
from operations.dead_letters.letter import Address, DeadLetter
from operations.log import Bounds, Partition
from songnodes.errors import NotUsable
from songnodes.messaging import topics
from songnodes.settings import Settings

SUFFIX = ".dlq"


def stages() -> list[str]:
    """Everything that has dead letters, in the order of the topics file."""
    return [name.removesuffix(SUFFIX) for name in topics.declared() if name.endswith(SUFFIX)]


class UnknownStage(NotUsable):
    """Nothing of this name has dead letters"""


class NoSuchLetter(NotUsable):
    """There is no such dead letter: it never was, or it is older than the topic keeps them"""


class Mailbox:
    """The letters of a stage. Raises UnknownStage; each method raises NoSuchTopic and KafkaDown."""

    def __init__(self, settings: Settings, admin: AdminClient, stage: str) -> None:
        if stage not in stages():
            raise UnknownStage(stage, known=", ".join(stages()))
        self.stage = stage
        self.topic = topics.physical(stage + SUFFIX, settings)
        self._settings = settings
        self._admin = admin

    def topic_id(self) -> str:
        """What tells the topic from an earlier one of the same name."""
        with log.answering():
            answer = self._admin.describe_topics(TopicCollection([self.topic]))[self.topic]
            return str(answer.result().topic_id)

    def letters(self) -> Iterator[DeadLetter]:
        """All letters that are there now."""
        everything = log.bounds(self._admin, log.partitions(self._admin, [self.topic]))
        return (letter for letter, _ in self._read(everything))

    def contents(self, addresses: Collection[Address]) -> Iterator[tuple[DeadLetter, bytes | None]]:
        """These letters with their values, in order within a partition. Those that are gone are left out."""
        wanted = set(addresses)
        return (found for found in self._read(self._around(wanted)) if found[0].address in wanted)

    def one(self, address: Address) -> tuple[DeadLetter, bytes | None]:
        """A letter and its value. Raises NoSuchLetter."""
        found = next(self.contents([address]), None)
        if found is None:
            raise NoSuchLetter(f"{self.stage} {address}")
        return found

    def _around(self, addresses: Iterable[Address]) -> dict[Partition, Bounds]:
        """The shortest stretches that hold these letters, as far as they are still there."""
        offsets: dict[Partition, list[int]] = {}
        for address in addresses:
            offsets.setdefault(Partition(self.topic, address.partition), []).append(address.offset)
        there = log.partitions(self._admin, [self.topic])
        bounds = log.bounds(self._admin, (each for each in there if each in offsets))
        return {
            each: Bounds(
                start=max(min(offsets[each]), known.start), end=min(max(offsets[each]) + 1, known.end)
            )
            for each, known in bounds.items()
        }

    def _read(self, stretches: dict[Partition, Bounds]) -> Iterator[tuple[DeadLetter, bytes | None]]:
        for message in log.read(self._settings, stretches):
            yield DeadLetter.of(message), message.value()
