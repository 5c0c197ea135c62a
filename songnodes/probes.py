"""Whether a server answers a real request, by its address alone: ours and those from outside alike."""

import socket
from collections.abc import Callable, Mapping

import psycopg
import redis
import requests
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

PATIENCE = 2  # seconds for one answer; a server that needs longer is not ready


def kafka(bootstrap: str) -> bool:
    """The broker is registered and not fenced: it is in the metadata that it gives.

    The port is tried first: librdkafka would keep on trying for the whole time where nobody listens.
    """
    host, _, port = bootstrap.partition(",")[0].rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PATIENCE).close()
        admin = AdminClient({"bootstrap.servers": bootstrap, "log_level": 0})
        return bool(admin.list_topics(timeout=PATIENCE).brokers)
    except (OSError, ValueError, KafkaException):
        return False


def postgres(url: str) -> bool:
    """A query is answered: it is neither starting nor recovering."""
    try:
        with psycopg.connect(url, connect_timeout=PATIENCE) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False


def redis_server(url: str) -> bool:
    """PING is answered, and not by "loading"."""
    try:
        with redis.Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False


def registry(url: str) -> bool:
    """It lists its subjects, from its storage."""
    try:
        return requests.get(f"{url.rstrip('/')}/subjects", timeout=PATIENCE).ok
    except requests.RequestException:
        return False


#: By the name of the setting that holds the address.
PROBES: Mapping[str, Callable[[str], bool]] = {
    "kafka_bootstrap": kafka,
    "database_url": postgres,
    "redis_url": redis_server,
    "schema_registry_url": registry,
}
