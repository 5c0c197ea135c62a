"""A replay from beginning to end: count, stop, move, start, wait, count again.

The stage sees old records once more. Its entries and totals know them by offset and stay as they are; its
outputs are repeated. So what comes after it sees nothing new either, and all counts must be what they were.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from confluent_kafka.admin import AdminClient

from operations import log
from operations.replay.backlog import Tell, drain
from operations.replay.counts import Counts, Difference, counts, differences
from operations.replay.journal import Journal
from operations.replay.plan import Plan
from operations.replay.readers import Reader
from operations.replay.workers import Workers
from operations.turn import take_turn
from songnodes.messaging import topics
from songnodes.settings import Settings

#: Seconds to wait for a pipeline at rest before counting. One that gets new pages all the time never rests.
SETTLE = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What was asked for: the process and the start as said, why, and what that means."""

    process: str
    starting_at: str
    reason: str
    readers: Sequence[Reader]
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a replay ended. `settled`: nothing was waiting when the first counts were taken; `arrived`: records
    that producers wrote meanwhile. Counts may differ with reason when it was not, or when some were."""

    number: int
    before: Counts
    after: Counts
    settled: bool
    arrived: int

    @property
    def differences(self) -> list[Difference]:
        return differences(self.before, self.after)


class Course:
    """Carries replays out. `tell` hears how much is left to read, `say` what is being done."""

    def __init__(
        self,
        *,
        settings: Settings,
        admin: AdminClient,
        connection: psycopg.Connection,
        everyone: Sequence[Reader],
        tell: Tell,
        say: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._admin = admin
        self._connection = connection
        self._everyone = everyone
        self._journal = Journal(connection)
        self._workers = Workers(settings, admin)
        self._tell = tell
        self._say = say

    def run(self, order: Order) -> Outcome:
        """Do it. Raises Busy and StillRunning before it begins, Stalled when nobody reads the records."""
        take_turn(self._connection, "replay")
        self._workers.check(order.readers)
        settled = self._settle(order)
        before, begun = counts(self._connection), self._written()
        number = self._journal.begin(order.process, order.starting_at, order.plan, order.reason, before)
        with self._workers.stopped(order.readers) as names:
            for reader in order.readers:
                reader.move(order.plan.targets(reader))
        if not names:
            self._say(f"positions are moved; now start `songnodes run {order.readers[0].process}` again")
        drain(self._admin, self._everyone, self._tell)
        after, arrived = counts(self._connection), self._written() - begun
        self._journal.finish(number, after)
        return Outcome(number=number, before=before, after=after, settled=settled, arrived=arrived)

    def _settle(self, order: Order) -> bool:
        """Whether the pipeline came to rest. One that cannot go on never will, so it is not waited for."""
        if order.plan.lost or not self._workers.supervised(order.readers[0].process):
            return drain(self._admin, self._everyone, self._tell, most=0)
        return drain(self._admin, self._everyone, self._tell, most=SETTLE)

    def _written(self) -> int:
        """How much was ever written to the topics that come from outside."""
        names = [
            topics.physical(entry.name, self._settings)
            for entry in topics.declared().values()
            if entry.owner is None and entry.name.startswith("bronze.")
        ]
        return sum(log.ends(self._admin, log.partitions(self._admin, names)).values())
