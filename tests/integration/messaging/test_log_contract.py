"""A broker behaves as the log in memory does: otherwise tests with that log prove nothing."""

import time
from typing import Any
from uuid import uuid4

import pytest
from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import NewTopic

from songnodes.messaging import clients, topics
from songnodes.messaging.committed import Committed
from songnodes.messaging.log_offsets import Partition
from songnodes.settings import Settings
from tests.support.log_contract import LogContract

SESSION_TIMEOUT_S = 6.0  # the broker's minimum


class Broker:
    """The broker of this run, with topics and groups of one test."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin = clients.admin(settings)
        self._producer = clients.producer(settings, **{"linger.ms": 0})
        self._topics: dict[str, int] = {}

    def create_topic(self, partitions: int) -> str:
        name = f"{self._settings.namespace}.contract-{uuid4().hex[:8]}"
        for future in self._admin.create_topics([NewTopic(name, partitions, 1)]).values():
            future.result()
        topics.wait_for_leaders(self._admin, {name: partitions})
        self._topics[name] = partitions
        return name

    def publish(self, topic: str, part: int, *values: bytes | None, key: bytes | None = None) -> None:
        for value in values:
            self._producer.produce(topic, value, key, part)
        assert self._producer.flush(30) == 0

    def publish_transaction(self, topic: str, part: int, value: bytes) -> None:
        producer = clients.producer(self._settings, **{"transactional.id": f"{topic}-{part}"})
        producer.init_transactions(30)
        producer.begin_transaction()
        producer.produce(topic, value, None, part)
        producer.commit_transaction(30)

    def delete_before(self, topic: str, part: int, offset: int) -> None:
        for future in self._admin.delete_records([TopicPartition(topic, part, offset)]).values():
            future.result()

    def expire(self, consumer: Consumer) -> None:
        """Let the longest time between two polls pass."""
        time.sleep(SESSION_TIMEOUT_S + 1)

    def committed(self, group: str) -> dict[Partition, int]:
        offsets = Committed(self._settings, self._group(group))
        try:
            return offsets.offsets(
                [Partition(name, part) for name, count in self._topics.items() for part in range(count)]
            )
        finally:
            offsets.close()

    def consumer(
        self, group: str, *, instance_id: str | None = None, reset: str = "error", eof: bool = False
    ) -> Consumer:
        options: dict[str, Any] = {
            "auto.offset.reset": reset,
            "enable.partition.eof": eof,
            "session.timeout.ms": int(SESSION_TIMEOUT_S * 1000),
            "max.poll.interval.ms": int(SESSION_TIMEOUT_S * 1000),
            "heartbeat.interval.ms": 300,
            "log_level": 0,
        }
        if instance_id is not None:
            options["group.instance.id"] = instance_id
        return clients.consumer(self._settings, self._group(group), **options)

    def _group(self, name: str) -> str:
        return f"{self._settings.namespace}.{name}"


class TestBroker(LogContract):
    """The contract, on the broker."""

    @pytest.fixture
    def log(self, pipeline_settings: Settings) -> Broker:
        return Broker(pipeline_settings)
