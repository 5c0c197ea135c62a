"""Samples what is not counted where it happens: lag, commit age, recovery, memory."""

import time
from typing import Any

import psutil
from mode import Service

from songnodes import metrics

EVERY = 1.0  # seconds


class Gauges(Service):
    """A service beside the application."""

    mundane_level = "debug"

    def __init__(self, app: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._app = app
        self._process = psutil.Process()
        self._id = app.stage.app_id
        self._partitions: set[str] = set()

    @Service.timer(EVERY)
    async def _sample(self) -> None:
        app = self._app
        metrics.MEMORY.labels(app=self._id).set(self._process.memory_info().rss)
        metrics.OUTPUTS_WAITING.labels(app=self._id).set(app.outbox.waiting)
        metrics.RECOVERY_LEFT.labels(app=self._id).set(app.recovery.left)
        consumer = app._consumer
        if consumer is None:
            return
        metrics.COMMIT_AGE.labels(app=self._id).set(time.monotonic() - consumer.committed_at)
        self._sample_lag(consumer)

    def _sample_lag(self, consumer: Any) -> None:
        now = time.time()
        seen = set()
        for tp, tracker in consumer.trackers.items():
            name = f"{tp.topic}[{tp.partition}]"
            seen.add(name)
            records = max(0, (consumer.highwater(tp) or 0) - tracker.committable)
            behind = max(0.0, now - tracker.reached / 1000) if records and tracker.reached else 0.0
            metrics.LAG_RECORDS.labels(app=self._id, partition=name).set(records)
            metrics.LAG_SECONDS.labels(app=self._id, partition=name).set(behind)
        for gone in self._partitions - seen:  # another worker's now
            metrics.LAG_RECORDS.remove(self._id, gone)
            metrics.LAG_SECONDS.remove(self._id, gone)
        self._partitions = seen
