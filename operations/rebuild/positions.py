"""Positions of the groups of the new versions: behind what the rebuild has read."""

from collections.abc import Iterable

from confluent_kafka.admin import AdminClient

from operations.rebuild import gold, silver
from operations.rebuild.copying import resolution_ends
from operations.rebuild.job import Job
from songnodes.messaging import log_offsets, topics
from songnodes.messaging.log_offsets import Partition


def positions(names: Iterable[str], job: Job, admin: AdminClient) -> dict[Partition, int]:
    """Return the positions of a group that reads topics of these names on the broker.

    Topics of the new versions that are no copies have the records of the rebuild only, until it is finished.
    """
    planned = job.plan.positions_by_partition()
    if job.plan.stage == gold.STAGE:
        return planned
    logical = {topics.physical(name, job.target): name for name in topics.declared()}
    ends = log_offsets.end_offsets(admin, log_offsets.partitions(admin, list(names)))
    copied = resolution_ends(job)
    for partition in ends:
        name = logical[partition.topic]
        bounds = job.plan.input_bounds(name, partition.number)
        if bounds is not None:
            ends[partition] = bounds.end
        elif name == silver.RESOLUTIONS:
            ends[partition] = copied[partition.number]
    return ends
