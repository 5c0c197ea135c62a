"""Faust application of a stage: its settings, and the parts that replace Faust's."""

import logging
from functools import partial
from typing import Any, NoReturn, cast

import faust
from confluent_kafka import Producer as KafkaProducer
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from songnodes import metrics
from songnodes.messaging import clients, topics
from songnodes.messaging.limits import MAX_MESSAGE_BYTES
from stream_processors.runtime.delivery.changelog_keys import ChangelogKeyReader
from stream_processors.runtime.delivery.commit import Commit
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.delivery.producer import LINGER_MS, QUEUE_SIZE_RECORDS, RecordProducer
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.consumer import COMMIT_CHECK_INTERVAL_S, Consumer
from stream_processors.runtime.faust.credentials import credentials
from stream_processors.runtime.faust.producer import Producer
from stream_processors.runtime.faust.protocol import Histogram, PartitionConsumer, RuntimeApp
from stream_processors.runtime.faust.recovery import TableRecovery
from stream_processors.runtime.faust.stream import BatchProcessor, Stream
from stream_processors.runtime.faust.table import FaustTable
from stream_processors.runtime.stage import Stage

#: Three heartbeats may be lost before the lease expires.
HEARTBEATS_PER_SESSION = 5


class Transport(driver.Transport):
    """Kafka transport with the runtime's consumer and producer."""

    Consumer = Consumer
    Producer = Producer


class StageApp(faust.App):
    """A stage as a Faust application."""

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    stage: Stage
    lease: Lease
    record_producer: RecordProducer
    recovery: TableRecovery
    commit_steps: Commit[TP]
    commit_seconds: Histogram

    @property
    def started_consumer(self) -> PartitionConsumer | None:
        """Consumer, or None before Faust has created it."""
        return cast(PartitionConsumer | None, self._consumer)

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.conf.broker_producer, self)

    async def _stop_consumer(self) -> None:
        """Commit while the tables are still open; Faust closes them before its last commit."""
        if self.started_consumer is not None:
            await self.started_consumer.release()
        await super()._stop_consumer()

    async def crash(self, reason: BaseException) -> None:
        crash(reason)

    def discard_uncommitted(self) -> None:
        """Drop all table writes and outputs since the last commit: their records are delivered again."""
        self.stage.discard_outputs()
        for table in self.stage.tables.values():
            for store in table.stores.values():
                store.discard_uncommitted()


def build_app(stage: Stage) -> StageApp:
    """Build the application of a stage; it connects when it starts."""
    settings = stage.settings
    app = StageApp(stage.app_id, **_faust_settings(stage))
    runtime = cast(RuntimeApp, app)
    app.stage = stage
    app.lease = Lease(settings.session_timeout, on_end=stage.suspects.lose_session)
    app.record_producer = RecordProducer(
        _kafka_producer(stage, app.lease), app.lease, partial(_crash_on_delivery_failure, stage)
    )
    app.recovery = TableRecovery(runtime)
    app.commit_seconds = metrics.COMMIT_SECONDS.labels(app=stage.app_id)
    _declare(app)
    app.commit_steps = Commit(
        app.record_producer,
        stage.tables,
        stage,
        offsets=lambda: runtime.consumer.offsets(),  # the consumer does not exist before Faust starts
        commit_offsets=lambda offsets: runtime.consumer.commit_offsets(offsets),
        is_member=lambda: runtime.consumer.is_member(),
        read_keys=ChangelogKeyReader(settings),
        on_foreign_records=lambda topic, count: metrics.FOREIGN_RECORDS.labels(app=stage.app_id).inc(count),
    )
    return app


def _crash_on_delivery_failure(stage: Stage, reason: BaseException) -> NoReturn:
    """End the process because Kafka rejected a record."""
    stage.suspects.fail_commit(reason)
    crash(reason)


def _declare(app: StageApp) -> None:
    """Declare agents and tables to Faust. Values stay raw: the stage decodes them."""
    stage = app.stage
    raw: faust.Schema[Any, Any] = faust.Schema(key_serializer="raw", value_serializer="raw")
    for agent in stage.agents.values():
        processor = BatchProcessor(stage, app.record_producer, partial(_has_waiting_input, app))
        app.agent(app.topic(agent.physical, schema=raw), name=agent.topic, concurrency=1)(processor.run)
    for table in stage.tables.values():
        app.tables.add(
            FaustTable(app, table=table, directory=stage.state_directory, partitions=topics.partitions())
        )


def _has_waiting_input(app: StageApp) -> bool:
    """Return True while records are delivered and not processed."""
    consumer = app.started_consumer
    return consumer is not None and consumer.has_waiting_input


def _kafka_producer(stage: Stage, lease: Lease) -> KafkaProducer:
    return clients.producer(
        stage.settings,
        **{
            "client.id": stage.app_id,
            "logger": logging.getLogger("librdkafka"),
            "queue.buffering.max.messages": QUEUE_SIZE_RECORDS,
            "linger.ms": LINGER_MS,
            "compression.type": topics.compression(topics.owned(stage.name)),
            "delivery.timeout.ms": int(lease.delivery_timeout_s * 1000),
        },
    )


def _faust_settings(stage: Stage) -> dict[str, Any]:
    settings = stage.settings
    return {
        "broker": [f"kafka://{server.strip()}" for server in settings.kafka_bootstrap.split(",")],
        "broker_credentials": credentials(settings),
        "datadir": str(stage.state_directory),
        "Stream": Stream,
        "topic_partitions": topics.partitions(),
        # `songnodes topics apply` creates topics.
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        # A topic that was deleted and created again is noticed within seconds.
        "consumer_metadata_max_age_ms": clients.METADATA_AGE_MS,
        "producer_metadata_max_age_ms": clients.METADATA_AGE_MS,
        # A rebalance does not wait for agents: unfinished records are delivered again.
        "stream_wait_empty": False,
        "table_standby_replicas": 0,
        "broker_commit_interval": min(settings.commit_interval, COMMIT_CHECK_INTERVAL_S),
        "broker_session_timeout": settings.session_timeout,
        "broker_heartbeat_interval": settings.session_timeout / HEARTBEATS_PER_SESSION,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": MAX_MESSAGE_BYTES,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "autodiscover": False,
    }
