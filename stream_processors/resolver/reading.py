"""The resolver's inputs: all partitions of its topics, from where its tables stand."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicCollection, TopicPartition

from songnodes import logs, metrics
from songnodes.errors import Fatal, Poison, Transient
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.resolver.store import Row, Store
from stream_processors.resolver.taking import INPUTS, Taken

APP = "resolver"  # in metrics, and in the name of the group
BATCH = 500  # records taken in one transaction
POLL = 0.2  # seconds
TIMEOUT = 10.0  # seconds per question to the broker
#: Static membership: after kill -9 the next process has the partitions at once.
CONSUMER = {"group.instance.id": APP, "session.timeout.ms": 10_000, "enable.partition.eof": True}

Place = tuple[str, int]
"""Topic (its name on the broker) and partition."""

log = logs.get(__name__)


class Fenced(Fatal):
    """Another resolver went on from here"""


class InputLost(Transient):
    """Kafka does not give an input"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Decoded records, and the next offset of each partition after them; `begins` are those before them."""

    records: Sequence[Taken]
    ends: Mapping[Place, int]
    begins: Mapping[Place, int] = field(default_factory=dict)


class Reading:
    """Batches of all inputs. `caught_up` once every partition was seen to its end."""

    def __init__(self, settings: Settings, codec: Codec, store: Store) -> None:
        self._codec = codec
        self._store = store
        self._names = {topics.physical(name, settings): name for name in INPUTS}
        self._ids = _topic_ids(settings, self._names)
        self._consumer: Consumer = clients.consumer(settings, topics.group(APP, settings), **CONSUMER)
        self._held: dict[Place, int] = {}
        self._behind: set[Place] = set()
        self._told: dict[Place, int] = {}
        self._began = False
        self._consumer.subscribe(list(self._names), on_assign=self._assigned)

    @property
    def began(self) -> bool:
        """Whether it is known where the tables stand, and that they are of these topics."""
        return self._began

    @property
    def caught_up(self) -> bool:
        """Whether every input was read to the end that it had at some time since the start."""
        return self._began and not self._behind

    def next(self) -> Batch:
        """What has come, possibly nothing. Raises InputLost."""
        ends: dict[Place, int] = {}
        records = []
        for message in self._consumer.consume(BATCH, timeout=POLL):
            place = (message.topic() or "", message.partition() or 0)
            if (error := message.error()) is not None:
                self._heed(error, place)
                continue
            ends[place] = (message.offset() or 0) + 1
            if (record := self._decoded(message)) is not None:
                records.append(record)
        begins = {place: self._held[place] for place in ends if place in self._held}
        return Batch(records=records, ends=ends, begins=begins)

    def advance(self, batch: Batch) -> None:
        """Move the stored positions, inside of the transaction of the records. Raises Fenced."""
        moved = self._store.put(
            "offsets",
            "advance",
            (
                {"topic": topic, "part": part, "expected": self._held[topic, part], "next_offset": end}
                for (topic, part), end in batch.ends.items()
            ),
        )
        if len(moved) != len(batch.ends):
            raise Fenced(moved=len(moved), of=len(batch.ends))

    def done(self, batch: Batch) -> None:
        """The batch is in the tables."""
        self._held.update(batch.ends)

    def tell(self) -> None:
        """Tell the group where the resolver stands, all consequences included: for lag tools only."""
        if self._told == self._held:
            return
        offsets = [TopicPartition(topic, part, offset) for (topic, part), offset in self._held.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
            self._told = dict(self._held)
        except KafkaException as error:
            log.debug("offsets not told", error=str(error))

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _heed(self, error: KafkaError, place: Place) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            self._behind.discard(place)
        elif clients.ended(error) or error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise InputLost(error.str(), topic=place[0], partition=place[1])
        else:
            log.warning("consumer", error=error.str())

    def _decoded(self, message: Message) -> Taken | None:
        """The record; None for one that cannot be read. The stages and sinks that read the same topics have
        it among their dead letters, and one that is reinserted comes here too."""
        topic = self._names[message.topic() or ""]
        metrics.PROCESSED.labels(APP, topic).inc()
        try:
            value = self._codec.decode(topic, message.value())
            place = (message.topic() or "", message.partition() or 0)
            return Taken(topic=topic, value=value, place=place, offset=message.offset() or 0, message=message)
        except Poison as poison:
            log.warning("unreadable", topic=topic, offset=message.offset(), reason=poison.reason)
            return None

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin where the tables stand; where those are of other topics, with empty tables."""
        places = [(each.topic, each.partition) for each in partitions]
        logs_ = {place: _watermarks(consumer, place) for place in places}
        with self._store.transaction():
            known = self._store.rows("offsets", "known")
            if any(not self._stands(row, logs_) for row in known):
                log.warning("the inputs are others than those read: everything is read again")
                self._store.do("offsets", "forget")
            self._store.put("offsets", "begin", self._begin(logs_))
            rows = self._store.rows("offsets", "known")
        self._held = {(row["topic"], row["part"]): row["next_offset"] for row in rows}
        self._behind, self._told = set(places), {}
        self._began = True
        consumer.assign([TopicPartition(topic, part, self._held[topic, part]) for topic, part in places])
        log.info("assigned", partitions=len(places), records=sum(logs_[p][1] - self._held[p] for p in places))

    def _stands(self, row: Row, logs_: Mapping[Place, tuple[int, int]]) -> bool:
        """Whether a stored position is one of the topics as they are."""
        if self._ids.get(row["topic"]) != row["topic_id"]:
            return False
        low, high = logs_.get((row["topic"], row["part"]), (0, row["next_offset"]))
        return bool(low <= row["next_offset"] <= high)

    def _begin(self, logs_: Mapping[Place, tuple[int, int]]) -> Iterable[Row]:
        for (topic, part), (low, _) in logs_.items():
            yield {"topic": topic, "part": part, "next_offset": low, "topic_id": self._ids[topic]}


def _topic_ids(settings: Settings, names: Iterable[str]) -> dict[str, str]:
    admin = clients.admin(settings)  # it answers only while it is held
    try:
        found = admin.describe_topics(TopicCollection(list(names)))
        return {name: str(future.result().topic_id) for name, future in found.items()}
    except KafkaException as error:
        raise InputLost(str(error)) from error


def _watermarks(consumer: Consumer, place: Place) -> tuple[int, int]:
    found = consumer.get_watermark_offsets(TopicPartition(*place), timeout=TIMEOUT)
    if found is None:
        raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
    return found
