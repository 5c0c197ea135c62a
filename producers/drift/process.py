"""`songnodes run drift`: the watch as a process. One at a time watches; a second one waits for the lock."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress

import psycopg
from confluent_kafka import Message
from psycopg.errors import UndefinedTable

from producers.drift.store import Store
from producers.drift.watcher import TOPIC, Watcher
from producers.postgres_retry import CONNECT_TIMEOUT_S
from songnodes import gc_tuning
from songnodes.clock import SystemClock
from songnodes.errors import ConsumerEnded, ConsumerFailed, KafkaUnreachable, TablesMissing
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.positioned_consumer import PositionedConsumer, Stopped
from songnodes.process import shell
from songnodes.process.shell import Retries
from songnodes.settings import Settings

LOCK_INTERVAL_S = 1.0  # between two attempts to take the lock
POLL_TIMEOUT_S = 0.5  # a stop waits for it
BATCH_RECORDS = 50  # pages in one transaction
#: From a small batch to the next: one transaction per second, not per page. An alarm holds later pages only.
SMALL_BATCH_PAUSE_S = 1.0
#: With a lag of more records than this in a partition, RUN_RECORDS consecutive pages of SAMPLE_EVERY times as
#: many are observed. Holds are headers of pages published later: pages that wait are parsed before an alarm
#: in any case, and to observe each of them would parse a bulk ingest twice and protect nothing.
SAMPLING_LAG, SAMPLE_EVERY = 16, 8
#: Neighbours remain neighbours in a run, so that a baseline of sampled pages has the similarity of neighbours
#: by which the pages after it are judged (`bounds.inflation`).
RUN_RECORDS = 32
#: A position that is no longer in the log loses observations and nothing else.
FROM_START = {"auto.offset.reset": "earliest"}


def run_forever(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT. Raises TablesMissing."""
    settings.require("kafka_bootstrap", "database_url", "schema_registry_url")
    gc_tuning.tune()
    shell.run(settings, lambda stop: _work(settings, stop), Retries(event="server_unavailable"))


def _work(settings: Settings, stop: threading.Event) -> None:
    """Watch over one connection. Raises TablesMissing."""
    try:
        with (
            suppress(Stopped),
            psycopg.connect(
                settings.database_url,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT_S,
                application_name="songnodes-drift",
            ) as connection,
        ):
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
        client = clients.consumer(settings, topics.group("drift", settings), **FROM_START)
        positions = StoredPositions(store, topic)
        with closing(
            PositionedConsumer(
                client,
                positions,
                batch_records=BATCH_RECORDS,
                small_batch_pause_s=SMALL_BATCH_PAUSE_S,
                stop=stop,
            )
        ) as consumer:
            consumer.assign([Partition(topic, number) for number in range(topics.partitions())])
            for messages in batches(consumer, stop):
                watcher.process(messages, topic)


class StoredPositions:
    """The positions in `drift_positions`. One process reads all partitions, without a group."""

    def __init__(self, store: Store, topic: str) -> None:
        self._store = store
        self._topic = topic

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Return the stored positions; the start of the log of a partition without one."""
        stored = self._store.positions(self._topic)
        return {partition: stored.get(partition.number, log.start) for partition, log in logs.items()}

    def revoked(self, generation: int) -> None:
        """Nothing is revoked without a group."""


def batches(consumer: PositionedConsumer, stop: threading.Event) -> Iterator[list[Message]]:
    """Yield the records to observe of each batch that has some. Raises KafkaUnreachable."""
    while not stop.is_set():
        try:
            batch = consumer.fetch(POLL_TIMEOUT_S)
        except (ConsumerEnded, ConsumerFailed) as error:  # a new consumer begins at the stored positions
            raise KafkaUnreachable(str(error)) from error
        if batch is not None and (chosen := [m for m in batch.messages if _is_chosen(consumer, m)]):
            yield chosen


def _is_chosen(consumer: PositionedConsumer, message: Message) -> bool:
    """Return True for a page to observe. Partitions are in different parts of a cycle: one is in a run."""
    offset, partition = message.offset() or 0, message.partition() or 0
    if (offset // RUN_RECORDS + partition) % SAMPLE_EVERY == 0:
        return True
    end = consumer.end_offset(Partition(message.topic() or "", partition))
    return end - offset <= SAMPLING_LAG
