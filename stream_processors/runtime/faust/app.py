"""The Faust application of a stage: its settings, and our parts in the places of Faust's."""

import logging
from functools import partial
from typing import Any, NoReturn

import faust
from faust.transport.drivers import aiokafka as driver

from songnodes import metrics
from songnodes.messaging import clients, topics
from songnodes.messaging.limits import MAX_MESSAGE_BYTES
from stream_processors.runtime.delivery.changelog_keys import ChangelogKeys
from stream_processors.runtime.delivery.commit import Commit
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.delivery.producer import QUEUE_RECORDS, Outbox
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.consumer import Consumer
from stream_processors.runtime.faust.producer import Producer
from stream_processors.runtime.faust.recovery import Recovery
from stream_processors.runtime.faust.stream import Stream, Work
from stream_processors.runtime.faust.table import Collection
from stream_processors.runtime.stage import Stage

#: Heartbeats per session: three may be lost before the lease ends.
HEARTBEATS = 5


class Transport(driver.Transport):
    """Kafka by our consumer and producer."""

    Consumer = Consumer
    Producer = Producer


class Application(faust.App):
    """A stage as Faust runs it."""

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    stage: Stage
    lease: Lease
    outbox: Outbox
    recovery: Recovery
    commit_steps: Commit[Any]
    commit_seconds: Any
    _consumer: Any

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    def _new_producer_transport(self) -> Transport:
        return Transport(self.conf.broker_producer, self)

    async def _stop_consumer(self) -> None:
        """SIGTERM: commit while the tables are still open; Faust closes them before its last commit."""
        if self._consumer is not None:
            await self._consumer.release()
        await super()._stop_consumer()

    async def crash(self, reason: BaseException) -> None:
        crash(reason)

    def forget_uncommitted(self) -> None:
        """Drop what the tables hold beyond the last commit: its records are delivered again."""
        for table in self.stage.tables.values():
            for store in table.stores.values():
                store.forget()


def build(stage: Stage) -> Application:
    """The application of a stage; nothing is connected yet."""
    settings = stage.settings
    app = Application(stage.app_id, **_faust_settings(stage))
    app.stage = stage
    app.lease = Lease(settings.session_timeout)
    app.outbox = Outbox(_producer(stage, app.lease), app.lease, partial(_fail, stage))
    app.recovery = Recovery(app)
    app.commit_seconds = metrics.COMMIT_SECONDS.labels(app=stage.app_id)
    _declare(app)
    app.commit_steps = Commit(
        app.outbox,
        stage.tables,
        offsets=lambda: app._consumer.offsets(),  # the consumer is made when Faust starts
        commit_offsets=lambda offsets: app._consumer.commit_offsets(offsets),
        is_member=lambda: app._consumer.is_member(),
        read_keys=ChangelogKeys(settings),
        on_foreign=lambda topic, count: metrics.FOREIGN_RECORDS.labels(app=stage.app_id).inc(count),
    )
    return app


def _fail(stage: Stage, reason: BaseException) -> NoReturn:
    """End the process because Kafka refused a record."""
    stage.suspects.fail_commit(reason)
    crash(reason)


def _declare(app: Application) -> None:
    """Agents and tables in Faust's terms. Values stay raw: decoding happens in the stage."""
    stage = app.stage
    raw: faust.Schema[Any, Any] = faust.Schema(key_serializer="raw", value_serializer="raw")
    for agent in stage.agents.values():
        work = Work(stage, app.outbox)
        app.agent(app.topic(agent.physical, schema=raw), name=agent.topic, concurrency=1)(work.run)
    for table in stage.tables.values():
        app.tables.add(
            Collection(app, table=table, directory=stage.state_directory, partitions=topics.partitions())
        )


def _producer(stage: Stage, lease: Lease) -> Any:
    return clients.producer(
        stage.settings,
        **{
            "client.id": stage.app_id,
            "logger": logging.getLogger("librdkafka"),
            "queue.buffering.max.messages": QUEUE_RECORDS,
            "delivery.timeout.ms": int(lease.write_seconds * 1000),
        },
    )


def _faust_settings(stage: Stage) -> dict[str, Any]:
    settings = stage.settings
    return {
        "broker": [f"kafka://{server.strip()}" for server in settings.kafka_bootstrap.split(",")],
        "datadir": str(stage.state_directory),
        "Stream": Stream,
        "topic_partitions": topics.partitions(),
        # Topics are made by `songnodes topics apply`.
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        # A topic that was deleted and made again is noticed in seconds.
        "consumer_metadata_max_age_ms": clients.METADATA_AGE_MS,
        "producer_metadata_max_age_ms": clients.METADATA_AGE_MS,
        # A rebalance waits for no agent: what is not done is delivered again.
        "stream_wait_empty": False,
        "table_standby_replicas": 0,
        "broker_commit_interval": settings.commit_interval,
        "broker_session_timeout": settings.session_timeout,
        "broker_heartbeat_interval": settings.session_timeout / HEARTBEATS,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": MAX_MESSAGE_BYTES,
        "web_enabled": False,
        "worker_redirect_stdouts": False,
        "autodiscover": False,
    }
