"""Reinsert records: write their original bytes back to their topics, to be processed again.

A reinserted record is a repeated delivery, which every stage tolerates: entries and rows are guarded by
versions. A compacted topic is the exception: it would keep the old record and drop the newer one of the same
key, so a record is not reinserted there once its key has a newer one.
"""

from collections.abc import Iterable, Iterator, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from operations import topic_log
from operations.dead_letters.action_log import ActionLog
from operations.dead_letters.letters import DeadLetter, LetterGroup
from operations.dead_letters.topic import SUFFIX, DeadLetterTopic
from songnodes.errors import NotAcknowledged
from songnodes.messaging import clients, dead_letters, log_offsets, topics
from songnodes.messaging.delivery import BY_PARTITIONER
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

BATCH_RECORDS = 200
BATCH_BYTES = 32 * 1024 * 1024
DELIVERY_TIMEOUT_S = 30.0  # for a batch
REMEDY = "This letter and those after it stay open: run the command again"


def origins(settings: Settings) -> dict[str, str]:
    """Return the logical name by the name on the broker, for all topics that accept reinserted records."""
    names = (name for name in topics.declared() if not name.endswith(SUFFIX))
    return {topics.physical(name, settings): name for name in names}


def obstacles(
    settings: Settings, admin: AdminClient, chosen: Iterable[LetterGroup]
) -> dict[LetterGroup, str]:
    """Return the reasons of records that cannot be reinserted.

    Reads compacted topics from the oldest letter on.
    """
    logical_names = origins(settings)
    reasons: dict[LetterGroup, str] = {}
    compacted = []
    for group in chosen:
        reason = group.letter.reason
        if reason is None:
            reasons[group] = "its headers do not name its origin"
        elif missing := dead_letters.left_out(group.letter.headers):
            reasons[group] = f"it was too large to store ({missing}); read the original at its origin"
        elif reason.topic not in logical_names:
            reasons[group] = f"{reason.topic} is not a topic of this pipeline"
        elif topics.topic(logical_names[reason.topic]).config["cleanup.policy"] == "compact":
            compacted.append(group)
    superseded = _superseded(settings, admin, compacted)
    return reasons | dict.fromkeys(
        superseded, "its key has a newer record, which compaction would drop for it"
    )


def _superseded(settings: Settings, admin: AdminClient, chosen: Sequence[LetterGroup]) -> list[LetterGroup]:
    first: dict[Partition, int] = {}
    for _, at, offset in _origins(chosen):
        first[at] = min(first.get(at, offset), offset)
    log_bounds = log_offsets.bounds(admin, first)
    ranges = {
        at: Bounds(start=max(offset, log_bounds[at].start), end=log_bounds[at].end)
        for at, offset in first.items()
    }
    newest: dict[tuple[Partition, bytes | None], int] = {}
    wanted = {(at, group.letter.key) for group, at, _ in _origins(chosen)}
    for message in topic_log.read(settings, ranges):
        position = (Partition(str(message.topic()), message.partition() or 0), message.key())
        if position in wanted:
            newest[position] = message.offset() or 0
    return [
        group for group, at, offset in _origins(chosen) if newest.get((at, group.letter.key), offset) > offset
    ]


def _origins(chosen: Iterable[LetterGroup]) -> Iterator[tuple[LetterGroup, Partition, int]]:
    for group in chosen:
        if reason := group.letter.reason:
            yield group, Partition(reason.topic, reason.partition), reason.offset


def reinsert(
    settings: Settings, topic: DeadLetterTopic, chosen: Sequence[LetterGroup]
) -> Iterator[list[LetterGroup]]:
    """Reinsert records; yield those that Kafka has acknowledged, so that the action can be recorded.

    After a crash before the action is recorded the letter is still open and may be reinserted twice, which is
    harmless (see above). Raises NotAcknowledged.
    """
    by_address = {group.letter.address: group for group in chosen}
    producer = clients.producer(settings, log_level=0)
    batch = _Batch(producer)
    for letter, value in topic.contents(by_address):
        batch.send(by_address[letter.address], letter, value)
        if batch.full:
            yield batch.acknowledged()
            batch.check()
            batch = _Batch(producer)
    yield batch.acknowledged()
    batch.check()


def reinsert_and_record(
    settings: Settings,
    topic: DeadLetterTopic,
    actions: ActionLog,
    chosen: Sequence[LetterGroup],
    *,
    who: str,
    note: str,
) -> int:
    """Reinsert records, record the action on all their letters; return how many. Raises NotAcknowledged."""
    done = 0
    for acknowledged in reinsert(settings, topic, chosen) if chosen else ():
        actions.add(
            (address for group in acknowledged for address in group.letters), "reinserted", who=who, note=note
        )
        done += len(acknowledged)
    return done


class _Batch:
    """Records handed to the producer together."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._groups: list[LetterGroup] = []
        self._bytes = 0
        self._acked: set[LetterGroup] = set()
        self._why = "no response"

    @property
    def full(self) -> bool:
        return len(self._groups) >= BATCH_RECORDS or self._bytes >= BATCH_BYTES

    def send(self, group: LetterGroup, letter: DeadLetter, value: bytes | None) -> None:
        """Send the original key, value and headers; ours are included, so that the attempt count
        continues.
        """

        def report(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                self._acked.add(group)
            else:
                self._why = error.str()

        self._groups.append(group)
        self._bytes += len(value or b"")
        topic = letter.reason.topic if letter.reason else ""
        try:
            self._producer.produce(
                topic,
                value,
                letter.key,
                # the key alone does not determine it in every topic (`songnodes.messaging.partitioning`)
                partition=letter.reason.partition if letter.reason else BY_PARTITIONER,
                headers=list(letter.headers),
                on_delivery=report,
            )
        except KafkaException as error:  # too large for the topic
            self._why = str(error.args[0])

    def acknowledged(self) -> list[LetterGroup]:
        """Wait for acknowledgements; return the acknowledged records in the order sent."""
        self._producer.flush(DELIVERY_TIMEOUT_S)
        return [group for group in self._groups if group in self._acked]

    def check(self) -> None:
        """Raise NotAcknowledged unless all are acknowledged."""
        lost = [group for group in self._groups if group not in self._acked]
        if lost:
            raise NotAcknowledged(self._why, remedy=REMEDY, letter=lost[0].letter.address)
