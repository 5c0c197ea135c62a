"""Process of the resolver: reads facts, computes their consequences, and emits these.

The facts of a batch, a mark on everything they concern, and its offsets are one transaction. Marks are
processed once the inputs were read to their ends; Kafka acknowledges the consequences before the marks are
deleted, so that a kill at any moment loses none, and at worst repeats some that change nothing.

The last outputs of a killed process are unknown. So the next one processes the existing marks before it
reads anything, and emits the same outputs again. If it first read facts that retract a merge, no claim would
seem to have moved, and an emitted redirect would remain indefinitely.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field

from songnodes import gc_tuning, logs, metrics
from songnodes.clock import SystemTimer, Timer
from songnodes.messaging import record_versions
from songnodes.messaging.codec import Codec
from songnodes.messaging.positions.positioned_consumer import Stopped
from songnodes.process import shell
from songnodes.process.shell import Retries
from songnodes.settings import Settings
from stream_processors.resolver import outputs, sets, tracks
from stream_processors.resolver.dead_letters import DeadLetterSender
from stream_processors.resolver.intake import Intake, Positions
from stream_processors.resolver.marks import MarkProgress
from stream_processors.resolver.outputs import Output, Outputs
from stream_processors.resolver.reading import Batch, Reading
from stream_processors.resolver.store import Store

OWNER = "silver"  # of the topics that the resolver writes
LOCK_INTERVAL_S = 1.0  # between two attempts to take the lock
RETRIES = Retries(event="retrying")

log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Connections and time of the resolver."""

    store: Callable[[Settings], Store] = Store.opened
    codec: Callable[[Settings], AbstractContextManager[Codec]] = Codec.opened
    reading: Callable[[Settings, Codec, Store, threading.Event], Reading] = Reading.opened
    outputs: Callable[[Settings, Codec], Outputs] = Outputs
    letters: Callable[[Settings], DeadLetterSender] = DeadLetterSender
    timer: Timer = field(default_factory=SystemTimer)


def run(settings: Settings) -> None:
    """Resolve until SIGTERM or SIGINT. Of several processes one works and the others wait."""
    settings.require("kafka_bootstrap", "database_url", "schema_registry_url")
    gc_tuning.tune()
    own: set[object] = set()  # attempts that this process stored
    shell.run(settings, lambda stop: work(settings, stop, own, Ports()), RETRIES)


def work(settings: Settings, stop: threading.Event, own: set[object], ports: Ports) -> None:
    """Work over one connection, under the lock, until stopped. `own` has the attempts of this process."""
    store = ports.store(settings)
    try:
        while not store.try_lock():
            log.info("waiting_for_lock")
            if ports.timer.wait(stop, LOCK_INTERVAL_S):
                return
        with ports.codec(settings) as codec, suppress(Stopped):
            reading = ports.reading(settings, codec, store, stop)
            try:
                first = record_versions.first_version(settings.version_of(OWNER))
                resolver = Resolver(
                    store, ports.outputs(settings, codec), ports.letters(settings), own, first
                )
                while not stop.is_set():
                    run_cycle(reading, resolver)
            finally:
                reading.close()
    finally:
        store.close()


def run_cycle(reading: Reading, resolver: "Resolver") -> None:
    """Ingest one batch, and process the marks when the inputs are read to their ends."""
    batch = reading.next()
    if reading.began:
        resolver.resume()
    if batch.ends:
        resolver.ingest(reading, batch)
    if reading.caught_up:
        if resolver.may_have_marks:
            resolver.process_marks()
        reading.commit_async()


class Resolver:
    """Processes marks: tracks first, since the rows of sets are compared by their tracks."""

    def __init__(
        self,
        store: Store,
        sender: Outputs,
        letters: DeadLetterSender | None = None,
        own: set[object] | None = None,
        first_version: int = 0,
    ) -> None:
        self.store = store
        self._first_version = first_version
        own = set() if own is None else own
        self.intake = Intake(store, letters, own)
        self._sender = sender
        self._marks = MarkProgress(store, own, self._consequences)
        self._resumed = False
        #: False once all marks are processed: only ingestion and processing add marks.
        self.may_have_marks = True

    def resume(self) -> None:
        """Emit again what the previous process may have emitted: once, before anything is read."""
        if not self._resumed:
            self._marks.start()
            self.process_marks()
            self._marks.started()
            self._resumed = True

    def ingest(self, reading: Positions, batch: Batch) -> None:
        """Ingest a batch and mark what it concerns. Raises as `Intake.ingest`."""
        self.may_have_marks = True
        self.intake.ingest(reading, batch)

    def process_marks(self) -> None:
        """Process all marks. Raises NotAcknowledged: then the marks remain."""
        while self._step():
            pass
        self._marks.reset()
        self.may_have_marks = False

    def _step(self) -> bool:
        """Process some marks; return False when there were none."""
        self._marks.before()
        try:
            with self.store.transaction():
                consequences = self._consequences(self.store, self._marks.limit)
                if consequences:
                    self._sender.send(consequences)
        except Exception as error:
            if self._marks.failed(error):
                return True
            raise
        self._marks.after()
        if consequences is None:
            return False
        for topic, _, _ in consequences:
            metrics.RESOLVED.labels(topic).inc()
        return True

    def _consequences(self, store: Store, limit: int) -> list[Output] | None:
        """Return the consequences of some marks; None when there are no marks."""
        moved = tracks.process_marks(store, min(limit, tracks.MAX_MARKS))
        if moved is not None:
            version = self._progress(store)
            return [outputs.redirect(claim, version) for claim in moved]
        resolutions = sets.process_marks(store, min(limit, sets.MAX_MARKS))
        return None if resolutions is None else [outputs.resolution(pending) for pending in resolutions]

    def _progress(self, store: Store) -> int:
        (row,) = store.rows("offsets", "progress")
        return self._first_version + int(next(iter(row.values())))
