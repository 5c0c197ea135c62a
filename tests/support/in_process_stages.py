"""All stages in one process, without Kafka: for laws over orders and crashes, thousands of times.

Each stage has one partition of every topic, as in `stream_processors.runtime.testing`. What a stage emits is
fed to the stages that read it; the caller chooses which stage continues, so that topics interleave as
freely as between processes.
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

#: Records of a stage between two commits.
COMMIT_EVERY = 8

Choose = Callable[[Sequence[str]], str]
"""Chooses the waiting stage that continues, or crashes."""


def never() -> bool:
    """Flush after each record, as a stage does that has no more input."""
    return False


@dataclass(slots=True)
class InProcessPipeline:
    """Write bronze with `publish`, process with `run`, inspect with `newest`.

    `defers` decides after each record if its stage keeps outputs until a later flush or the commit, and then
    if it keeps all of them or those that can wait.
    """

    codec: Codec = field(default_factory=codecs.offline)
    defers: Callable[[], bool] = never
    settings: Settings = field(default_factory=Settings)
    stages: dict[str, StageTestDriver] = field(init=False)
    live_records: dict[str, dict[str, Mapping[str, Any]]] = field(default_factory=dict)
    _done: dict[str, int] = field(default_factory=dict)
    _inputs: dict[str, set[str]] = field(init=False)
    _waiting: dict[str, deque[tuple[str, str, Mapping[str, Any] | None]]] = field(init=False)

    def __post_init__(self) -> None:
        built = {
            name: import_module(f"stream_processors.{name}").build(self.settings, self.codec)
            for name in STAGES
        }
        self.stages = {name: StageTestDriver(stage, self.codec) for name, stage in built.items()}
        self._inputs = {
            name: {agent.topic for agent in stage.agents.values()} for name, stage in built.items()
        }
        self._waiting = {name: deque() for name in STAGES}

    def publish(self, topic: str, key: str, value: Mapping[str, Any] | None) -> None:
        """Append a record to a topic; None is a tombstone."""
        for name, inputs in self._inputs.items():
            if topic in inputs:
                self._waiting[name].append((topic, key, value))

    def run(self, choose: Choose = lambda waiting: waiting[0]) -> None:
        """Process records until none waits."""
        while waiting := self._waiting_stages():
            self.step(choose(waiting))

    def _waiting_stages(self) -> list[str]:
        """Return the stages with waiting records; without any, all stages are idle and flush."""
        if not any(self._waiting.values()):
            for stage in self.stages.values():
                self.distribute(stage.flush())
        return [name for name, records in self._waiting.items() if records]

    def step(self, name: str) -> None:
        """Let one stage process its next record, and pass the outputs to their readers."""
        topic, key, value = self._waiting[name].popleft()
        is_deferred = self.defers()
        self.distribute(self.stages[name].feed(topic, key, value, flush=not is_deferred))
        if is_deferred and not self.defers():
            self.distribute(self.stages[name].flush_urgent())
        self._done[name] = self._done.get(name, 0) + 1
        if self._done[name] % COMMIT_EVERY == 0:
            self.distribute(self.stages[name].commit())

    def crash(self, name: str, keep: int) -> None:
        """Kill a stage after `keep` of the changelog records of its commit, and start it again."""
        self.distribute(self.stages[name].crash(keep))
        self.distribute(self.stages[name].redeliver(flush=not self.defers()))

    def newest(self) -> dict[str, Rows]:
        """Return the same as `tests.support.latest_by_key`."""
        return live({topic: list(self.live_records.get(topic, {}).values()) for topic in COMPACTED})

    @property
    def dead_letters(self) -> list[str]:
        """Reasons of all dead letters."""
        return [str(reason) for stage in self.stages.values() for reason, _ in stage.dead_letters]

    def distribute(self, emitted: Sequence[Emitted]) -> None:
        """Append outputs of a stage to the topics."""
        for record in emitted:
            by_key = self.live_records.setdefault(record.topic, {})
            if record.value:
                by_key[record.key] = record.value
            else:
                by_key.pop(record.key, None)
            self.publish(record.topic, record.key, record.value)
