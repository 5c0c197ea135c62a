"""Pages from the archive through the parse stage, and its outputs to their topics. No network but Kafka's.

The stage's own code handles each page, beside the worker that runs: silver orders records by fetch and parser
version, so that it makes no difference who sends them, or when.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient

from operations import log
from operations.log import Bounds, Partition
from operations.replay.plan import BelowLog
from operations.replay.start import Earliest, FromOffset, FromTime, Start
from songnodes.errors import NotUsable
from songnodes.messaging import clients, dead_letters, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from stream_processors import parse
from stream_processors.runtime.records import FetchedRecord

TOPIC = "bronze.pages"
DELIVERY_TIMEOUT = 30.0  # seconds until Kafka has taken everything

#: Topic, partition, offset and timestamp: what a page's dead letters are known by.
Place = tuple[str, int, int, int]


class NotTaken(NotUsable):
    """Kafka did not take all records"""

    remedy = "Run the command again: records sent twice change nothing"


@dataclass(slots=True, kw_only=True)
class Report:
    """What came of it: pages read, records by topic, refused pages by reason, and the pages read well."""

    pages: int = 0
    records: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    read: set[Place] = field(default_factory=set)


class Outlet:
    """Takes the stage's outputs. `producer` None only counts them.

    A page that has a dead letter gets no second one.
    """

    def __init__(self, producer: Producer | None, dead: str, lettered: Collection[Place]) -> None:
        self._delivery = (
            Delivery(producer, timeout_s=DELIVERY_TIMEOUT, error=NotTaken) if producer is not None else None
        )
        self._dead = dead
        self._lettered = lettered
        self.records: Counter[str] = Counter()
        self.refusal: dead_letters.Reason | None = None

    def produce(self, topic: str, key: bytes | None, value: bytes | None, *, headers: Any = None) -> None:
        if topic == self._dead:
            self.refusal = dead_letters.read(headers or ())
            if self.refusal is None or _place(self.refusal) in self._lettered:
                return
        else:
            self.records[topic] += 1
        if self._delivery is not None:
            self._delivery.send(topic, key, value, headers or ())

    def finish(self) -> None:
        """Wait for all acknowledgements. Raises NotTaken."""
        if self._delivery is not None:
            self._delivery.finish()


def stretches(settings: Settings, admin: AdminClient, start: Start) -> Mapping[Partition, Bounds]:
    """From there to the archive's end as it is now. Raises BelowLog."""
    bounds = log.bounds(admin, log.partitions(admin, [topics.physical(TOPIC, settings)]))
    match start:
        case Earliest():
            return bounds
        case FromOffset(offset):
            for at, known in bounds.items():
                if offset < known.start:
                    raise BelowLog(partition=at.number, offset=offset, log_start=known.start)
            return {at: Bounds(start=min(offset, known.end), end=known.end) for at, known in bounds.items()}
        case FromTime(moment):
            first = log.since(admin, bounds, moment)
            return {
                at: Bounds(start=known.end if first[at] is None else first[at] or 0, end=known.end)
                for at, known in bounds.items()
            }


def read(
    settings: Settings,
    codec: Codec,
    source: str,
    where: Mapping[Partition, Bounds],
    *,
    lettered: Collection[Place] = (),
    dry_run: bool = False,
) -> Iterator[Report]:
    """Read a site's pages again; the report after every page. Raises NotTaken, TooManyDeadLetters."""
    stage = parse.build(settings, codec)
    outlet = Outlet(
        None if dry_run else clients.producer(settings, log_level=0), stage.dead_letter_topic, lettered
    )
    report = Report(records=outlet.records)
    prefix = f"{source}:".encode()
    for message in log.read(settings, where):
        if not (message.key() or b"").startswith(prefix):
            continue
        fetched = _fetched(message)
        outlet.refusal = None
        stage.process(fetched, outlet)
        report.pages += 1
        if outlet.refusal is None:
            report.read.add(_place(fetched))
        else:
            report.refused[outlet.refusal.reason] += 1
        yield report
    outlet.finish()
    yield report


def _fetched(message: Message) -> FetchedRecord:
    """Return a message of confluent's consumer as a stage takes it."""
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


def _place(record: FetchedRecord | dead_letters.Reason) -> Place:
    return record.topic, record.partition, record.offset, record.timestamp
