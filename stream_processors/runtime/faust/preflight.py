"""Checks before a worker reads its first record."""

import fcntl
from typing import IO

from songnodes.messaging import clients, topics
from stream_processors.runtime.errors import StateLocked
from stream_processors.runtime.stage import Stage


def check_topics(stage: Stage) -> None:
    """Raise TopicsDiffer unless all topics of the stage exist with one partition count.

    A key must have the same partition number in every input and changelog: it identifies the key's state.
    """
    outputs = {topics.physical(name, stage.settings) for name in stage.emits}
    required = sorted({*stage.agents, *stage.changelogs, *outputs, stage.dead_letter_topic})
    existing = clients.admin(stage.settings).list_topics(timeout=topics.ADMIN_TIMEOUT_S).topics
    missing = [name for name in required if name not in existing]
    if missing:
        raise topics.TopicsDiffer(f"missing: {', '.join(missing)}")
    partition_counts = {name: len(existing[name].partitions) for name in required}
    if len(set(partition_counts.values())) > 1:
        raise topics.TopicsDiffer(f"partition counts differ: {partition_counts}")


def lock_state(stage: Stage) -> IO[str]:
    """Lock the state directory of this worker until the process ends. Raises StateLocked."""
    directory = stage.state_directory
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StateLocked(directory=directory) from None
    return lock
