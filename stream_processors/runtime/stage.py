"""A stage: its agents, tables and outputs, and the life of one record.

    stage = Stage("silver", settings, codec)
    playlists = stage.table("playlists", values)

    @stage.agent("bronze.tracklists")
    def on_tracklist(record: Record) -> None:
        ...
        stage.emit("silver.playlists", key, value)

`runtime.faust.worker.run` runs a stage, `runtime.testing` runs one without Kafka. Agents are synchronous:
no other record of the stage is handled between reading a table, emitting and writing. Outputs of a stage with
tables are produced once per key and flush, see `state/record_cache.py`.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, TypeVar

from songnodes import logs, metrics, trial
from songnodes.attempts import Unforeseen, describe
from songnodes.errors import Fatal, Poison, Transient
from songnodes.messaging import dead_letters, record_versions, topics
from songnodes.messaging.dead_letter_budget import DeadLetterBudget, DeadLetterLimits
from songnodes.settings import Settings
from stream_processors.runtime import errors
from stream_processors.runtime.catch_up import CatchUp
from stream_processors.runtime.quarantine.suspects import Suspects
from stream_processors.runtime.records import RawRecord, Record, RecordCodec, decode_record
from stream_processors.runtime.state.codecs import ValueCodec
from stream_processors.runtime.state.record_cache import Entry, RecordCache
from stream_processors.runtime.state.table import Table
from stream_processors.runtime.state.transaction import Headers, Output, RecordTransaction

log = logs.get(__name__)
V = TypeVar("V")
Handler = Callable[[Record], None]
Value = Mapping[str, object] | None
#: Time after which a flush lets other tasks run.
MAX_FLUSH_S = 0.01
#: Records between two commits above which a stage is busy. An idle stage commits every second; a page is 45
#: records of gold.
BUSY_RECORDS = 1_000


class OutputProducer(Protocol):
    """Receives the outputs of a stage."""

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, headers: Headers | None = None
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A handler and its topic: logical name, name on the broker, and that without the namespace.

    `tombstones`: the handler takes records without value, too; their value is empty.
    """

    topic: str
    physical: str
    source: str
    handler: Handler
    tombstones: bool = False


