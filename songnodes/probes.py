"""Probes: a server answers a real request of a client that has logged in.

Clients of databases and of the registry are imported by their probes: no process asks for all servers, and
importing the clients takes a third of the processor time of its start.
"""

import socket
from collections.abc import Callable, Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from songnodes.access import Access
from songnodes.errors import RegistryUnreachable
from songnodes.messaging.clients import connection
from songnodes.redis_client import options

PROBE_TIMEOUT_S = 2  # a server that needs longer is not ready


def kafka(access: Access) -> bool:
    """Return True if a broker is registered and not fenced: it is in its own metadata."""
    return bool(_brokers(access))


def is_registered(access: Access, node: int) -> bool:
    """Return True if the broker of this address has node number `node` in its own metadata."""
    return node in _brokers(access)


def _brokers(access: Access) -> set[int]:
    """Return the numbers of the brokers in the metadata of a cluster; none where all its brokers are away.

    The ports are tried first: librdkafka would retry for the whole time where no process listens.
    """
    if not any(map(_accepts, access.kafka_bootstrap.split(","))):
        return set()
    try:
        admin = AdminClient({**connection(access), "log_level": 0})
        return set(admin.list_topics(timeout=PROBE_TIMEOUT_S).brokers)
    except KafkaException:
        return set()


def _accepts(address: str) -> bool:
    """Return True if a process accepts connections at HOST:PORT."""
    host, _, port = address.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=PROBE_TIMEOUT_S).close()
        return True
    except (OSError, ValueError):
        return False


def postgres(access: Access) -> bool:
    """Return True if a query is answered: the server is neither starting nor recovering."""
    import psycopg

    try:
        with psycopg.connect(
            access.database_url, connect_timeout=PROBE_TIMEOUT_S, application_name="songnodes-probe"
        ) as connection:
            return connection.execute("SELECT 1").fetchone() is not None
    except psycopg.Error:
        return False


def redis_server(access: Access) -> bool:
    """Return True if PING is answered, and not by "loading"."""
    import redis

    try:
        with redis.Redis.from_url(
            access.redis_url,
            **options(access),
            socket_timeout=PROBE_TIMEOUT_S,
            socket_connect_timeout=PROBE_TIMEOUT_S,
        ) as client:
            return bool(client.ping())
    except (redis.RedisError, ValueError):
        return False


def registry(access: Access) -> bool:
    """Return True if the registry lists its subjects, from its storage."""
    from confluent_kafka.schema_registry.error import SchemaRegistryError

    from songnodes.messaging import schemas

    try:
        with schemas.answering(), schemas.client(access, timeout_s=PROBE_TIMEOUT_S, retries=0) as client:
            client.get_subjects()
            return True
    except (RegistryUnreachable, SchemaRegistryError):
        return False
    except (OSError, ValueError):  # a certificate that is no file; a server that is no registry
        return False


#: By the name of the setting that holds the address.
PROBES: Mapping[str, Callable[[Access], bool]] = {
    "kafka_bootstrap": kafka,
    "database_url": postgres,
    "redis_url": redis_server,
    "schema_registry_url": registry,
}
