"""Faults at random moments, drawn from a deck so that each kind is sure to come."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from infra.embedded.process import Process
from infra.embedded.stack import Stack
from songnodes.errors import UnknownName
from tests.support.pipeline import ALL, Pipeline
from tests.support.worker_processes import STAGES, Slot

#: Number of each fault in one deck: 21 kills of workers and servers, 4 stops, 4 joins or leaves.
DECK = {"kill": 14, "wipe": 4, "pause": 4, "join_or_leave": 4, "broker": 1, "postgres": 2}
KILLS = ("kill", "wipe", "broker", "postgres")
#: Duration of a pause beyond the session timeout, after which the partitions are reassigned.
PAUSE_MARGIN_S = 2.0


@dataclass(slots=True)
class FaultInjector:
    """Draws faults, injects and counts them."""

    pipeline: Pipeline
    stack: Stack
    random: Random
    done: Counter[str] = field(default_factory=Counter)
    _deck: list[str] = field(default_factory=list)
    _timers: list[threading.Timer] = field(default_factory=list)

    def deck(self) -> list[str]:
        """Return one deck in random order."""
        cards = [name for name, count in DECK.items() for _ in range(count)]
        self.random.shuffle(cards)
        return cards

    def inject(self, name: str) -> None:
        """Inject one fault now."""
        faults: dict[str, Callable[[], None]] = {
            "kill": lambda: self.pipeline.processes.kill(self._worker()),
            "wipe": lambda: self.pipeline.processes.kill(self._worker(STAGES), wipe=True),
            "pause": self._pause,
            "join_or_leave": self._join_or_leave,
            "broker": lambda: kill(self.stack.kafka),
            "postgres": lambda: kill(self.stack.postgres),
        }
        faults[name]()
        self.done[name] += 1

    @property
    def kills(self) -> int:
        """Number of kills so far."""
        return sum(self.done[name] for name in KILLS)

    def end(self) -> None:
        """Wait until every paused worker is resumed."""
        for timer in self._timers:
            timer.join()

    def _worker(self, names: tuple[str, ...] = ALL) -> Slot:
        return self.random.choice([slot for slot in self.pipeline.processes.workers if slot[0] in names])

    def _pause(self) -> None:
        slot = self._worker(STAGES)
        processes = self.pipeline.processes
        processes.pause(slot)
        timer = threading.Timer(
            self.pipeline.settings.session_timeout + PAUSE_MARGIN_S, processes.resume, [slot]
        )
        timer.start()
        self._timers.append(timer)

    def _join_or_leave(self) -> None:
        slot = (self.random.choice(ALL), "1")
        if slot in self.pipeline.processes.workers:
            self.pipeline.processes.stop([slot])
        else:
            self.pipeline.start(slot[0], slot="1")


def kill(server: Process) -> None:
    """Kill a server with SIGKILL if it runs; its supervisor restarts it."""
    try:
        server.kill()
    except UnknownName:
        return
