"""Kafka clients of the processes that are no Faust stage."""

import platform
from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient

from songnodes.access import Access
from songnodes.messaging import topics
from songnodes.messaging.limits import MAX_MESSAGE_BYTES
from songnodes.settings import Settings

#: Java's and Faust's partitioner. librdkafka's default puts two thirds of the keys elsewhere.
PARTITIONER = "murmur2_random"
#: Milliseconds. A topic that was deleted and created again is noticed within 10 s; the default is 5 minutes.
METADATA_AGE_MS = 5_000

SASL_PREFIX, SSL_SUFFIX = "SASL_", "SSL"
#: Field of the settings -> option of librdkafka.
TLS_OPTIONS = {
    "kafka_ssl_ca": "ssl.ca.location",
    "kafka_ssl_certificate": "ssl.certificate.location",
    "kafka_ssl_key": "ssl.key.location",
}


def security_protocol(access: Access) -> str:
    """Return the security protocol: the setting, or the one that the credentials imply."""
    if access.kafka_security_protocol:
        return access.kafka_security_protocol
    is_tls = bool(access.kafka_ssl_ca or access.kafka_ssl_certificate)
    if access.kafka_sasl_username:
        return "SASL_SSL" if is_tls else "SASL_PLAINTEXT"
    return "SSL" if is_tls else "PLAINTEXT"


def connection(access: Access) -> dict[str, Any]:
    """Return the options of librdkafka that find the broker and log in to it. They hold the secrets."""
    protocol = security_protocol(access)
    options: dict[str, Any] = {"bootstrap.servers": access.kafka_bootstrap}
    if protocol != "PLAINTEXT":
        options["security.protocol"] = protocol
    if protocol.startswith(SASL_PREFIX):
        options["sasl.mechanism"] = access.kafka_sasl_mechanism or "PLAIN"
        options["sasl.username"] = access.kafka_sasl_username
        options["sasl.password"] = access.kafka_sasl_password.get_secret_value()
    if protocol.endswith(SSL_SUFFIX):
        options |= {option: getattr(access, field) for field, option in TLS_OPTIONS.items()}
        options["ssl.key.password"] = access.kafka_ssl_key_password.get_secret_value()
    return {option: value for option, value in options.items() if value}


def producer(settings: Settings, **overrides: Any) -> Producer:
    """Return an idempotent producer with the project's partitioner."""
    settings.require("kafka_bootstrap")
    return Producer(
        {
            **connection(settings),
            "enable.idempotence": True,
            "acks": "all",
            "partitioner": PARTITIONER,
            "compression.type": topics.DEFAULT_COMPRESSION,
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
            **connection(settings),
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


def static_membership(settings: Settings) -> dict[str, Any]:
    """Return the id of static membership: a new process after kill -9 gets its partitions at once."""
    return {"group.instance.id": f"{platform.node()}-{settings.worker_slot}"}


def ended(error: KafkaError) -> bool:
    """Return True for a consumer's last error: no record follows, and it is reported only once.

    A message carries it as a code; `fatal` is set for callbacks only.
    """
    return error.fatal() or error.code() == KafkaError._FATAL


def admin(settings: Settings) -> AdminClient:
    """Return an administration client; its errors are raised, so librdkafka prints none of them."""
    settings.require("kafka_bootstrap")
    return AdminClient({**connection(settings), "log_level": 0})
