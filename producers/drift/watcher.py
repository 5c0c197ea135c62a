"""The watch over all sites: bronze.pages in, alarms out.

Its state is a set of observations, one per body and parser version, so that a page read twice counts once:
a crash, a replay and a second start change nothing. An alarm is stored with the observation that revealed
it, and published to `bronze.decisions` afterwards; after a crash in between, at the next start.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import psycopg
from confluent_kafka import KafkaException, Message

from producers.drift import alarm as alarms
from producers.drift.alarm import Alarm
from producers.drift.observing import observe
from producers.drift.store import Store, last_release
from songnodes import decisions, logs, metrics
from songnodes.attempts import describe
from songnodes.clock import Clock
from songnodes.domain.drift import Breach, Observation, Subject, Watch
from songnodes.domain.records import Decision, Page
from songnodes.errors import Fatal, Poison, Transient
from songnodes.messaging.codec import Codec
from songnodes.postgres_errors import is_code_error, is_server_error
from songnodes.settings import Settings

TOPIC = "bronze.pages"
#: New observations of a subject after which the oldest are deleted.
TRIM_EVERY = 200

log = logs.get(__name__)


def _is_of_one_record(error: Exception) -> bool:
    """Return True unless a server, the database schema or Kafka caused the error: then no record works."""
    return not (
        isinstance(error, Transient | Fatal | KafkaException)
        or is_server_error(error)
        or is_code_error(error)
    )


class Watcher:
    """Compares pages with earlier ones. All state is in PostgreSQL; this object has a copy."""

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
        self._untrimmed: dict[Subject, int] = {}

    def start(self) -> None:
        """Restore alarms from `bronze.decisions` that the tables lack, and publish those that it lacks."""
        stored = {alarm.id for alarm in self._store.alarms()}
        with self._connection.transaction():
            for decision in decisions.of_kinds(self._settings, alarms.HOLD, alarms.RELEASE):
                if decision["kind"] == alarms.RELEASE:
                    self._store.release(
                        decision["subject_id"],
                        at=decision["decided_at"],
                        who=decision["author"],
                        reason=decision["reason"],
                    )
                elif decision["subject_id"] not in stored:
                    self._restore(decision)
        self._refresh()
        self._announce()

    def process(self, messages: Sequence[Message], topic: str) -> list[Alarm]:
        """Observe pages and store the positions after them in one transaction; return the new alarms."""
        before = len(self._alarms)
        try:
            with self._connection.transaction():
                self._refresh()
                for message in messages:
                    self._observe_or_skip(message)
                last = {message.partition() or 0: (message.offset() or 0) + 1 for message in messages}
                self._store.store_positions(topic, last)
                self._trim()
        except BaseException:
            self._watches.clear()  # they contain observations that were rolled back
            raise
        self._announce()
        return self._alarms[before:]

    def _restore(self, decision: Decision) -> None:
        """Restore one alarm; a record that describes none is logged and left out."""
        try:
            alarm = alarms.from_decision(decision)
            with self._connection.transaction():
                self._store.keep(alarm)
        except Exception as error:
            if not _is_of_one_record(error):
                raise
            log.warning("alarm_unreadable", decision=decision["decision_id"][:100], error=describe(error))

    def _observe_or_skip(self, message: Message) -> None:
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
            return  # parse makes the dead letter
        observation = observe(page)
        if observation is None or not self._store.observe(observation):
            return
        metrics.DRIFT_OBSERVED.labels(source=observation.subject.source, kind=observation.subject.kind).inc()
        self._untrimmed[observation.subject] = self._untrimmed.get(observation.subject, 0) + 1
        published = datetime.fromtimestamp(message.timestamp()[1] / 1000, UTC)
        for breach in self._breaches(observation):
            self._raise(breach, published)

    def _breaches(self, observation: Observation) -> list[Breach]:
        watch = self._watches.get(observation.subject)
        if watch is None:
            watch = self._watches[observation.subject] = self._watch(observation.subject)
            *before, _ = self._store.recent(observation.subject)
            watch.remember(before)
        return watch.take(observation)

    def _watch(self, subject: Subject) -> Watch:
        muted = (alarm.measure for alarm in self._alarms if alarm.subject == subject and alarm.open)
        return Watch(subject, muted=muted)

    def _raise(self, breach: Breach, published: datetime) -> None:
        """Raise an alarm, unless this form of the site was released before: after the loss of a table it is
        filled again from the archive, and releases stay valid."""
        since = self._store.sequence_number(breach.subject, *breach.first)
        released_at = last_release(self._alarms, breach.subject)
        if released_at is not None and published <= released_at:
            self._store.accept(breach.subject, since)
            self._watches.pop(breach.subject, None)
            return
        alarm = alarms.from_breach(breach, self._alarms, since, self._clock.now())
        self._store.keep(alarm)
        self._alarms.append(alarm)
        log.error("drift", alarm=alarm.id, holds=alarm.holds, what=alarms.summary(alarm), **alarm.evidence)

    def _refresh(self) -> None:
        """Reload the alarms; after a release the form of the site that raised the alarm is the normal one."""
        was_open = {alarm.id: alarm.subject for alarm in self._alarms if alarm.open}
        self._alarms = self._store.alarms()
        for alarm in self._alarms:
            if not alarm.open and alarm.id in was_open:
                self._watches.pop(alarm.subject, None)
        counts: dict[tuple[str, str], int] = {}
        for alarm in self._alarms:
            page_kind = (alarm.subject.source, alarm.subject.kind)
            counts[page_kind] = counts.get(page_kind, 0) + alarm.open
        for (source, kind), count in counts.items():
            metrics.DRIFT_OPEN.labels(source=source, kind=kind).set(count)

    def _announce(self) -> None:
        unannounced = [alarm for alarm in self._alarms if alarm.announced_at is None]
        if unannounced:
            decisions.publish(self._settings, map(alarms.hold, unannounced))
            for alarm in unannounced:
                self._store.mark_announced(alarm.id, self._clock.now())
            self._refresh()

    def _trim(self) -> None:
        for subject, count in self._untrimmed.items():
            if count >= TRIM_EVERY:
                self._store.forget(subject)
        self._untrimmed = {subject: count for subject, count in self._untrimmed.items() if count < TRIM_EVERY}
