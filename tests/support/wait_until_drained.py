"""Wait until all published records are processed: stages by Kafka, sinks by PostgreSQL."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from random import Random

import psycopg
from confluent_kafka import ConsumerGroupTopicPartitions, KafkaException, TopicPartition

from enrichment.worker.intake import ARTIST_REQUESTS, REQUESTS, group_of
from sinks import tables
from songnodes.access import Access
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.committed import Committed
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from stream_processors.resolver.ingest import INPUTS
from stream_processors.resolver.reading import APP
from tests.support.latest_by_key import admin_of, end_offsets
from tests.support.worker_processes import STAGES

POLL_INTERVAL_S = 0.2
REQUEST_TIMEOUT_S = 10.0
EMPTY_GROUP_TIMEOUT_S = 30.0  # a killed member counts until its session ends


class NotDrained(AssertionError):
    """Records are unread after the limit"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A group or a sink, and the topics it must have read to their ends."""

    name: str
    topics: tuple[str, ...]
    is_sink: bool


def readers(settings: Settings, codec: Codec) -> list[Reader]:
    """Return the readers and their topics, as declared by stages and sinks."""
    result = []
    for name in STAGES:
        stage = import_module(f"stream_processors.{name}").build(settings, codec)
        result.append(Reader(name=stage.app_id, topics=tuple(stage.agents), is_sink=False))
    for name in tables.WRITERS:
        result.append(Reader(name=name, topics=(topics.physical(name, settings),), is_sink=True))
    return result


def enricher(settings: Settings) -> Reader:
    """Return the process that calls providers as a reader; requests that wait for their time do not count."""
    return _requests(settings, REQUESTS)


def artist_enricher(settings: Settings) -> Reader:
    """Return the same process as a reader of requests for artists."""
    return _requests(settings, ARTIST_REQUESTS)


def _requests(settings: Settings, topic: str) -> Reader:
    group = topics.group(group_of(topic), settings)
    return Reader(name=group, topics=(topics.physical(topic, settings),), is_sink=False)


def resolver(settings: Settings) -> Reader:
    """Return the resolver as a reader; it commits when all outputs are acknowledged."""
    inputs = tuple(topics.physical(name, settings) for name in INPUTS)
    return Reader(name=topics.group(APP, settings), topics=inputs, is_sink=False)


def wait(
    settings: Settings, who: list[Reader], *, limit: float, alive: Callable[[], None] = lambda: None
) -> float:
    """Wait until no record is unread in two checks with the same ends; return the seconds it took.

    `alive` is called at every check and raises when waiting is pointless. Raises NotDrained after `limit`
    seconds. Servers that are down are waited for.
    """
    began = time.monotonic()
    before: Mapping[Partition, int] | None = None
    waiting = "no check succeeded"
    while (passed := time.monotonic() - began) < limit:
        alive()
        try:
            left, ends = lag(settings, who)
        except (KafkaException, psycopg.Error) as error:
            waiting, before = f"{type(error).__name__}: {error}", None
        else:
            if not left and ends == before:
                return passed
            before = ends
            waiting = ", ".join(f"{name}: {count}" for name, count in sorted(left.items()))
        time.sleep(POLL_INTERVAL_S)
    raise NotDrained(f"after {limit:.0f} s: {waiting}")


def lag(settings: Settings, who: list[Reader]) -> tuple[dict[str, int], dict[Partition, int]]:
    """Return the unread records per reader with any, and the ends of all topics.

    Positions are read before ends: a position at an end read later means that all was done before it. And a
    stage's position moves after its outputs are acknowledged, so nothing is on its way in between.
    """
    sinks = _sinks(settings) if any(reader.is_sink for reader in who) else {}
    positions = {
        reader.name: sinks.get(reader.name, {}) if reader.is_sink else _committed(settings, reader)
        for reader in who
    }
    names = sorted({name for reader in who for name in reader.topics})
    ends = end_offsets(settings, names)
    unread = {}
    for reader in who:
        reader_positions = positions[reader.name]
        count = sum(
            end - reader_positions.get(at, 0) for at, end in ends.items() if at.topic in reader.topics
        )
        if count:
            unread[reader.name] = count
    return unread, ends


def _committed(settings: Settings, reader: Reader) -> dict[Partition, int]:
    places = [Partition(name, part) for name in reader.topics for part in range(topics.partitions())]
    return _group(settings.access(), reader.name).offsets(places, REQUEST_TIMEOUT_S)


@cache
def _group(access: Access, group: str) -> Committed:
    return Committed(access, group)


def _sinks(settings: Settings) -> dict[str, dict[Partition, int]]:
    positions: dict[str, dict[Partition, int]] = {}
    with psycopg.connect(settings.database_url, connect_timeout=5, autocommit=True) as connection:
        for sink, topic, part, offset in connection.execute(
            "SELECT sink, topic, part, next_offset FROM sink_offsets"
        ):
            positions.setdefault(sink, {})[Partition(topic, part)] = offset
    return positions


def rewind(settings: Settings, who: list[Reader], random: Random) -> int:
    """Reset all readers to random earlier positions; return how many records are read again."""
    sinks, repeated = _sinks(settings), 0
    for reader in who:
        current = sinks[reader.name] if reader.is_sink else _committed(settings, reader)
        earlier = {place: random.randint(0, offset) for place, offset in current.items()}
        repeated += sum(current.values()) - sum(earlier.values())
        if reader.is_sink:
            _set_sink(settings, reader.name, earlier)
        else:
            _set_group(settings, reader.name, earlier)
    return repeated


def _set_group(settings: Settings, group: str, positions: Mapping[Partition, int]) -> None:
    places = [TopicPartition(topic, part, offset) for (topic, part), offset in positions.items()]
    until = time.monotonic() + EMPTY_GROUP_TIMEOUT_S
    while True:
        moved = admin_of(settings.access()).alter_consumer_group_offsets(
            [ConsumerGroupTopicPartitions(group, places)], request_timeout=REQUEST_TIMEOUT_S
        )
        try:
            moved[group].result()
            return
        except KafkaException:
            if time.monotonic() > until:
                raise
            time.sleep(POLL_INTERVAL_S)


def _set_sink(settings: Settings, sink: str, positions: Mapping[Partition, int]) -> None:
    rows = [(offset, sink, topic, part) for (topic, part), offset in positions.items()]
    with psycopg.connect(settings.database_url) as connection:
        connection.cursor().executemany(
            "UPDATE sink_offsets SET next_offset = %s WHERE sink = %s AND topic = %s AND part = %s", rows
        )
