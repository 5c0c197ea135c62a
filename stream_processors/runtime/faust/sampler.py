"""Sampler of metrics that no event changes: lag, commit age, recovery, memory."""

import time

import psutil
from mode import Service

from songnodes import metrics
from stream_processors.runtime.faust.protocol import PartitionConsumer, RuntimeApp

SAMPLE_INTERVAL_S = 1.0


class MetricsSampler(Service):
    """A service that runs next to the application."""

    mundane_level = "debug"

    def __init__(self, app: RuntimeApp) -> None:
        super().__init__()
        self._app = app
        self._process = psutil.Process()
        self._app_id = app.stage.app_id
        self._sampled_partitions: set[str] = set()

    @Service.timer(SAMPLE_INTERVAL_S)
    async def _sample(self) -> None:
        app = self._app
        metrics.MEMORY.labels(app=self._app_id).set(self._process.memory_info().rss)
        metrics.OUTPUTS_WAITING.labels(app=self._app_id).set(app.record_producer.pending_records)
        metrics.RECOVERY_LEFT.labels(app=self._app_id).set(app.recovery.remaining_records)
        consumer = app.started_consumer
        if consumer is None:
            return
        metrics.COMMIT_AGE.labels(app=self._app_id).set(time.monotonic() - consumer.committed_at)
        self._sample_lag(consumer)

    def _sample_lag(self, consumer: PartitionConsumer) -> None:
        now = time.time()
        assigned = set()
        for tp, tracker in consumer.trackers.items():
            name = f"{tp.topic}[{tp.partition}]"
            assigned.add(name)
            lag_records = max(0, (consumer.highwater(tp) or 0) - tracker.committable)
            has_lag = lag_records and tracker.last_timestamp_ms
            lag_seconds = max(0.0, now - tracker.last_timestamp_ms / 1000) if has_lag else 0.0
            metrics.LAG_RECORDS.labels(app=self._app_id, partition=name).set(lag_records)
            metrics.LAG_SECONDS.labels(app=self._app_id, partition=name).set(lag_seconds)
        for revoked in self._sampled_partitions - assigned:
            metrics.LAG_RECORDS.remove(self._app_id, revoked)
            metrics.LAG_SECONDS.remove(self._app_id, revoked)
        self._sampled_partitions = assigned
