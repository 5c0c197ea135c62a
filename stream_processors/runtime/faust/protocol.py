"""Types of the application and of the parts of Faust that the runtime uses.

Faust's own types name abstract classes without these attributes, most of which are not public. The test
`test_runtime_faust_inside.py` checks that the installed version has them.
"""

from collections.abc import Awaitable, Iterable, Mapping, MutableMapping, Set
from typing import Protocol

from faust.types import TP

from stream_processors.runtime.delivery.commit import Commit
from stream_processors.runtime.delivery.lease import Lease
from stream_processors.runtime.delivery.offsets import OffsetTracker
from stream_processors.runtime.delivery.producer import RecordProducer
from stream_processors.runtime.records import RawRecord
from stream_processors.runtime.stage import Stage


class Counter(Protocol):
    """A metric that increases."""

    def inc(self, amount: float = 1) -> None: ...


class Histogram(Protocol):
    """A metric of durations or sizes."""

    def observe(self, amount: float) -> None: ...


class Event(Protocol):
    """An event of asyncio or mode."""

    def set(self) -> None: ...

    def clear(self) -> None: ...


class RecoveryService(Protocol):
    """Faust's recovery: the changelog partitions to restore, and their offsets."""

    in_recovery: bool
    active_tps: Set[TP]
    active_offsets: MutableMapping[TP, int]
    active_highwaters: Mapping[TP, int]

    @property
    def signal_recovery_end(self) -> Event: ...

    def need_recovery(self) -> bool: ...

    def active_remaining(self) -> Mapping[TP, int]: ...

    def _set_recovery_ended(self) -> None: ...


class ChangelogTable(Protocol):
    """A table whose changelog is being restored."""

    def restore(self, partition: int, records: Iterable[RawRecord]) -> None: ...

    def advance_offset(self, partition: int, offset: int) -> None: ...

    def persisted_offset(self, tp: TP) -> int | None: ...


class TableManager(Protocol):
    """Faust's tables: their recovery, and the tables by changelog topic."""

    @property
    def recovery(self) -> RecoveryService: ...

    @property
    def _changelogs(self) -> Mapping[str, ChangelogTable]: ...


class BatchQueue(Protocol):
    """The queue of a Faust channel."""

    def force_put_nowait(self, item: object) -> None: ...

    def get(self) -> Awaitable[object]: ...


class Channel(Protocol):
    """A Faust channel: the queue between consumer and agent."""

    @property
    def queue(self) -> BatchQueue: ...


class TopicConductor(Protocol):
    """Faust's topics: which ones agents read, and the channels of each partition."""

    @property
    def _tp_index(self) -> Mapping[TP, Set[Channel]]: ...

    def acks_enabled_for(self, topic: str) -> bool: ...


class FlowControl(Protocol):
    """Faust's switch that stops all agents."""

    def suspend(self) -> None: ...


class PartitionConsumer(Protocol):
    """The consumer as the application's other parts use it."""

    trackers: dict[TP, OffsetTracker]
    committed_at: float
    flow_active: bool

    @property
    def has_waiting_input(self) -> bool: ...

    async def release(self) -> None: ...

    async def is_member(self) -> bool: ...

    def offsets(self) -> dict[TP, int]: ...

    async def commit_offsets(self, offsets: Mapping[TP, int]) -> bool: ...

    async def position(self, tp: TP) -> int | None: ...

    def highwater(self, tp: TP) -> int | None: ...


class ChangelogRecovery(Protocol):
    """The recovery of tables as consumer and metrics use it."""

    @property
    def remaining_records(self) -> int: ...

    def on_flow_resumed(self) -> None: ...

    def restore(self, tp: TP, records: list[RawRecord]) -> None: ...

    async def skip_compacted(self) -> None: ...

    def verify_complete(self) -> None: ...


class RuntimeApp(Protocol):
    """The application of a stage: its own parts, and those of Faust."""

    stage: Stage
    lease: Lease
    record_producer: RecordProducer
    recovery: ChangelogRecovery
    commit_steps: Commit[TP]
    commit_seconds: Histogram

    def discard_uncommitted(self) -> None: ...

    @property
    def should_stop(self) -> bool: ...

    @property
    def tables(self) -> TableManager: ...

    @property
    def topics(self) -> TopicConductor: ...

    @property
    def flow_control(self) -> FlowControl: ...

    @property
    def consumer(self) -> PartitionConsumer: ...

    @property
    def started_consumer(self) -> PartitionConsumer | None: ...
