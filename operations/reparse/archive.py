"""Read pages from the archive, parse them and write the outputs; only Kafka is accessed.

The code of the parse stage processes each page while its worker runs: silver orders records by fetch and
parser version, so it does not matter which process sends them, or when.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient

from operations import topic_log
from operations.replay.plan import OffsetOutOfRange
from operations.replay.start import Earliest, FromOffset, FromTime, Start
from songnodes.messaging import clients, dead_letters, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_budget import NO_LIMITS, DeadLetterBudget, DeadLetterLimits
from songnodes.messaging.delivery import Delivery
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings
from stream_processors import parse
from stream_processors.runtime.records import FetchedRecord

TOPIC = "bronze.pages"
DELIVERY_TIMEOUT_S = 30.0  # for all records

#: Topic, partition, offset and timestamp: identity of a page's record, also in its dead letters.
RecordId = tuple[str, int, int, int]


@dataclass(slots=True, kw_only=True)
class ReparseReport:
    """Counts of a reparse: pages, records by topic, refused pages by reason; and the pages that were
    parsed.
    """

    pages: int = 0
    records: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    read: set[RecordId] = field(default_factory=set)


class OutputCounter:
    """Counts the stage's outputs and, with a producer, sends them.

    A page that has a dead letter gets no second one.
    """

    def __init__(
        self, producer: Producer | None, dead_letter_topic: str, known_letters: Collection[RecordId]
    ) -> None:
        self._delivery = Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S) if producer is not None else None
        self._dead_letter_topic = dead_letter_topic
        self._known_letters = known_letters
        self.records: Counter[str] = Counter()
        self.refusal: dead_letters.Reason | None = None

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        if topic == self._dead_letter_topic:
            self.refusal = dead_letters.read(headers or ())
            if self.refusal is None or _record_id(self.refusal) in self._known_letters:
                return
        else:
            self.records[topic] += 1
        if self._delivery is not None:
            self._delivery.send(topic, key, value, headers or ())

    def finish(self) -> None:
        """Wait for all acknowledgements. Raises NotAcknowledged."""
        if self._delivery is not None:
            self._delivery.finish()


def archive_bounds(settings: Settings, admin: AdminClient, start: Start) -> Mapping[Partition, Bounds]:
    """Return the ranges from `start` to the current end of the archive. Raises OffsetOutOfRange."""
    bounds = log_offsets.bounds(admin, log_offsets.partitions(admin, [topics.physical(TOPIC, settings)]))
    match start:
        case Earliest():
            return bounds
        case FromOffset(offset):
            for at, log_bounds in bounds.items():
                if offset < log_bounds.start:
                    raise OffsetOutOfRange(partition=at.number, offset=offset, log_start=log_bounds.start)
            return {
                at: Bounds(start=min(offset, log_bounds.end), end=log_bounds.end)
                for at, log_bounds in bounds.items()
            }
        case FromTime(moment):
            first = log_offsets.offsets_at(admin, bounds, moment)
            return {
                at: Bounds(start=log_bounds.end if first[at] is None else first[at] or 0, end=log_bounds.end)
                for at, log_bounds in bounds.items()
            }


def read(
    settings: Settings,
    codec: Codec,
    source: str,
    ranges: Mapping[Partition, Bounds],
    *,
    known_letters: Collection[RecordId] = (),
    dry_run: bool = False,
) -> Iterator[ReparseReport]:
    """Read a site's pages again; yield the report after every page.

    A refused page counts against the limits of a stage, but not if it is one of `known_letters` or in a dry
    run. Raises NotAcknowledged, TooManyDeadLetters.
    """
    stage = parse.build(settings, codec)
    stage.limit_dead_letters(NO_LIMITS)
    budget = DeadLetterBudget(NO_LIMITS if dry_run else DeadLetterLimits())
    outputs = OutputCounter(
        None if dry_run else clients.producer(settings, log_level=0), stage.dead_letter_topic, known_letters
    )
    report = ReparseReport(records=outputs.records)
    prefix = f"{source}:".encode()
    for message in topic_log.read(settings, ranges):
        if not (message.key() or b"").startswith(prefix):
            continue
        fetched = _fetched(message)
        outputs.refusal = None
        stage.process(fetched, outputs)
        report.pages += 1
        if outputs.refusal is None:
            report.read.add(_record_id(fetched))
            budget.count_processed()
        else:
            report.refused[outputs.refusal.reason] += 1
            if _record_id(fetched) not in known_letters:
                budget.count_dead_letter(outputs.refusal.reason)
        yield report
    outputs.finish()
    yield report


def _fetched(message: Message) -> FetchedRecord:
    """Convert a message of confluent's consumer to the record type of stages."""
    headers: Any = tuple(message.headers() or ())
    return FetchedRecord(
        topic=str(message.topic()),
        partition=message.partition() or 0,
        offset=message.offset() or 0,
        timestamp=message.timestamp()[1],
        key=message.key(),
        value=message.value(),
        headers=headers,
    )


def _record_id(record: FetchedRecord | dead_letters.Reason) -> RecordId:
    return record.topic, record.partition, record.offset, record.timestamp
