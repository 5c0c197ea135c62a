"""Putting records back where they came from: the original bytes, to be processed again.

A reinserted record is one more delivery of an old one. Every stage takes that: entries and rows are guarded
by versions. Only a compacted topic does not, since it would keep the old record and drop the newer one of
the same key; there a record is not put back once its key has a newer one.
"""

from collections.abc import Iterable, Iterator, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient

from operations import log
from operations.dead_letters.letter import Case, DeadLetter
from operations.dead_letters.mailbox import SUFFIX, Mailbox
from operations.log import Bounds, Partition
from songnodes.errors import NotUsable
from songnodes.messaging import clients, dead_letters, topics
from songnodes.settings import Settings

BATCH_RECORDS = 200
BATCH_BYTES = 32 * 1024 * 1024
DELIVERY_TIMEOUT = 30.0  # seconds until Kafka has taken a batch


class NotTaken(NotUsable):
    """Kafka did not take a record back; its letter and those after it stay open"""


def origins(settings: Settings) -> dict[str, str]:
    """Name on the broker -> logical name, of all topics that a record may be put back to."""
    names = (name for name in topics.declared() if not name.endswith(SUFFIX))
    return {topics.physical(name, settings): name for name in names}


def obstacles(settings: Settings, admin: AdminClient, chosen: Iterable[Case]) -> dict[Case, str]:
    """Why a record cannot be put back, for those that cannot. Reads compacted topics from the oldest on."""
    known = origins(settings)
    found: dict[Case, str] = {}
    compacted = []
    for case in chosen:
        reason = case.letter.reason
        if reason is None:
            found[case] = "its headers do not say where it came from"
        elif missing := dead_letters.left_out(case.letter.headers):
            found[case] = f"it was too large to be kept ({missing}); see the original's place"
        elif reason.topic not in known:
            found[case] = f"{reason.topic} is no topic of this pipeline now"
        elif topics.topic(known[reason.topic]).config["cleanup.policy"] == "compact":
            compacted.append(case)
    superseded = _superseded(settings, admin, compacted)
    return found | dict.fromkeys(superseded, "its key has a newer record, which compaction would drop for it")


def _superseded(settings: Settings, admin: AdminClient, chosen: Sequence[Case]) -> list[Case]:
    first: dict[Partition, int] = {}
    for _, at, offset in _placed(chosen):
        first[at] = min(first.get(at, offset), offset)
    known = log.bounds(admin, first)
    stretches = {
        at: Bounds(start=max(offset, known[at].start), end=known[at].end) for at, offset in first.items()
    }
    newest: dict[tuple[Partition, bytes | None], int] = {}
    wanted = {(at, case.letter.key) for case, at, _ in _placed(chosen)}
    for message in log.read(settings, stretches):
        found = (Partition(str(message.topic()), message.partition() or 0), message.key())
        if found in wanted:
            newest[found] = message.offset() or 0
    return [
        case for case, at, offset in _placed(chosen) if newest.get((at, case.letter.key), offset) > offset
    ]


def _placed(chosen: Iterable[Case]) -> Iterator[tuple[Case, Partition, int]]:
    for case in chosen:
        if reason := case.letter.reason:
            yield case, Partition(reason.topic, reason.partition), reason.offset


def reinsert(settings: Settings, mailbox: Mailbox, chosen: Sequence[Case]) -> Iterator[list[Case]]:
    """Put records back; yields those that Kafka has acknowledged, so that they can be marked.

    A crash between the acknowledgement and the mark leaves the letter open, and the record may be put back
    twice: harmless, see above. Raises NotTaken.
    """
    by_address = {case.letter.address: case for case in chosen}
    producer = clients.producer(settings, log_level=0)
    batch = _Batch(producer)
    for letter, value in mailbox.contents(by_address):
        batch.send(by_address[letter.address], letter, value)
        if batch.full:
            yield batch.taken()
            batch.check()
            batch = _Batch(producer)
    yield batch.taken()
    batch.check()


class _Batch:
    """Records handed to the producer together."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._cases: list[Case] = []
        self._bytes = 0
        self._acked: set[Case] = set()
        self._why = "no answer"

    @property
    def full(self) -> bool:
        return len(self._cases) >= BATCH_RECORDS or self._bytes >= BATCH_BYTES

    def send(self, case: Case, letter: DeadLetter, value: bytes | None) -> None:
        """The original key, value and headers; ours go along, so that another failure counts on."""

        def report(error: KafkaError | None, _message: Message) -> None:
            if error is None:
                self._acked.add(case)
            else:
                self._why = error.str()

        self._cases.append(case)
        self._bytes += len(value or b"")
        topic = letter.reason.topic if letter.reason else ""
        try:
            self._producer.produce(topic, value, letter.key, headers=list(letter.headers), on_delivery=report)
        except KafkaException as error:  # too large for the topic
            self._why = str(error.args[0])

    def taken(self) -> list[Case]:
        """Wait for Kafka; those that it has acknowledged, in the order they were sent."""
        self._producer.flush(DELIVERY_TIMEOUT)
        return [case for case in self._cases if case in self._acked]

    def check(self) -> None:
        """Raises NotTaken unless all are acknowledged."""
        lost = [case for case in self._cases if case not in self._acked]
        if lost:
            raise NotTaken(self._why, letter=lost[0].letter.address)
