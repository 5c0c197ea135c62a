"""Requests from Kafka: for tracks and artists at once, those of a retry topic when their time has come.

Offsets are committed to the group when a request and all before it are finished. All methods are for one
thread at a time.
"""

import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from confluent_kafka import Message

from enrichment.worker.progress import Progress
from enrichment.worker.unprocessable import DeadLetters
from songnodes.domain.enrichments import subject_of
from songnodes.domain.records import EnrichmentRequest
from songnodes.errors import Poison
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.committed import Committed
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.positioned_consumer import PositionedConsumer
from songnodes.settings import Settings

REQUESTS = "enrichment.requests"
ARTIST_REQUESTS = "enrichment.artist_requests"
_GROUPS = {REQUESTS: "enrich", ARTIST_REQUESTS: "enrich-artists"}
#: Retry topics with the delay of their records.
DELAYS: Mapping[str, timedelta] = {
    "enrichment.retry.1h": timedelta(hours=1),
    "enrichment.retry.1d": timedelta(days=1),
}
BATCH_RECORDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A request of an assignment (`generation`) with its place in the log, to be worked on from `due` on.

    `message` is its record.
    """

    partition: Partition
    offset: int
    request: EnrichmentRequest
    due: datetime
    generation: int
    message: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A track or artist without a request any more: the newest record of its key is a tombstone."""

    partition: Partition
    offset: int
    generation: int
    subject: str


class Intake:
    """Reads one topic of requests as a member of a group of its own; static, by host and slot."""

    def __init__(
        self,
        settings: Settings,
        codec: Codec,
        topic: str,
        stop: threading.Event,
        dead_letters: DeadLetters,
    ) -> None:
        self._dead_letters = dead_letters
        self._settings = settings
        self._codec = codec
        self._topic = topic
        self._delay = DELAYS.get(topic, timedelta())
        self._group = topics.group(group_of(topic), settings)
        self.generation = 0
        self.progress = Progress()
        self._ended: dict[str, Ended] = {}
        self.partitions: frozenset[int] = frozenset()
        consumer = clients.consumer(
            settings,
            self._group,
            **clients.static_membership(settings),
            **{"session.timeout.ms": round(settings.session_timeout * 1000)},
        )
        self._consumer = PositionedConsumer(consumer, self, batch_records=BATCH_RECORDS, stop=stop)
        self._consumer.subscribe([topics.physical(topic, settings)])

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Return the first offsets of partitions assigned: those committed, otherwise the oldest."""
        self._reset(generation)
        self.partitions = frozenset(partition.number for partition in logs)
        with closing(Committed(self._settings, self._group)) as committed:
            offsets = committed.offsets(logs)
        return {partition: bounds.first_unread(offsets.get(partition)) for partition, bounds in logs.items()}

    def revoked(self, generation: int) -> None:
        """Commit what is finished, so that the next owner does not repeat it, and drop all partitions."""
        self._consumer.commit_sync(self.progress.advanced())
        self._reset(generation)
        self.partitions = frozenset()

    def fetch(self, timeout_s: float) -> list[Requested]:
        """Return the next requests; empty if none came in time. `take_ended` returns the tombstones.

        A record that cannot be decoded becomes a dead letter. Raises NotAcknowledged, TooManyDeadLetters.
        """
        batch = self._consumer.fetch(timeout_s)
        if batch is None:
            return []
        requests = []
        for message in batch.messages:
            partition, offset = _place(message)
            self.progress.begin(partition, offset)
            subject = _subject(self._topic, message)
            if (earlier := self._ended.pop(subject, None)) is not None:
                self.finish(earlier)
            if message.value() is None:
                self._ended[subject] = Ended(
                    partition=partition, offset=offset, generation=batch.generation, subject=subject
                )
                continue
            request = self._read(message)
            if request is None:
                self.progress.finish(partition, offset)
                continue
            requests.append(
                Requested(
                    partition=partition,
                    offset=offset,
                    request=request,
                    due=datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC) + self._delay,
                    generation=batch.generation,
                    message=message,
                )
            )
        return requests

    def take_ended(self) -> list[Ended]:
        """Return the tracks and artists whose requests ended, of the last fetch; `finish` them, too."""
        ended, self._ended = list(self._ended.values()), {}
        return ended

    def keep_alive(self) -> None:
        """Stay a member of the group without fetching."""
        self._consumer.keep_alive()

    def is_current(self, requested: Requested | Ended) -> bool:
        """Return True unless the partition of a request was revoked: it is the next owner's then."""
        return requested.generation == self.generation

    def finish(self, requested: Requested | Ended) -> None:
        """Note that a request is done; one of an earlier assignment is ignored."""
        if self.is_current(requested):
            self.progress.finish(requested.partition, requested.offset)

    def commit(self) -> None:
        """Commit the offsets up to which all requests are finished."""
        if advanced := self.progress.advanced():
            self._consumer.commit_async(advanced)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _reset(self, generation: int) -> None:
        self.generation = generation
        self._ended = {}
        self.progress.forget()

    def _read(self, message: Message) -> EnrichmentRequest | None:
        try:
            return cast(EnrichmentRequest, self._codec.decode(REQUESTS, message.value() or b""))
        except Poison as poison:
            self._dead_letters.send(message, poison)
            return None


def group_of(topic: str) -> str:
    """Return the name of the consumer group of a topic of requests."""
    return _GROUPS.get(topic) or f"enrich-{topic.rpartition('.')[2]}"


def retry_topic(delay: timedelta) -> str:
    """Return the topic for a request that is to be continued after this time, or somewhat later."""
    return next((topic for topic, longest in DELAYS.items() if delay <= longest), list(DELAYS)[-1])


def _subject(topic: str, message: Message) -> str:
    key = (message.key() or b"").decode(errors="replace")
    return subject_of("", key) if topic == ARTIST_REQUESTS else key


def _place(message: Message) -> tuple[Partition, int]:
    return Partition(message.topic() or "", message.partition() or 0), message.offset() or 0
