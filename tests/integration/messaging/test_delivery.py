"""Delivery of records that Kafka must acknowledge before the process continues."""

import pytest

from operations import topic_log
from songnodes.errors import NotAcknowledged
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from tests.integration.operations.topic_records import make_topics

#: Records that the producer's queue holds, a hundredth of the records sent.
ROOM = {"queue.buffering.max.messages": 20, "linger.ms": 0}


def test_a_full_queue_loses_nothing(pipeline_settings: Settings) -> None:
    make_topics(pipeline_settings, "bronze.pages")
    topic = topics.physical("bronze.pages", pipeline_settings)
    delivery = Delivery(clients.producer(pipeline_settings, **ROOM), timeout_s=30.0)
    wanted = {f"{number}".encode() for number in range(2000)}
    for key in wanted:
        delivery.send(topic, key, b"", [("of", b"a test")])
    assert delivery.finish() == len(wanted)
    assert delivery.finish() == 0
    bounds = log_offsets.bounds(
        clients.admin(pipeline_settings), log_offsets.partitions(clients.admin(pipeline_settings), [topic])
    )
    assert {message.key() for message in topic_log.read(pipeline_settings, bounds)} == wanted


def test_unacknowledged_records_are_counted_and_reported(pipeline_settings: Settings) -> None:
    nowhere = pipeline_settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"})
    producer = clients.producer(nowhere, **ROOM, **{"message.timeout.ms": 500, "log_level": 0})
    delivery = Delivery(producer, timeout_s=2.0)
    delivery.send("anything", b"k", b"v")
    with pytest.raises(NotAcknowledged, match=r"timed out \(lost=1, of=1\)"):
        delivery.finish()
    assert delivery.finish() == 0  # the next batch starts at zero


def test_a_queue_that_stays_full_is_an_error(pipeline_settings: Settings) -> None:
    nowhere = pipeline_settings.model_copy(update={"kafka_bootstrap": "127.0.0.1:9"})
    delivery = Delivery(clients.producer(nowhere, **ROOM, log_level=0), timeout_s=0.5)
    with pytest.raises(NotAcknowledged, match=r"Queue full.*topic=anything"):
        for number in range(50):
            delivery.send("anything", f"{number}", b"v")
