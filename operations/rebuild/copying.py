"""Copies of topics whose records come from other processes than the rebuilt stages."""

from typing import Any

from confluent_kafka import Message

from operations import topic_log
from operations.rebuild import silver
from operations.rebuild.job import (
    DELIVERY_RECORDS,
    DELIVERY_TIMEOUT_S,
    PRODUCER_OPTIONS,
    RESOLUTION_ENDS,
    Counts,
    Job,
)
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.delivery import Delivery
from songnodes.messaging.log_offsets import Bounds

COPY_ENDS = "copy-ends"  # record of the next offsets to copy of a topic, by partition


def copy_topic(logical: str, job: Job) -> Counts:
    """Copy the records of a topic into that of the new version, from the end of the last copy on.

    The end is recorded once all of them are acknowledged. A rebuild without a record copies from the start.
    """
    source, target = (topics.physical(logical, settings) for settings in (job.settings, job.target))
    admin = clients.admin(job.settings)
    record = f"{COPY_ENDS}-{logical}"
    ends = job.workspace.result(record) or {}
    ranges = {
        partition: Bounds(start=log.first_unread(ends.get(str(partition.number))), end=log.end)
        for partition, log in log_offsets.bounds(admin, log_offsets.partitions(admin, [source])).items()
    }
    delivery = Delivery(clients.producer(job.settings, **PRODUCER_OPTIONS), timeout_s=DELIVERY_TIMEOUT_S)
    count = 0
    for count, message in enumerate(topic_log.read(job.settings, ranges), 1):
        _copy(message, target, delivery)
        if count % DELIVERY_RECORDS == 0:
            delivery.finish()
    delivery.finish()
    job.workspace.finish(record, {str(partition.number): log.end for partition, log in ranges.items()})
    return {"copied": count}


def _copy(message: Message, target: str, delivery: Delivery) -> None:
    headers: Any = message.headers() or ()
    delivery.send(target, message.key(), message.value(), headers, partition=message.partition() or 0)


def copy_resolutions(job: Job) -> Counts:
    """Copy the resolutions, and record the ends of the new topic: the rebuild applies what is before them."""
    counts = copy_topic(silver.RESOLUTIONS, job)
    admin = clients.admin(job.settings)
    target = topics.physical(silver.RESOLUTIONS, job.target)
    ends = log_offsets.end_offsets(admin, log_offsets.partitions(admin, [target]))
    job.workspace.finish(RESOLUTION_ENDS, {str(partition.number): end for partition, end in ends.items()})
    return counts


def resolution_ends(job: Job) -> dict[int, int]:
    """Return the ends that `copy_resolutions` recorded, by partition."""
    recorded = job.workspace.result(RESOLUTION_ENDS) or {}
    return {int(number): end for number, end in recorded.items()}
