"""`songnodes run drift`: the watch as a process. One at a time watches; a second one waits for the lock."""

import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from psycopg.errors import UndefinedTable

from producers.drift.store import Store
from producers.drift.watcher import TOPIC, Watcher
from producers.postgres_retry import CONNECT_TIMEOUT_S
from songnodes.clock import SystemClock
from songnodes.errors import TablesMissing
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.process import shell
from songnodes.process.shell import Retries
from songnodes.settings import Settings

LOCK_INTERVAL_S = 1.0  # between two attempts to take the lock
POLL_TIMEOUT_S = 0.5  # a stop waits for it
BATCH_SIZE = 50  # pages in one transaction
#: With a lag of more records than this in a partition, one page in `SAMPLE_EVERY` is observed: parsing
#: everything twice would take a core from a rebuild, and a change shows in a sample too.
SAMPLING_LAG, SAMPLE_EVERY = 500, 8
#: A position that is no longer in the log loses observations and nothing else.
FROM_START = {"auto.offset.reset": "earliest"}


def run_forever(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises TablesMissing."""
    settings.require("kafka_bootstrap", "database_url", "schema_registry_url")
    shell.run(settings, lambda stop: _work(settings, stop), Retries(event="server_unavailable"))


def _work(settings: Settings, stop: threading.Event) -> None:
    """Watch over one connection. Raises TablesMissing."""
    try:
        with psycopg.connect(
            settings.database_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
        ) as connection:
            watch(settings, connection, stop)
    except UndefinedTable as error:
        raise TablesMissing from error


def watch(settings: Settings, connection: psycopg.Connection, stop: threading.Event) -> None:
    """Watch until stopped. Errors of unreachable servers are raised."""
    store, topic = Store(connection), topics.physical(TOPIC, settings)
    while not store.take_turn():
        if stop.wait(LOCK_INTERVAL_S):
            return
    with Codec.opened(settings) as codec:
        watcher = Watcher(settings, connection, codec, SystemClock())
        watcher.start()
        with closing(clients.consumer(settings, topics.group("drift", settings), **FROM_START)) as consumer:
            positions = store.positions(topic)
            parts = range(topics.partitions())
            consumer.assign([TopicPartition(topic, p, positions.get(p, OFFSET_BEGINNING)) for p in parts])
            for messages in _batches(consumer, topic, stop):
                watcher.process(messages, topic)


def _batches(consumer: Consumer, topic: str, stop: threading.Event) -> Iterator[list[Message]]:
    while not stop.is_set():
        messages = consumer.consume(BATCH_SIZE, POLL_TIMEOUT_S)
        for message in messages:
            error = message.error()
            if error is not None:
                raise KafkaException(error)
        if chosen := [message for message in messages if _is_chosen(consumer, topic, message)]:
            yield chosen


def _is_chosen(consumer: Consumer, topic: str, message: Message) -> bool:
    offset = message.offset() or 0
    if offset % SAMPLE_EVERY == 0:
        return True
    _, end = consumer.get_watermark_offsets(TopicPartition(topic, message.partition() or 0), cached=True)
    return end - offset <= SAMPLING_LAG
