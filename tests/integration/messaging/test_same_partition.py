"""A key has one partition for all clients: our producers, Faust's client, and Java."""

from aiokafka import AIOKafkaProducer
from confluent_kafka import Message
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from songnodes.messaging import clients, topics
from songnodes.settings import Settings
from stream_processors.runtime.faust.credentials import credentials
from tests.integration.messaging import console
from tests.integration.operations.topic_records import RecordWriter, make_topics

KEYS = [
    " ",
    "-",
    "a",
    "ab",
    "abc",
    "abcd",
    "deadmau5-strobe-5f1c9a02",
    "Sigur Rós – Hoppípolla",
    "Кино",
    "坂本龍一",
    "🎧",
    "שלום",
    "é",  # composed
    "é",  # decomposed: other bytes, another key
    "x" * 1000,
    "ü" * 999,
    *(f"1001tracklists:tracklist:{number:x}" for number in range(2**20, 2**20 + 200)),
]
TOPIC = "bronze.pages"


async def test_every_client_puts_a_key_into_the_same_partition(pipeline_settings: Settings) -> None:
    make_topics(pipeline_settings, TOPIC)
    name = topics.physical(TOPIC, pipeline_settings)
    ours = clients.producer(pipeline_settings)
    for key in KEYS:
        ours.produce(name, b"ours", key.encode())
    assert ours.flush(30) == 0
    fausts = AIOKafkaProducer(
        bootstrap_servers=pipeline_settings.kafka_bootstrap,
        **credentials_to_aiokafka_auth(credentials(pipeline_settings)),
    )
    await fausts.start()
    for key in KEYS:
        await fausts.send(name, b"faust", key.encode())
    await fausts.stop()
    console.produce(pipeline_settings, name, KEYS)
    placements: dict[bytes, list[tuple[bytes, int]]] = {}
    for message in RecordWriter.of(pipeline_settings).everything(TOPIC):
        placements.setdefault(message.key() or b"", []).append(_placed(message))
    assert placements.keys() == {key.encode() for key in KEYS}
    for sent_key, placed in placements.items():
        assert {who for who, _ in placed} == {b"ours", b"faust", b"java"}, sent_key
        assert len({partition for _, partition in placed}) == 1, sent_key
    assert {partition for placed in placements.values() for _, partition in placed} == set(range(6))


def test_the_default_partitioner_of_librdkafka_differs(pipeline_settings: Settings) -> None:
    """For this reason `clients.producer` sets a partitioner; the test above can fail."""
    make_topics(pipeline_settings, TOPIC)
    name = topics.physical(TOPIC, pipeline_settings)
    for partitioner in (clients.PARTITIONER, "consistent_random"):
        producer = clients.producer(pipeline_settings, partitioner=partitioner)
        for key in KEYS:
            producer.produce(name, b"x", key.encode())
        assert producer.flush(30) == 0
    placements: dict[bytes, set[int]] = {}
    for message in RecordWriter.of(pipeline_settings).everything(TOPIC):
        placements.setdefault(message.key() or b"", set()).add(message.partition() or 0)
    assert sum(len(partitions) > 1 for partitions in placements.values()) > len(KEYS) / 2


def test_an_empty_key_and_no_key_are_accepted(pipeline_settings: Settings) -> None:
    make_topics(pipeline_settings, TOPIC)
    writer = RecordWriter.of(pipeline_settings)
    partitions = {writer.record(TOPIC, b"", b"x").partition() for _ in range(10)}
    assert len(partitions) == 1  # an empty key is a key
    writer.record(TOPIC, None, b"x")
    assert len(writer.everything(TOPIC)) == 11


def _placed(message: Message) -> tuple[bytes, int]:
    """Return the writer of the message (Java's value is the key itself) and its partition."""
    value = message.value() or b""
    return value if value in (b"ours", b"faust") else b"java", message.partition() or 0
