"""Any client of Kafka and a schema registry can read every topic."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

from songnodes.messaging import clients, schemas, topics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from tests.integration.messaging import console
from tests.unit.songnodes.messaging import examples

#: Topic -> subject, of all topics that have a schema.
SUBJECTS = {name: entry.schema for name, entry in topics.declared().items() if entry.schema}


@pytest.fixture
def written(pipeline_settings: Settings) -> tuple[Settings, dict[str, bytes]]:
    """Write one example record to every topic, with the topic's name as key; return the records by topic."""
    topics.apply(clients.admin(pipeline_settings), pipeline_settings)
    with schemas.client(pipeline_settings) as registry:
        codec = Codec(schemas.register(registry), examples.Schemas())
    producer = clients.producer(pipeline_settings)
    values = {}
    for name, subject in SUBJECTS.items():
        values[name] = codec.encode(name, examples.record(subject))
        producer.produce(topics.physical(name, pipeline_settings), values[name], name.encode())
    for name in topics.declared().keys() - SUBJECTS.keys():
        values[name] = f"bytes of {name}".encode() + bytes(range(256))
        producer.produce(topics.physical(name, pipeline_settings), values[name], name.encode())
    assert producer.flush(30) == 0
    return pipeline_settings, values


def test_confluents_own_deserializer_reads_every_topic(written: tuple[Settings, dict[str, bytes]]) -> None:
    settings, _ = written
    consumer = Consumer({**clients.connection(settings), "group.id": "outside"})
    consumer.assign(
        [
            TopicPartition(topics.physical(name, settings), partition, 0)
            for name in SUBJECTS
            for partition in range(topics.partitions())
        ]
    )
    read: dict[str, object] = {}
    # Without a time limit a request without a response would block indefinitely (observed once).
    with SchemaRegistryClient({"url": settings.schema_registry_url, "timeout": 10}) as registry:
        deserialize = AvroDeserializer(registry)
        while len(read) < len(SUBJECTS):
            message = consumer.poll(30)
            assert message is not None and message.error() is None
            context = SerializationContext(message.topic() or "", MessageField.VALUE)
            read[(message.key() or b"").decode()] = deserialize(message.value(), context)
    consumer.close()
    assert read == {name: examples.record(subject) for name, subject in SUBJECTS.items()}


def test_javas_console_consumer_reads_every_topic(written: tuple[Settings, dict[str, bytes]]) -> None:
    settings, values = written
    pattern = re.escape(settings.namespace) + r"\..*"
    read = console.consume(settings, pattern, len(values))
    assert read == {name.encode(): value for name, value in values.items()}


PAGE = Path(__file__).parents[3] / "docs" / "consumers.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("number", range(2))
def test_the_documented_programs_read_a_topic(
    written: tuple[Settings, dict[str, bytes]], number: int, tmp_path: Path
) -> None:
    settings, _ = written
    program = tmp_path / "example.py"
    program.write_text(PROGRAMS[number])
    topic = topics.physical("silver.playlists", settings)
    output = subprocess.run(
        [sys.executable, str(program), topic],
        env={**os.environ, **settings.environment()},
        cwd=tmp_path,
        timeout=60,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert output == f"silver.playlists {examples.record('silver.playlists')['event_id']}\n"
