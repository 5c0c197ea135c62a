"""Decisions of people: made into records of `bronze.decisions`, published, and read back."""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from songnodes import __version__, logs
from songnodes.domain import ids
from songnodes.domain.overrides import Value
from songnodes.domain.records import Decision, Origin
from songnodes.errors import Poison, Transient
from songnodes.messaging import clients, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.postgres_text import storable_record
from songnodes.settings import Settings

TOPIC = "bronze.decisions"
KIND = "override"
PATIENCE = 30.0  # seconds until an unacknowledged decision counts as failed
PAUSE = 0.2  # seconds until the broker is asked again
QUIET = 10.0  # seconds without an answer of the broker while reading


log = logs.get(__name__)


class NotAcknowledged(Transient):
    """Kafka did not acknowledge a decision"""

    remedy = "Run the command again: the same decision has the same id"


class NotReadable(Transient):
    """Kafka does not give the decisions"""

    remedy = "`songnodes status` shows the servers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who decided, why and when. `at` has a time zone."""

    name: str
    reason: str
    at: datetime


def override(track_id: str, column: str, value: Value | None, author: Author) -> Decision:
    """Set a column of a track; with None withdraw what was set.

    The id of the decision is that of the track and the column, the id of the event that of everything said:
    the same file applied twice gives the same events.
    """
    text = None if value is None else json.dumps(value, ensure_ascii=False)
    decision_id = ids.event_id("decision", track_id, KIND, column)
    said = ids.event_id("said", decision_id, str(text), author.name, author.reason, author.at.isoformat())
    return decided(
        author,
        decision_id=decision_id,
        said=said,
        subject_id=track_id,
        kind=KIND,
        field=column,
        value=text,
        withdrawn=value is None,
    )


def on_pair(
    kind: Literal["merge", "split"],
    one: str,
    other: str,
    author: Author,
    *,
    forced: bool = False,
    withdrawn: bool = False,
) -> Decision:
    """Two claims (ids of tracks) are one recording, or they are not; `withdrawn`: the facts decide again.

    There is one decision per pair, whichever is named first: of a merge and a split the later stands. A
    `forced` merge joins two versions that differ by name.
    """
    subject, second = sorted((one, other))
    value = "although the versions differ" if forced else None
    decision_id = ids.event_id("decision", "pair", subject, second)
    said = ids.event_id(
        *("said", decision_id, kind, str(value), str(withdrawn)),
        *(author.name, author.reason, author.at.isoformat()),
    )
    return decided(
        author,
        decision_id=decision_id,
        said=said,
        subject_id=subject,
        kind=kind,
        value=value,
        other_id=second,
        withdrawn=withdrawn,
    )


def decided(
    author: Author,
    *,
    decision_id: str,
    said: str,
    subject_id: str,
    kind: str,
    field: str | None = None,
    value: str | None = None,
    other_id: str | None = None,
    withdrawn: bool = False,
    source: str = "person",
    parser_version: int | None = None,
) -> Decision:
    """A decision as a record. `decision_id` is the id of what is decided, `said` that of everything said."""
    return Decision(
        event_id=said,
        source=source,
        observed_at=author.at,
        origin=Origin(kind="decision", id=decision_id, parser_version=parser_version),
        pipeline_version=__version__,
        decision_id=decision_id,
        subject_id=subject_id,
        kind=kind,
        field=field,
        value=value,
        other_id=other_id,
        reason=author.reason,
        author=author.name,
        decided_at=author.at,
        withdrawn=withdrawn,
    )


def publish(settings: Settings, decisions: Iterable[Decision]) -> int:
    """Send decisions and wait for all acknowledgements; returns how many. Raises NotAcknowledged."""
    with Codec.opened(settings) as codec:
        encoded = [(each["subject_id"].encode(), codec.encode(TOPIC, each)) for each in decisions]
    topic = topics.physical(TOPIC, settings)
    producer = clients.producer(settings, **{"message.timeout.ms": int(PATIENCE * 1000), "log_level": 0})
    delivery = Delivery(producer, patience=2 * PATIENCE, error=NotAcknowledged)
    for key, value in encoded:
        delivery.send(topic, key, value)
    return delivery.finish()


def standing(settings: Settings) -> list[Decision]:
    """The overrides that stand: the latest of each track and column, without the withdrawn ones."""
    latest: dict[str, Decision] = {}
    for decision in _all(settings):
        before = latest.get(decision["decision_id"])
        if before is None or _rank(decision) >= _rank(before):
            latest[decision["decision_id"]] = decision
    found = [d for d in latest.values() if d["kind"] == KIND and not d["withdrawn"]]
    return sorted(found, key=lambda d: (d["subject_id"], d["field"] or ""))


def made(settings: Settings, *kinds: str) -> list[Decision]:
    """Every decision of these kinds ever made, oldest first. Raises NotReadable."""
    found = [decision for decision in _all(settings) if decision["kind"] in kinds]
    return sorted(found, key=lambda decision: decision["decided_at"])


def _rank(decision: Decision) -> tuple[Any, ...]:
    """Order of two decisions on one thing, the same as where they are merged: time, then text."""
    return decision["decided_at"], decision["value"] or "", decision["reason"]


def _all(settings: Settings) -> list[Decision]:
    """Every decision ever made, from the topic. Raises NotReadable."""
    topic = topics.physical(TOPIC, settings)
    consumer = clients.consumer(settings, topics.group("override-list", settings), log_level=0)
    try:
        parts = range(topics.partitions())
        ends = {part: _log(consumer, TopicPartition(topic, part)) for part in parts}
        left = {p: high for p, (low, high) in ends.items() if high > low}
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in left])
        found: list[Message] = []
        while left:
            message = consumer.poll(QUIET)
            if message is None or message.error() is not None:
                raise NotReadable(str(message.error()) if message else "no answer", topic=topic)
            found.append(message)
            partition, offset = message.partition(), message.offset()
            if partition is not None and offset is not None and offset + 1 >= left.get(partition, 0):
                left.pop(partition, None)
        with Codec.opened(settings) as codec:
            decoded = (_decoded(codec, message) for message in found)
            return [decision for decision in decoded if decision is not None]
    except KafkaException as error:
        raise NotReadable(str(error.args[0]), topic=topic) from error
    finally:
        consumer.close()


def _log(consumer: Consumer, at: TopicPartition) -> tuple[int, int]:
    """Its start and end. A topic just made has no leader for a moment, which is not an answer."""
    until = time.monotonic() + QUIET
    while True:
        try:
            return consumer.get_watermark_offsets(at, timeout=QUIET)
        except KafkaException:
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE)


def _decoded(codec: Codec, message: Message) -> Decision | None:
    """Return the decision; None, with a warning, for a record that is none: the sink has its dead letter."""
    try:
        decision: Any = storable_record(codec.decode(TOPIC, message.value()))
    except Poison as poison:
        log.warning(
            "decision_unreadable",
            partition=message.partition(),
            offset=message.offset(),
            reason=poison.reason,
        )
        return None
    result: Decision = decision
    return result
