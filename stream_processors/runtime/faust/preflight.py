"""What is checked before a worker reads its first record."""

import fcntl
from typing import IO

from songnodes.messaging import clients, topics
from stream_processors.runtime.errors import StateLocked
from stream_processors.runtime.stage import Stage


def check_topics(stage: Stage) -> None:
    """Raise TopicsDiffer unless all topics of the stage exist with one partition count.

    A key must have the same partition number in every input and changelog: its state is found by it.
    """
    logical = {topics.physical(name, stage.settings) for name in stage.emits}
    wanted = sorted({*stage.agents, *stage.changelogs, *logical, stage.dead_letter_topic})
    there = clients.admin(stage.settings).list_topics(timeout=topics.ADMIN_TIMEOUT_S).topics
    missing = [name for name in wanted if name not in there]
    if missing:
        raise topics.TopicsDiffer(f"missing: {', '.join(missing)}")
    counts = {name: len(there[name].partitions) for name in wanted}
    if len(set(counts.values())) > 1:
        raise topics.TopicsDiffer(f"partition counts differ: {counts}")


def lock_state(stage: Stage) -> IO[str]:
    """Take this worker's state directory for as long as the process lives. Raises StateLocked."""
    directory = stage.state_directory
    directory.mkdir(parents=True, exist_ok=True)
    lock = (directory / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise StateLocked(directory=directory) from None
    return lock
