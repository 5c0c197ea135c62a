"""Read `silver.playlists` and emit the facts of its newest records again; only Kafka is accessed.

Facts have the version of their playlist and are made by the code of the silver stage, so consumers recognise
the ones they have. The pipeline may run meanwhile: silver emits the facts of a newer playlist itself, and
consumers ignore older ones.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from confluent_kafka.admin import AdminClient

from operations import topic_log
from songnodes.errors import Poison
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings
from stream_processors.silver.facts import fact_records

PLAYLISTS = "silver.playlists"
DELIVERY_TIMEOUT_S = 30.0  # of a batch
BATCH_PLAYLISTS = 200  # whose facts are sent before acknowledgements are awaited

Send = Callable[[str, str, Mapping[str, object]], None]
"""Sends a record: topic (logical name), key and value."""


@dataclass(slots=True)
class Newest:
    """The newest readable record of each playlist, and the keys that have none."""

    offsets: dict[tuple[Partition, bytes], int] = field(default_factory=dict)
    versions: dict[bytes, int] = field(default_factory=dict)
    unreadable: set[bytes] = field(default_factory=set)

    def add(self, partition: Partition, key: bytes, offset: int, version: int | None) -> None:
        """Add a record of the log; `version` is None for an unreadable one."""
        if version is None:
            if key not in self.versions:
                self.unreadable.add(key)
        elif version >= self.versions.get(key, 0):
            self.versions[key] = version
            self.offsets[partition, key] = offset
            self.unreadable.discard(key)


@dataclass(slots=True)
class EmissionReport:
    """Counts of playlists and facts, and the keys of playlists that no record can be read of."""

    playlists: int = 0
    facts: int = 0
    unreadable: list[str] = field(default_factory=list)


def playlist_bounds(settings: Settings, admin: AdminClient) -> Mapping[Partition, Bounds]:
    """Return the current range of the topic of playlists. Raises TopicMissing, KafkaUnreachable."""
    partitions = log_offsets.partitions(admin, [topics.physical(PLAYLISTS, settings)])
    return log_offsets.bounds(admin, partitions)


def find_newest(
    settings: Settings, codec: Codec, ranges: Mapping[Partition, Bounds], playlist_ids: Collection[str] = ()
) -> Newest:
    """Return the newest records of these playlists; of all playlists if none is named.

    Raises KafkaUnreachable, RegistryUnreachable.
    """
    wanted = {playlist_id.encode() for playlist_id in playlist_ids}
    newest = Newest()
    for message in topic_log.read(settings, ranges):
        key = message.key()
        if key is None or (wanted and key not in wanted):
            continue
        try:
            version = int(codec.decode(PLAYLISTS, message.value())["version"])
        except Poison:
            version = None
        partition = Partition(str(message.topic()), message.partition() or 0)
        newest.add(partition, key, message.offset() or 0, version)
    return newest


def emit(
    settings: Settings,
    codec: Codec,
    ranges: Mapping[Partition, Bounds],
    newest: Newest,
    *,
    dry_run: bool = False,
) -> Iterator[EmissionReport]:
    """Emit the facts of the newest records; yield the report after each playlist and at the end.

    A record that compaction removed meanwhile has a successor, whose facts silver emits. Raises
    NotAcknowledged, KafkaUnreachable.
    """
    report = EmissionReport(unreadable=sorted(key.decode(errors="replace") for key in newest.unreadable))
    producer = clients.producer(settings, log_level=0)
    delivery = Delivery(producer, timeout_s=DELIVERY_TIMEOUT_S)
    for message in topic_log.read(settings, ranges):
        partition = Partition(str(message.topic()), message.partition() or 0)
        if newest.offsets.get((partition, message.key() or b"")) != message.offset():
            continue
        playlist = codec.decode(PLAYLISTS, message.value())
        for fact in fact_records(playlist):  # type: ignore[arg-type]  # checked by the codec
            report.facts += 1
            if not dry_run:
                raw = codec.encode(fact.topic, fact.value)
                delivery.send(topics.physical(fact.topic, settings), fact.key, raw)
        report.playlists += 1
        if report.playlists % BATCH_PLAYLISTS == 0:
            delivery.finish()
        yield report
    delivery.finish()
    yield report
