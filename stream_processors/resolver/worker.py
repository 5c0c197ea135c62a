"""The resolver as a process: read facts, look at what they change, tell it.

A batch's facts, a mark on everything they concern, and its offsets are one transaction. What is marked is
looked at once the inputs were read to their ends; its consequences are acknowledged by Kafka before the marks
are deleted, so that a kill at any moment loses none, and at worst repeats some that change nothing.

What one that was killed told last is not known. So the next one begins with the marks that stand, before it
reads anything, and tells the same again. Were facts read first that take a merge back, nothing would seem to
have moved, and a redirect that was told would stand for ever.
"""

import signal
import threading
from types import FrameType

from songnodes import logs, metrics
from songnodes.messaging.codec import Codec
from songnodes.settings import Settings
from stream_processors.resolver import outputs, sets, tracks
from stream_processors.resolver.failures import is_retried
from stream_processors.resolver.intake import Intake
from stream_processors.resolver.letters import Letters
from stream_processors.resolver.marks import Marks
from stream_processors.resolver.outputs import Output, Outputs
from stream_processors.resolver.reading import Reading
from stream_processors.resolver.store import Store

PAUSE = 1.0  # seconds before a server that does not answer is tried again, and between looks at the lock

log = logs.get(__name__)


def run(settings: Settings) -> None:
    """Resolve until told to stop (SIGTERM, SIGINT). Of several processes one works and the others wait."""
    settings.require("kafka_bootstrap", "database_url", "schema_registry_url")
    metrics.serve(settings)
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    own: set[object] = set()  # attempts that this process noted
    while not stop.is_set():
        try:
            _work(settings, stop, own)
        except Exception as error:
            if not is_retried(error):
                raise
            log.warning("trying again", error=f"{type(error).__name__}: {error}")
            stop.wait(PAUSE)
    log.info("stopped")


def _work(settings: Settings, stop: threading.Event, own: set[object]) -> None:
    """One connection and all that depends on it, the lock first."""
    store = Store.opened(settings)
    try:
        while not store.try_lock():
            log.info("another resolver works; this one waits")
            if stop.wait(PAUSE):
                return
        with Codec.opened(settings) as codec:
            reading = Reading(settings, codec, store)
            try:
                resolver = Resolver(store, Outputs(settings, codec), Letters(settings), own)
                while not stop.is_set():
                    turn(reading, resolver)
            finally:
                reading.close()
    finally:
        store.close()


def turn(reading: Reading, resolver: "Resolver") -> None:
    """One batch into the tables, and, when nothing is left to read, what follows of it."""
    batch = reading.next()
    if reading.began:
        resolver.resume()
    if batch.ends:
        resolver.intake.take(reading, batch)
    if reading.caught_up:
        resolver.settle()
        reading.tell()


class Resolver:
    """Settles what is marked: tracks first, since the rows of a set are compared by their tracks."""

    def __init__(
        self,
        store: Store,
        sender: Outputs,
        letters: Letters | None = None,
        own: set[object] | None = None,
    ) -> None:
        self.store = store
        own = set() if own is None else own
        self.intake = Intake(store, letters, own)
        self._sender = sender
        self._marks = Marks(store, own, lambda other, limit: self._found(other, limit))
        self._resumed = False

    def resume(self) -> None:
        """Once, before anything is read: tell again what the one before may have told."""
        if not self._resumed:
            self._marks.start()
            self.settle()
            self._marks.started()
            self._resumed = True

    def settle(self) -> None:
        """Look at all marks. Raises NotAcknowledged: then the marks stand."""
        while self._step():
            pass
        self._marks.reset()

    def _step(self) -> bool:
        """Look at some marks; False where there were none."""
        self._marks.before()
        try:
            with self.store.transaction():
                found = self._found(self.store, self._marks.limit)
                if found:
                    self._sender.send(found)
        except Exception as error:
            if self._marks.failed(error):
                return True
            raise
        self._marks.after()
        if found is None:
            return False
        for topic, _, _ in found:
            metrics.RESOLVED.labels(topic).inc()
        return True

    def _found(self, store: Store, limit: int) -> list[Output] | None:
        """The consequences of some marks; None where there are no marks."""
        moved = tracks.settle(store, min(limit, tracks.AT_ONCE))
        if moved is not None:
            version = self._progress(store)
            return [outputs.redirect(each, version) for each in moved]
        answers = sets.settle(store, min(limit, sets.AT_ONCE))
        return None if answers is None else [outputs.resolution(each) for each in answers]

    def _progress(self, store: Store) -> int:
        (row,) = store.rows("offsets", "progress")
        return int(next(iter(row.values())))
