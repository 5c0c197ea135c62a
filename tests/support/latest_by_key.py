"""The newest record per key of compacted topics: what a consumer that starts today would hold."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

from confluent_kafka import Consumer, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from songnodes.access import Access
from songnodes.errors import Poison
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
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
SILENCE = 20.0  # seconds without a record before reading is given up


def newest(settings: Settings, codec: Codec) -> dict[str, Rows]:
    """Per topic its live records, newest per key. A key whose newest record is gone counts as absent."""
    values: dict[str, list[dict[str, Any]]] = {}
    for logical in COMPACTED:
        held: dict[bytes, dict[str, Any]] = {}
        for message in read(settings, topics.physical(logical, settings)):
            key = message.key() or b""
            if message.value() is None:
                held.pop(key, None)
                continue
            with suppress(Poison):  # what nobody can read is not there
                held[key] = codec.decode(logical, message.value())
        values[logical] = list(held.values())
    return live(values)


def live(values: Mapping[str, Iterable[Mapping[str, Any]]]) -> dict[str, Rows]:
    """The records that count: what is gone is as good as absent, as is a request for such a track."""
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
    """All records of a topic up to its end as it is now, in order per partition."""
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
            message = consumer.poll(SILENCE)
            assert message is not None, (
                f"{physical}: nothing came for {SILENCE} s, still waiting for {waiting}"
            )
            if message.error() is not None:
                raise KafkaException(message.error())
            part, offset = message.partition() or 0, message.offset() or 0
            yield message
            if offset + 1 >= waiting.get(part, 0):
                waiting.pop(part, None)
    finally:
        consumer.close()


def end_offsets(settings: Settings, physical: list[str]) -> dict[tuple[str, int], int]:
    """(topic, partition) -> the offset that its next record will get."""
    admin = admin_of(settings.access())
    there = admin.list_topics(timeout=10).topics
    asked = [TopicPartition(name, part) for name in physical for part in there[name].partitions]
    answers = admin.list_offsets(dict.fromkeys(asked, OffsetSpec.latest()), request_timeout=10)
    return {(tp.topic, tp.partition): answer.result().offset for tp, answer in answers.items()}


@cache
def admin_of(access: Access) -> AdminClient:
    """One administration client per broker: they are asked several times a second."""
    return AdminClient({**clients.connection(access), "log_level": 0})
