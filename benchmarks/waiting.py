"""Waiting for a pipeline that is measured, without waiting for what cannot come."""

import asyncio
import time
from collections.abc import Mapping, Sequence

from confluent_kafka import KafkaException

from infra.embedded import lag
from infra.embedded.readiness import FINAL_STATES, Supervised, not_ready
from songnodes.settings import Settings

GIVE_UP_S = 300.0


class Deadline:
    """Time by which something has to have come."""

    def __init__(self, wanted: str, give_up_s: float | None = None) -> None:
        self._wanted = wanted
        self._give_up_s = GIVE_UP_S if give_up_s is None else give_up_s
        self._until = time.monotonic() + self._give_up_s

    def check(self, missing: object) -> None:
        """Raise TimeoutError with what is missing after `give_up_s` seconds."""
        if time.monotonic() > self._until:
            raise TimeoutError(f"{self._wanted}: {missing} missing after {self._give_up_s:.0f} s")


def check_processes(stack: Supervised) -> None:
    """Raise NotReady for a process that has ended and is not started again."""
    for process in stack.processes():
        if process.state in FINAL_STATES:
            raise not_ready(stack, process)


def unread(settings: Settings, declared: Mapping[str, Sequence[str]] | None = None) -> dict[str, int] | None:
    """Return the unread records of each group, None while the broker cannot say: a coordinator is loading.

    With `declared` those of these groups only.
    """
    try:
        groups = lag.groups(settings, settings.namespace, declared)
    except KafkaException:
        return None
    return {entry.group: entry.records for entry in groups if declared is None or entry.group in declared}


async def drained(
    stack: Supervised,
    settings: Settings,
    give_up_s: float | None = None,
    declared: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Return when no group has anything left: the last gold row of a flood is not the end of its work.

    `declared` as in `unread`; without it a group that has committed nothing has nothing left.
    """
    deadline = Deadline("drained groups", give_up_s)
    while (records := await asyncio.to_thread(unread, settings, declared)) is None or any(records.values()):
        deadline.check(records)
        check_processes(stack)
        await asyncio.sleep(1)
