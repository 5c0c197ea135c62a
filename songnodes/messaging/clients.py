"""Kafka clients of the processes that are no Faust stage."""

from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient

from songnodes.messaging.limits import MAX_MESSAGE_BYTES
from songnodes.settings import Settings

#: Java's and Faust's partitioner. librdkafka's default puts two thirds of the keys elsewhere.
PARTITIONER = "murmur2_random"
#: Milliseconds. A topic that was deleted and created again is noticed within 10 s; the default is 5 minutes.
METADATA_AGE_MS = 5_000


def producer(settings: Settings, **overrides: Any) -> Producer:
    """Return an idempotent producer with the project's partitioner."""
    settings.require("kafka_bootstrap")
    return Producer(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": PARTITIONER,
            "compression.type": "lz4",
            "linger.ms": 20,
            "message.max.bytes": MAX_MESSAGE_BYTES,
            "topic.metadata.refresh.interval.ms": METADATA_AGE_MS,
            **overrides,
        }
    )


def consumer(settings: Settings, group: str, **overrides: Any) -> Consumer:
    """Return a consumer that commits nothing by itself and never resets a lost position silently."""
    settings.require("kafka_bootstrap")
    return Consumer(
        {
            "bootstrap.servers": settings.kafka_bootstrap,
            "group.id": group,
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "auto.offset.reset": "error",
            "fetch.max.bytes": 4 * MAX_MESSAGE_BYTES,
            "max.partition.fetch.bytes": MAX_MESSAGE_BYTES,
            "topic.metadata.refresh.interval.ms": METADATA_AGE_MS,
            **overrides,
        }
    )


def ended(error: KafkaError) -> bool:
    """Return True for a consumer's last error: no record follows, and it is reported only once.

    A message carries it as a code; `fatal` is set for callbacks only.
    """
    return error.fatal() or error.code() == KafkaError._FATAL


def admin(settings: Settings) -> AdminClient:
    """Return an administration client; its errors are raised, so librdkafka prints none of them."""
    settings.require("kafka_bootstrap")
    return AdminClient({"bootstrap.servers": settings.kafka_bootstrap, "log_level": 0})
