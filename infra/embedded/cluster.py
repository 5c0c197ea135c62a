"""A cluster of several Kafka brokers in one data directory: their number, names and replication."""

from collections.abc import Mapping

from songnodes.errors import UserError

#: Name of the first broker and of its port; the others are FIRST-2, FIRST-3.
FIRST = "kafka"
#: Copies of each partition in a cluster, and how many of them must have a record before it is acknowledged.
REPLICATION_FACTOR, MIN_INSYNC_REPLICAS = 3, 2


class BrokerCountChanged(UserError):
    """The number of brokers of a data directory cannot be changed"""

    remedy = "The controllers are fixed when the first broker is formatted: use a new data directory"


def broker_names(count: int) -> tuple[str, ...]:
    """Return the names of the brokers, in `status` and of their ports."""
    return (FIRST, *(f"{FIRST}-{node}" for node in range(2, count + 1)))


def broker_count(requested: int | None, ports: Mapping[str, int]) -> int:
    """Return the number of brokers of a data directory with these ports: as requested, stored, or 1.

    Raises BrokerCountChanged.
    """
    stored = 0
    while set(broker_names(stored + 1)) <= ports.keys():
        stored += 1
    if stored and requested and requested != stored:
        raise BrokerCountChanged(stored=stored, requested=requested)
    return requested or stored or 1


def replication(count: int) -> tuple[int, int]:
    """Return replication factor and minimum of replicas in sync for `count` brokers."""
    if count < REPLICATION_FACTOR:
        return 1, 1
    return REPLICATION_FACTOR, MIN_INSYNC_REPLICAS


def variables(count: int) -> dict[str, str]:
    """Return the settings by which topics are created on `count` brokers; none for a single one."""
    if count == 1:
        return {}
    replication_factor, min_insync_replicas = replication(count)
    return {
        "SONGNODES_REPLICATION_FACTOR": str(replication_factor),
        "SONGNODES_MIN_INSYNC_REPLICAS": str(min_insync_replicas),
    }
