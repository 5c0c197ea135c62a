"""Inputs of the resolver: all partitions of its topics, from the positions stored in its tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition

from songnodes import logs, metrics
from songnodes.errors import Fenced, KafkaUnreachable, Poison
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.resolver.store import Row, Store
from stream_processors.resolver.taking import INPUTS, Taken

APP = "resolver"  # in metrics, and in the name of the group
MAX_BATCH_RECORDS = 500  # per transaction
POLL_TIMEOUT_S = 0.2
REQUEST_TIMEOUT_S = 10.0  # per request to the broker
#: Static membership: after kill -9 the next process is assigned the partitions at once.
CONSUMER = {"group.instance.id": APP, "session.timeout.ms": 10_000, "enable.partition.eof": True}

Place = tuple[str, int]
"""Topic (by its name on the broker) and partition."""

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Decoded records; `begins` and `ends` are the positions of each partition before and after them."""

    records: Sequence[Taken]
    ends: Mapping[Place, int]
    begins: Mapping[Place, int] = field(default_factory=dict)


class Reading:
    """Consumer of all inputs. `caught_up` once every partition was read to its end."""

    def __init__(self, settings: Settings, codec: Codec, store: Store) -> None:
        self._codec = codec
        self._store = store
        self._names = {topics.physical(name, settings): name for name in INPUTS}
        self._ids = _topic_ids(settings, self._names)
        self._consumer: Consumer = clients.consumer(settings, topics.group(APP, settings), **CONSUMER)
        self._positions: dict[Place, int] = {}
        self._behind: set[Place] = set()
        self._committed: dict[Place, int] = {}
        self._began = False
        self._consumer.subscribe(list(self._names), on_assign=self._assigned)

    @property
    def began(self) -> bool:
        """True once the stored positions are read and verified to be those of these topics."""
        return self._began

    @property
    def caught_up(self) -> bool:
        """True once every input was read to an end that it had since the start."""
        return self._began and not self._behind

    def next(self) -> Batch:
        """Return the next batch, possibly an empty one. Raises KafkaUnreachable."""
        ends: dict[Place, int] = {}
        records = []
        for message in self._consumer.consume(MAX_BATCH_RECORDS, timeout=POLL_TIMEOUT_S):
            place = (message.topic() or "", message.partition() or 0)
            if (error := message.error()) is not None:
                self._heed(error, place)
                continue
            ends[place] = (message.offset() or 0) + 1
            if (record := self._decoded(message)) is not None:
                records.append(record)
        begins = {place: self._positions[place] for place in ends if place in self._positions}
        return Batch(records=records, ends=ends, begins=begins)

    def advance(self, batch: Batch) -> None:
        """Move the stored positions, inside of the transaction of the records. Raises Fenced."""
        moved = self._store.put(
            "offsets",
            "advance",
            (
                {"topic": topic, "part": part, "expected": self._positions[topic, part], "next_offset": end}
                for (topic, part), end in batch.ends.items()
            ),
        )
        if len(moved) != len(batch.ends):
            raise Fenced(moved=len(moved), of=len(batch.ends))

    def done(self, batch: Batch) -> None:
        """Note that the batch is in the tables."""
        self._positions.update(batch.ends)

    def tell(self) -> None:
        """Commit the positions whose consequences are emitted to the group: for lag tools only."""
        if self._committed == self._positions:
            return
        offsets = [TopicPartition(topic, part, offset) for (topic, part), offset in self._positions.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
            self._committed = dict(self._positions)
        except KafkaException as error:
            log.debug("offset_commit_failed", error=str(error))

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _heed(self, error: KafkaError, place: Place) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._behind.discard(place)
        elif clients.ended(error) or error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise KafkaUnreachable(error.str(), topic=place[0], partition=place[1])
        else:
            log.warning("consumer_error", error=error.str())

    def _decoded(self, message: Message) -> Taken | None:
        """Return the record; None for one that cannot be decoded.

        The stages and sinks that read the same topics have it among their dead letters, and a reinserted one
        is read here too.
        """
        topic = self._names[message.topic() or ""]
        metrics.PROCESSED.labels(APP, topic).inc()
        try:
            value = self._codec.decode(topic, message.value())
            place = (message.topic() or "", message.partition() or 0)
            return Taken(topic=topic, value=value, place=place, offset=message.offset() or 0, message=message)
        except Poison as poison:
            log.warning("record_unreadable", topic=topic, offset=message.offset(), reason=poison.reason)
            return None

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin at the stored positions; with empty tables if those are positions of other topics."""
        places = [(partition.topic, partition.partition) for partition in partitions]
        watermarks = {place: _watermarks(consumer, place) for place in places}
        with self._store.transaction():
            stored = self._store.rows("offsets", "known")
            if any(not self._is_valid(row, watermarks) for row in stored):
                log.warning("inputs_replaced", consequence="the tables are emptied and all inputs read again")
                self._store.do("offsets", "forget")
            self._store.put("offsets", "begin", self._begin(watermarks))
            rows = self._store.rows("offsets", "known")
        self._positions = {(row["topic"], row["part"]): row["next_offset"] for row in rows}
        self._behind, self._committed = set(places), {}
        self._began = True
        consumer.assign([TopicPartition(topic, part, self._positions[topic, part]) for topic, part in places])
        lag = sum(watermarks[place][1] - self._positions[place] for place in places)
        log.info("partitions_assigned", partitions=len(places), records=lag)

    def _is_valid(self, row: Row, watermarks: Mapping[Place, tuple[int, int]]) -> bool:
        """Return True if a stored position is inside the existing topic."""
        if self._ids.get(row["topic"]) != row["topic_id"]:
            return False
        low, high = watermarks.get((row["topic"], row["part"]), (0, row["next_offset"]))
        return bool(low <= row["next_offset"] <= high)

    def _begin(self, watermarks: Mapping[Place, tuple[int, int]]) -> Iterable[Row]:
        for (topic, part), (low, _) in watermarks.items():
            yield {"topic": topic, "part": part, "next_offset": low, "topic_id": self._ids[topic]}


def _topic_ids(settings: Settings, names: Iterable[str]) -> dict[str, str]:
    admin = clients.admin(settings)  # futures complete only while this reference exists
    try:
        descriptions = admin.describe_topics(TopicCollection(list(names)))
        return {name: str(future.result().topic_id) for name, future in descriptions.items()}
    except KafkaException as error:
        raise KafkaUnreachable(str(error)) from error


def _watermarks(consumer: Consumer, place: Place) -> tuple[int, int]:
    watermarks = consumer.get_watermark_offsets(TopicPartition(*place), timeout=REQUEST_TIMEOUT_S)
    if watermarks is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    return watermarks