class Stage:
    """One application: a consumer group, its tables, and the outputs of its agents.

    `emits` lists the outputs, so that they are checked before the first record is read.
    """

    def __init__(
        self,
        name: str,
        settings: Settings,
        codec: RecordCodec,
        *,
        emits: tuple[str, ...] = (),
        limits: DeadLetterLimits | None = None,
    ) -> None:
        self.name = name
        self.settings = settings
        self.app_id = topics.app_id(name, settings)
        self.emits = emits
        self.agents: dict[str, Agent] = {}  # by name on the broker
        self.tables: dict[str, Table[Any]] = {}  # by changelog
        self.dead_letter_topic = topics.physical(f"{name}.dlq", settings)
        self.suspects = Suspects()  # a worker sets one that outlives the process
        self.catch_up = CatchUp()  # a worker starts it with each assignment
        self._codec = codec
        self._transaction = RecordTransaction()
        self._cache = RecordCache()
        self._record_size = 0  # of the active record's value, in bytes
        self._handled_bytes = 0  # of the records handled since the last commit began
        self._uncommitted_records = 0  # the same in records
        self._committed_records = 0  # of the last commit
        self.limit_dead_letters(limits or DeadLetterLimits())
        self._physical: dict[str, str] = {}

    def limit_dead_letters(self, limits: DeadLetterLimits) -> None:
        """Begin to count dead letters against other limits."""
        self._dead_letter_budget = DeadLetterBudget(limits)

    # declarations

    def agent(self, topic: str, *, tombstones: bool = False) -> Callable[[Handler], Handler]:
        """Register the decorated function as the handler of the records of this topic, one at a time.

        It may raise Poison: the record then has no effect but a dead letter. Any other exception of a stage
        without tables does the same; with tables it ends the process with the record uncommitted, and the
        record becomes a dead letter when it fails again. One agent per topic; different agents do not write
        the same keys.
        """
        physical = topics.physical(topic, self.settings)
        if physical in self.agents:
            raise ValueError(f"{topic} has an agent already")

        def declare(handler: Handler) -> Handler:
            source = physical.removeprefix(f"{self.settings.namespace}.")
            self.agents[physical] = Agent(
                topic=topic, physical=physical, source=source, handler=handler, tombstones=tombstones
            )
            return handler

        return declare

    def add_source(self, topic: str, source: str) -> None:
        """Let the agent of a topic (logical name) handle the records named `source` too.

        Their offsets are independent of those of the topic.
        """
        agent = self.agents[topics.physical(topic, self.settings)]
        self.agents[source] = replace(agent, physical=source, source=source)

    def table(self, name: str, values: ValueCodec[V]) -> Table[V]:
        """Declare a table of this stage; its changelog is declared in the topics file."""
        first = record_versions.first_version(self.settings.version_of(self.name))
        table = Table(name, values, self._transaction, first)
        changelog = topics.changelog(self.name, name, self.settings)
        if changelog in self.tables:
            raise ValueError(f"{name} is declared already")
        self.tables[changelog] = table
        return table

    @property
    def changelogs(self) -> list[str]:
        """Names on the broker of the changelog topics this stage needs."""
        return list(self.tables)

    @property
    def state_directory(self) -> Path:
        """Directory of the tables of this worker's slot."""
        return self.settings.home / "state" / self.app_id / self.settings.worker_slot

    # the life of one record

    def emit(
        self,
        topic: str,
        key: str,
        value: Value | Callable[[], Value],
        *,
        part: str = "",
        shown: Callable[[], Hashable] | None = None,
        only_changes: bool = False,
        can_wait: bool = False,
    ) -> None:
        """Emit a record to a topic (logical name), unless the active record turns out to be poison.

        None is a tombstone: it deletes the key. A function is called when the output is built: it must depend
        only on values that do not change, as those of tables. A later output of the same topic, key and part
        may replace this one. With `only_changes` the output is dropped if `shown`, a small comparable, is
        equal to that of the last one produced. With `can_wait` it is produced with the next commit, which is
        due within a second, and not as soon as no input waits. `record_cache.py` has the contract.

        Raises NoActiveRecord outside an agent, and Poison if a value cannot be encoded or is too large; for a
        function only where it is called at once.
        """
        transaction = self._transaction
        partition = transaction.partition
        encode: Callable[[], Output] = partial(self._encode, topic, key, value)
        if not self.tables or not (part or topics.is_compacted(topic)):
            transaction.outputs.append(encode())
            return
        if not (self._cache.is_bounded and self.catch_up.is_complete(partition)):
            # no reason for silence: consumers may ignore this output; without bounds it is the only one
            shown, only_changes = None, False
        identity = (topic, key, part)
        size = self._record_size
        if not callable(value):
            if only_changes and shown is not None:
                content = shown()
                if self._cache.is_current(identity, content):
                    return  # silent at the flush too: not worth encoding
                shown = lambda: content  # noqa: E731
            output = encode()
            encode, size = (lambda: output), len(output.value or b"")
        elif transaction.is_careful:
            encode, shown = _evaluate(encode, shown)
        previous = self._cache.put(identity, Entry(encode, shown, only_changes, size, can_wait))
        transaction.undo_log.append((self._cache, identity, previous))

    def _encode(self, topic: str, key: str, value: Value | Callable[[], Value]) -> Output:
        built = value() if callable(value) else value
        raw = None if built is None else self._codec.encode(topic, built)
        return Output(self._physical_topic(topic), key.encode(), raw, None)

    # flushes of remembered outputs

    def remember_all_outputs(self) -> None:
        """Remember outputs until they are flushed, however many: for a rebuild, which produces each once."""
        self._cache = RecordCache(is_bounded=False)

    @property
    def has_outputs(self) -> bool:
        """True while outputs are remembered."""
        return len(self._cache) > 0

    @property
    def has_urgent_outputs(self) -> bool:
        """True while outputs are remembered that do not wait for a commit."""
        return self._cache.has_urgent

    @property
    def is_busy(self) -> bool:
        """True under a flood: the keys of outputs are likely to have others before the next commit.

        A stage that waits for a slower one is idle between batches then, and would produce most of them.
        """
        return max(self._uncommitted_records, self._committed_records) > BUSY_RECORDS

    def begin_commit(self) -> None:
        """Assign the remembered outputs to the commit that begins."""
        self._cache.begin_commit()
        self._committed_records, self._uncommitted_records = self._uncommitted_records, 0
        self._handled_bytes = 0

    @property
    def uncommitted_bytes(self) -> int:
        """Bytes of the records handled and of the state read since the last commit began."""
        stores = (store for table in self.tables.values() for store in table.stores.values())
        return self._handled_bytes + sum(store.decoded_bytes for store in stores)

    def flush_commit(self, producer: OutputProducer) -> bool:
        """Produce some outputs of the commit in progress; return False when there were none."""
        if not self._cache.has_committing:
            return False
        self.flush(producer)
        return True

    def flush_urgent(self, producer: OutputProducer) -> None:
        """Produce remembered outputs that do not wait for a commit, for MAX_FLUSH_S. Raises as `flush`."""
        until = monotonic() + MAX_FLUSH_S
        self.flush(producer, lambda: self._cache.has_urgent and monotonic() < until)

    def flush(self, producer: OutputProducer, may_continue: Callable[[], bool] | None = None) -> None:
        """Produce one remembered output, and more for MAX_FLUSH_S or while `may_continue`.

        Raises OutputFailed, and what `produce` raises.
        """
        until = monotonic() + MAX_FLUSH_S
        self._produce(self._cache.take(may_continue or (lambda: monotonic() < until)), producer)
        self.suspects.rest()

    def discard_outputs(self) -> None:
        """Drop the remembered outputs: their records are not committed and are delivered again."""
        self._cache.discard()

    def _produce(self, outputs: Iterable[Output], producer: OutputProducer) -> None:
        self.suspects.begin_flush()
        try:
            for output in outputs:
                producer.produce(output.topic, output.key, output.value, headers=output.headers)
        except (Transient, Fatal):
            raise
        except Exception as error:
            self.suspects.become_careful()
            raise errors.OutputFailed(describe(error)) from error
        finally:
            self.suspects.end_flush()

    def process(self, raw: RawRecord, producer: OutputProducer) -> None:
        """Handle one record: its writes and outputs take effect together, or it becomes a dead letter.

        Raises TooManyDeadLetters, the errors of `_handle` and those of `flush`.
        """
        transaction, suspects = self._transaction, self.suspects
        self._record_size = len(raw.value or b"")
        self._handled_bytes += self._record_size
        self._uncommitted_records += 1
        self.catch_up.advance(raw.topic, raw.partition, raw.offset)
        is_on_trial = suspects.is_on_trial(raw)
        transaction.begin(raw.partition, is_careful=is_on_trial or suspects.careful)
        try:
            poison: Poison | None = suspects.begin(raw) or (self._try(raw) if is_on_trial else None)
            poison = poison or self._handle(self.agents[raw.topic], raw)
            if poison is None:
                self._dead_letter_budget.count_processed()
            else:
                transaction.roll_back()
                transaction.outputs.append(self._dead_letter(raw, poison))
                metrics.DEAD_LETTERS.labels(stage=self.name, reason=poison.reason).inc()
                if poison.counts:
                    self._dead_letter_budget.count_dead_letter(poison.reason)
        except BaseException:
            # an error caused by the record is counted already; an unreachable registry is not its fault
            suspects.end()
            raise
        suspects.end(passed=poison is None)
        for output in transaction.end():
            producer.produce(output.topic, output.key, output.value, headers=output.headers)
        if self._cache.is_full:
            self._produce(self._cache.take(lambda: self._cache.is_full), producer)

    def undo_record(self) -> None:
        """Undo the writes and outputs of a record that raised, for a caller that goes on without it."""
        self._transaction.roll_back()
        self._transaction.end()

    def _try(self, raw: RawRecord) -> Poison | None:
        """Handle a record with which the process ended in a child process first."""
        outcome = trial.failure(partial(self._call, self.agents[raw.topic], raw))
        return self.suspects.close_trial(raw, outcome)

    def _handle(self, agent: Agent, raw: RawRecord) -> Poison | None:
        """Call the agent; return the reason for a dead letter, None after success.

        Raises an unforeseen exception when the record causes it for the first time in a stage with tables.
        """
        try:
            self._call(agent, raw)
        except Poison as poison:
            return poison
        except (Transient, Fatal):
            raise
        except Exception as error:
            reason = self.suspects.fail(raw, error) if self.tables else Unforeseen(describe(error))
            if reason is None:
                raise
            log.error("record_failed", topic=raw.topic, offset=raw.offset, exc_info=error)
            return reason
        return None

    def _call(self, agent: Agent, raw: RawRecord) -> None:
        agent.handler(
            decode_record(
                raw, self._codec, logical=agent.topic, source=agent.source, tombstones=agent.tombstones
            )
        )

    def _dead_letter(self, raw: RawRecord, poison: Poison) -> Output:
        original = list(raw.headers or ())
        reason = dead_letters.Reason.of(
            poison,
            stage=self.name,
            topic=raw.topic,
            partition=raw.partition,
            offset=raw.offset,
            timestamp=raw.timestamp or 0,
            headers=original,
        )
        letter = dead_letters.letter(reason, raw.key, raw.value, original)
        return Output(self.dead_letter_topic, letter.key, letter.value, letter.headers)

    def _physical_topic(self, topic: str) -> str:
        try:
            return self._physical[topic]
        except KeyError:
            name = self._physical[topic] = topics.physical(topic, self.settings)
            return name


def _evaluate(
    encode: Callable[[], Output], shown: Callable[[], Hashable] | None
) -> tuple[Callable[[], Output], Callable[[], Hashable] | None]:
    """Return functions that return what these two return now. Raises Poison if one of them fails."""
    encode, shown = cache(encode), cache(shown) if shown else None
    try:
        encode()
        if shown is not None:
            shown()
    except (Poison, Transient, Fatal):
        raise
    except Exception as error:
        raise Unforeseen(describe(error)) from error
    return encode, shown
