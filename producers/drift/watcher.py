"""The watch over all sites: bronze.pages in, alarms out.

What it knows is a set of observations, one per body and parser version, so that a page read twice counts
once: a crash, a replay and a second start change nothing. An alarm is written with the observation that gave
it away, and told to `bronze.decisions` afterwards; one that a crash left untold is told at the next start.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import psycopg
from confluent_kafka import KafkaException, Message

from producers.drift import alarm as alarms
from producers.drift.alarm import Alarm
from producers.drift.observing import observe
from producers.drift.store import Store, released
from songnodes import decisions, logs, metrics
from songnodes.clock import Clock
from songnodes.domain.drift import Breach, Observation, Subject, Watch
from songnodes.domain.records import Decision, Page
from songnodes.errors import Fatal, Poison, Transient
from songnodes.messaging.codec import Codec
from songnodes.postgres_errors import is_code_error, is_server_error
from songnodes.settings import Settings

TOPIC = "bronze.pages"
#: Observations of a subject after which the oldest are deleted.
TIDIED = 200

log = logs.get(__name__)


def _is_of_one_record(error: Exception) -> bool:
    """Return True unless a server, the database's form or Kafka caused the error: then no record works."""
    return not (
        isinstance(error, Transient | Fatal | KafkaException)
        or is_server_error(error)
        or is_code_error(error)
    )


class Watcher:
    """Holds pages against those before them. All state is in PostgreSQL; what is kept here is a copy."""

    def __init__(
        self, settings: Settings, connection: psycopg.Connection, codec: Codec, clock: Clock
    ) -> None:
        self._settings = settings
        self._connection = connection
        self._store = Store(connection)
        self._codec = codec
        self._clock = clock
        self._alarms: list[Alarm] = []
        self._watches: dict[Subject, Watch] = {}
        self._untidy: dict[Subject, int] = {}

    def start(self) -> None:
        """Bring back alarms from `bronze.decisions` that the tables lack, and tell those it lacks."""
        known = {each.id for each in self._store.alarms()}
        with self._connection.transaction():
            for decision in decisions.of_kinds(self._settings, alarms.HOLD, alarms.RELEASE):
                if decision["kind"] == alarms.RELEASE:
                    self._store.release(
                        decision["subject_id"],
                        at=decision["decided_at"],
                        who=decision["author"],
                        reason=decision["reason"],
                    )
                elif decision["subject_id"] not in known:
                    self._restore(decision)
        self._refresh()
        self._announce()

    def take(self, messages: Sequence[Message], topic: str) -> list[Alarm]:
        """Observe pages and move on behind them, in one transaction; the alarms that they raise."""
        before = len(self._alarms)
        try:
            with self._connection.transaction():
                self._refresh()
                for message in messages:
                    self._look(message)
                last = {message.partition() or 0: (message.offset() or 0) + 1 for message in messages}
                self._store.move(topic, last)
                self._tidy()
        except BaseException:
            self._watches.clear()  # they have seen what the tables have not
            raise
        self._announce()
        return self._alarms[before:]

    def _restore(self, decision: Decision) -> None:
        """Bring back one alarm; a record that describes none is logged and left out."""
        try:
            alarm = alarms.restored(decision)
            with self._connection.transaction():
                self._store.keep(alarm)
        except Exception as error:
            if not _is_of_one_record(error):
                raise
            log.warning(
                "alarm_unreadable", decision=decision["decision_id"], error=f"{type(error).__name__}: {error}"
            )

    def _look(self, message: Message) -> None:
        """Observe one page. A page that fails in an unforeseen way is logged and left out: parse makes a dead
        letter of it, and the watch is computed again from the tables."""
        try:
            with self._connection.transaction():
                self._observe(message)
        except Exception as error:
            if not _is_of_one_record(error):
                raise
            self._watches.clear()
            metrics.DEAD_LETTERS.labels("drift", "unforeseen").inc()
            log.error(
                "page_not_observed", partition=message.partition(), offset=message.offset(), exc_info=error
            )

    def _observe(self, message: Message) -> None:
        try:
            page = cast(Page, {**self._codec.decode(TOPIC, message.value())})
        except Poison:
            return  # parse says so
        seen = observe(page)
        if seen is None or not self._store.observe(seen):
            return
        metrics.DRIFT_OBSERVED.labels(source=seen.subject.source, kind=seen.subject.kind).inc()
        self._untidy[seen.subject] = self._untidy.get(seen.subject, 0) + 1
        published = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
        for breach in self._watched(seen):
            self._raise(breach, published)

    def _watched(self, seen: Observation) -> list[Breach]:
        watch = self._watches.get(seen.subject)
        if watch is None:
            watch = self._watches[seen.subject] = self._watch(seen.subject)
            *before, _ = self._store.recent(seen.subject)
            watch.remember(before)
        return watch.take(seen)

    def _watch(self, subject: Subject) -> Watch:
        muted = (each.measure for each in self._alarms if each.subject == subject and each.open)
        return Watch(subject, muted=muted)

    def _raise(self, breach: Breach, published: datetime) -> None:
        """An alarm, unless somebody released this form of the site already: a lost table is filled again from
        the archive, and what was released stays so."""
        place = self._store.place(breach.subject, *breach.first)
        answered = released(self._alarms, breach.subject)
        if answered is not None and published <= answered:
            self._store.accept(breach.subject, place)
            self._watches.pop(breach.subject, None)
            return
        alarm = alarms.raised(breach, self._alarms, place, self._clock.now())
        self._store.keep(alarm)
        self._alarms.append(alarm)
        log.error("drift", alarm=alarm.id, holds=alarm.holds, what=alarms.summary(alarm), **alarm.evidence)

    def _refresh(self) -> None:
        """Look who was released meanwhile: then the form that gave the alarm is the usual one."""
        was_open = {each.id: each.subject for each in self._alarms if each.open}
        self._alarms = self._store.alarms()
        for each in self._alarms:
            if not each.open and each.id in was_open:
                self._watches.pop(each.subject, None)
        counts: dict[tuple[str, str], int] = {}
        for each in self._alarms:
            place = (each.subject.source, each.subject.kind)
            counts[place] = counts.get(place, 0) + each.open
        for (source, kind), count in counts.items():
            metrics.DRIFT_OPEN.labels(source=source, kind=kind).set(count)

    def _announce(self) -> None:
        untold = [each for each in self._alarms if each.announced_at is None]
        if untold:
            decisions.publish(self._settings, map(alarms.hold, untold))
            for each in untold:
                self._store.announced(each.id, self._clock.now())
            self._refresh()

    def _tidy(self) -> None:
        for subject, count in self._untidy.items():
            if count >= TIDIED:
                self._store.forget(subject)
        self._untidy = {subject: count for subject, count in self._untidy.items() if count < TIDIED}
