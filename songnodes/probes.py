"""Probes of servers by a real request, given their address alone; for embedded and other servers alike."""

import socket
from collections.abc import Callable, Mapping

import psycopg
import redis
import requests
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

PROBE_TIMEOUT_S = 2  # a server that needs longer is not ready


def kafka(bootstrap: str) -> bool:
    """Return True if the broker is registered and not fenced: it is in its own metadata.

    The port is tried first: librdkafka would retry for the whole time where no process listens.
    """
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PROBE_TIMEOUT_S).close()
        admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        return bool(admin.list_topics(timeout=PROBE_TIMEOUT_S).brokers)
    except (OSError, ValueError, KafkaException):
        return False


def postgres(url: str) -> bool:
    """Return True if a query is answered: the server is neither starting nor recovering."""
    try:
        with psycopg.connect(url, connect_timeout=PROBE_TIMEOUT_S) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False


def redis_server(url: str) -> bool:
    """Return True if PING is answered, and not by "loading"."""
    try:
        with redis.Redis.from_url(
            url, socket_timeout=PROBE_TIMEOUT_S, socket_connect_timeout=PROBE_TIMEOUT_S
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False


def registry(url: str) -> bool:
    """Return True if the registry lists its subjects, from its storage."""
    try:
        return requests.get(f"{url.rstrip('/')}/subjects", timeout=PROBE_TIMEOUT_S).ok
    except requests.RequestException:
        return False


#: By the name of the setting that holds the address.
PROBES: Mapping[str, Callable[[str], bool]] = {
    "kafka_bootstrap": kafka,
    "database_url": postgres,
    "redis_url": redis_server,
    "schema_registry_url": registry,
}
