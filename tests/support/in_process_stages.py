"""All four stages in one process, without Kafka: for laws over orders and crashes, thousands of times.

Each stage has one partition of every topic, as in `stream_processors.runtime.testing`. What a stage emits is
fed to the stages that read it; which stage goes on next is the caller's choice, so that topics interleave as
freely as they do between processes.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.runtime.testing import Emitted, StageTestDriver
from tests.support import codecs
from tests.support.latest_by_key import COMPACTED, live
from tests.support.tables import Rows
from tests.support.worker_processes import STAGES

#: Records of a stage between two commits, where nobody asks for others.
COMMIT_EVERY = 8

Choose = Callable[[Sequence[str]], str]
"""Which of the waiting stages goes on, or crashes."""


@dataclass(slots=True)
class OfflinePipeline:
    """Feed bronze with `publish`, work with `run`, look with `newest`."""

    codec: Codec = field(default_factory=codecs.offline)
    stages: dict[str, StageTestDriver] = field(init=False)
    held: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    _done: dict[str, int] = field(default_factory=dict)
    _inputs: dict[str, set[str]] = field(init=False)
    _waiting: dict[str, deque[tuple[str, str, Mapping[str, Any]]]] = field(init=False)

    def __post_init__(self) -> None:
        built = {
            name: import_module(f"stream_processors.{name}").build(Settings(), self.codec) for name in STAGES
        }
        self.stages = {name: StageTestDriver(stage, self.codec) for name, stage in built.items()}
        self._inputs = {
            name: {agent.topic for agent in stage.agents.values()} for name, stage in built.items()
        }
        self._waiting = {name: deque() for name in STAGES}

    def publish(self, topic: str, key: str, value: Mapping[str, Any]) -> None:
        """Append a record to a topic."""
        for name, inputs in self._inputs.items():
            if topic in inputs:
                self._waiting[name].append((topic, key, value))

    def run(self, choose: Choose = lambda waiting: waiting[0]) -> None:
        """Work until nothing waits."""
        while waiting := [name for name, records in self._waiting.items() if records]:
            self.step(choose(waiting))

    def step(self, name: str) -> None:
        """Let one stage handle its next record; outputs go to whoever reads them."""
        topic, key, value = self._waiting[name].popleft()
        self._spread(self.stages[name].feed(topic, key, value))
        self._done[name] = self._done.get(name, 0) + 1
        if self._done[name] % COMMIT_EVERY == 0:
            self.stages[name].commit()

    def crash(self, name: str, keep: int) -> None:
        """Kill a stage after `keep` of the changelog records of its commit, and start it again."""
        self.stages[name].crash(keep)
        self._spread(self.stages[name].redeliver())

    def newest(self) -> dict[str, Rows]:
        """As `tests.support.latest_by_key`, of the same topics."""
        return live({topic: list(self.held.get(topic, {}).values()) for topic in COMPACTED})

    @property
    def dead_letters(self) -> list[str]:
        """The reasons of all dead letters."""
        return [str(reason) for stage in self.stages.values() for reason, _ in stage.dead_letters]

    def _spread(self, emitted: Sequence[Emitted]) -> None:
        for each in emitted:
            held = self.held.setdefault(each.topic, {})
            if each.value:
                held[each.key] = each.value
            else:
                held.pop(each.key, None)
            self.publish(each.topic, each.key, each.value)
