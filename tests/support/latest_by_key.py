"""Latest record per key of compacted topics, as a new consumer would read them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from songnodes.access import Access
from songnodes.errors import Poison
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from tests.support.tables import MAY_DIFFER, Rows, canonical

COMPACTED = (
    "silver.playlists",
    "silver.tracks",
    "silver.artists",
    "silver.events",
    "enrichment.requests",
    "gold.tracks",
    "gold.artists",
)
#: `gone` names depend on which versions of a page were ever seen as the newest; `origin` names the record
#: that a record was made from by its event id; `observed_at` is the envelope's name for `last_observed_at`.
LEFT_OUT = {*MAY_DIFFER, "gone", "origin", "observed_at"}
SILENCE_TIMEOUT_S = 20.0  # without a record


def newest(settings: Settings, codec: Codec) -> dict[str, Rows]:
    """Return the live records per topic, the latest per key; a key with a tombstone is absent."""
    values: dict[str, list[dict[str, Any]]] = {}
    for logical in COMPACTED:
        by_key: dict[bytes, dict[str, Any]] = {}
        for message in read(settings, topics.physical(logical, settings)):
            key = message.key() or b""
            if message.value() is None:
                by_key.pop(key, None)
                continue
            with suppress(Poison):  # unreadable records count as absent
                by_key[key] = codec.decode(logical, message.value())
        values[logical] = list(by_key.values())
    return live(values)


def live(values: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, Rows]:
    """Return the live records: retracted ones and requests for retracted tracks count as absent."""
    tracks = {value["track_id"] for value in values["silver.tracks"] if not value["gone"]}
    return {
        logical: sorted(
            canonical(value, LEFT_OUT)
            for value in values[logical]
            if value.get("gone") is not True
            and (logical != "enrichment.requests" or value["track_id"] in tracks)
        )
        for logical in values
    }


def read(settings: Settings, physical: str) -> Iterator[Message]:
    """Yield all records of a topic up to its current end, in order per partition."""
    ends = end_offsets(settings, [physical])
    waiting = {part: end for (_, part), end in ends.items() if end}
    consumer = Consumer(
        {
            **clients.connection(settings),
            "group.id": "tests",  # never joined, never committed
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        }
    )
    try:
        consumer.assign([TopicPartition(physical, part, 0) for part in waiting])
        while waiting:
            message = consumer.poll(SILENCE_TIMEOUT_S)
            assert message is not None, (
                f"{physical}: no record for {SILENCE_TIMEOUT_S} s, still waiting for {waiting}"
            )
            if message.error() is not None:
                raise KafkaException(message.error())
            part, offset = message.partition() or 0, message.offset() or 0
            yield message
            if offset + 1 >= waiting.get(part, 0):
                waiting.pop(part, None)
    finally:
        consumer.close()


def end_offsets(settings: Settings, physical: list[str]) -> dict[Partition, int]:
    """Return the next offset by topic and partition."""
    admin = admin_of(settings.access())
    return log_offsets.end_offsets(admin, log_offsets.partitions(admin, physical))


@cache
def admin_of(access: Access) -> AdminClient:
    """Return the admin client of a broker, which is used several times per second."""
    return AdminClient({**clients.connection(access), "log_level": 0})
