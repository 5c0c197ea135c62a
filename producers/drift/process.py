"""`songnodes run drift`: the watch as a process. One at a time watches; a second one waits for the lock."""

import signal
import threading
from collections.abc import Iterator
from contextlib import closing

import psycopg
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition
from psycopg.errors import UndefinedTable

from producers.drift.holds import CONNECT_TIMEOUT_S
from producers.drift.store import Store
from producers.drift.watcher import TOPIC, Watcher
from songnodes import logs, metrics
from songnodes.clock import SystemClock
from songnodes.errors import TablesMissing, Transient
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.postgres_errors import is_server_error
from songnodes.settings import Settings

RETRY_INTERVAL_S = 1.0  # for servers that do not answer, and for the lock
POLL_TIMEOUT_S = 0.5  # a stop waits for it
BATCH_SIZE = 50  # pages in one transaction
#: With a lag of more records than this in a partition, one page in `SAMPLE_EVERY` is observed: parsing
#: everything twice would take a core from a rebuild, and a change shows in a sample too.
SAMPLING_LAG, SAMPLE_EVERY = 500, 8
#: A position that is no longer in the log loses observations and nothing else.
FROM_START = {"auto.offset.reset": "earliest"}

log = logs.get(__name__)


def run_forever(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises TablesMissing."""
    settings.require("kafka_bootstrap", "database_url", "schema_registry_url")
    metrics.serve(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    while not stop.is_set():
        try:
            with psycopg.connect(
                settings.database_url, autocommit=True, connect_timeout=CONNECT_TIMEOUT_S
            ) as connection:
                watch(settings, connection, stop)
        except UndefinedTable as error:
            raise TablesMissing from error
        except Exception as error:
            if not (isinstance(error, Transient | KafkaException) or is_server_error(error)):
                raise
            log.warning("server_unavailable", error=str(error).strip())
            stop.wait(RETRY_INTERVAL_S)


def watch(settings: Settings, connection: psycopg.Connection, stop: threading.Event) -> None:
    """Watch until stopped. Errors of unreachable servers are raised."""
    store, topic = Store(connection), topics.physical(TOPIC, settings)
    while not store.take_turn():
        if stop.wait(RETRY_INTERVAL_S):
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
