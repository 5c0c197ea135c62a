"""Requests and received bytes of Kafka consumers, by librdkafka's own statistics."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from confluent_kafka import Consumer

from songnodes.messaging import clients, committed

STATISTICS_INTERVAL_MS = 10


class Requests:
    """The latest statistics of each client that was closed; a consumer delivers them when it closes."""

    def __init__(self) -> None:
        self._latest: dict[str, Any] = {}

    def add(self, statistics: str) -> None:
        document = json.loads(statistics)
        self._latest[document["name"]] = document

    def total(self, kind: str) -> int:
        """Return the number of requests of a kind, as the protocol names it."""
        brokers = (broker for client in self._latest.values() for broker in client["brokers"].values())
        return sum(broker["req"].get(kind, 0) for broker in brokers)

    def received_bytes(self) -> int:
        return sum(client["rx_bytes"] for client in self._latest.values())


class _ReportingConsumer(Consumer):
    """A consumer that closes after a last report of its statistics."""

    def close(self) -> None:
        time.sleep(5 * STATISTICS_INTERVAL_MS / 1000)
        super().close()


@contextmanager
def count_requests(monkeypatch: pytest.MonkeyPatch) -> Iterator[Requests]:
    """Count the requests of all consumers that are created and closed inside."""
    requests, connection = Requests(), clients.connection
    with monkeypatch.context() as patch:
        patch.setattr(
            clients,
            "connection",
            lambda access: {
                **connection(access),
                "statistics.interval.ms": STATISTICS_INTERVAL_MS,
                "stats_cb": requests.add,
            },
        )
        patch.setattr(committed, "Consumer", _ReportingConsumer)
        yield requests
