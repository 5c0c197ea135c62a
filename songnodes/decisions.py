"""Decisions of operators: build the records of `bronze.decisions`, publish and read them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaException, Message, TopicPartition

from songnodes import __version__, logs
from songnodes.domain import ids
from songnodes.domain.overrides import Value
from songnodes.domain.records import Decision, Origin
from songnodes.errors import KafkaUnreachable, Poison
from songnodes.messaging import clients, log_offsets, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import Delivery
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.settings import Settings

TOPIC = "bronze.decisions"
KIND = "override"
DELIVERY_TIMEOUT_S = 30.0  # seconds until an unacknowledged decision counts as failed
READ_TIMEOUT_S = 10.0  # for one response of the broker


log = logs.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Author of a decision, with reason and time. `at` has a time zone."""

    name: str
    reason: str
    at: datetime


def override(track_id: str, column: str, value: Value | None, author: Author) -> Decision:
    """Return the decision that sets a column of a track; with None it withdraws the value set before.

    The decision id is derived from track and column, the event id from the whole content: the same file
    applied twice yields the same events.
    """
    text = None if value is None else json.dumps(value, ensure_ascii=False)
    decision_id = ids.event_id("decision", track_id, KIND, column)
    event_id = ids.event_id("said", decision_id, str(text), author.name, author.reason, author.at.isoformat())
    return build(
        author,
        decision_id=decision_id,
        event_id=event_id,
        subject_id=track_id,
        kind=KIND,
        field=column,
        value=text,
        withdrawn=value is None,
    )


def on_pair(
    kind: Literal["merge", "split"],
    first_id: str,
    second_id: str,
    author: Author,
    *,
    forced: bool = False,
    withdrawn: bool = False,
) -> Decision:
    """Return the decision that two claims (track ids) are one recording, or are not.

    A `withdrawn` decision leaves the pair to the matching rules again. There is one decision per pair in
    either order: of a merge and a split the later is current. A `forced` merge joins two versions that
    differ by name.
    """
    subject, second = sorted((first_id, second_id))
    value = "although the versions differ" if forced else None
    decision_id = ids.event_id("decision", "pair", subject, second)
    event_id = ids.event_id(
        *("said", decision_id, kind, str(value), str(withdrawn)),
        *(author.name, author.reason, author.at.isoformat()),
    )
    return build(
        author,
        decision_id=decision_id,
        event_id=event_id,
        subject_id=subject,
        kind=kind,
        value=value,
        other_id=second,
        withdrawn=withdrawn,
    )


def build(
    author: Author,
    *,
    decision_id: str,
    event_id: str,
    subject_id: str,
    kind: str,
    field: str | None = None,
    value: str | None = None,
    other_id: str | None = None,
    withdrawn: bool = False,
    source: str = "person",
    parser_version: int | None = None,
) -> Decision:
    """Return a decision as a record. `decision_id` identifies its subject, `event_id` its whole content."""
    return Decision(
        event_id=event_id,
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
    """Send decisions, wait for all acknowledgements and return their number. Raises NotAcknowledged."""
    with Codec.opened(settings) as codec:
        encoded = [(decision["subject_id"].encode(), codec.encode(TOPIC, decision)) for decision in decisions]
    topic = topics.physical(TOPIC, settings)
    producer = clients.producer(
        settings, **{"message.timeout.ms": int(DELIVERY_TIMEOUT_S * 1000), "log_level": 0}
    )
    delivery = Delivery(producer, timeout_s=2 * DELIVERY_TIMEOUT_S)
    for key, value in encoded:
        delivery.send(topic, key, value)
    return delivery.finish()


def current_overrides(settings: Settings) -> list[Decision]:
    """Return the current overrides: the latest of each track and column, without withdrawn ones."""
    latest: dict[str, Decision] = {}
    for decision in _all(settings):
        before = latest.get(decision["decision_id"])
        if before is None or _rank(decision) >= _rank(before):
            latest[decision["decision_id"]] = decision
    overrides = [d for d in latest.values() if d["kind"] == KIND and not d["withdrawn"]]
    return sorted(overrides, key=lambda d: (d["subject_id"], d["field"] or ""))


def of_kinds(settings: Settings, *kinds: str) -> list[Decision]:
    """Return all decisions of these kinds, oldest first. Raises KafkaUnreachable."""
    selected = [decision for decision in _all(settings) if decision["kind"] in kinds]
    return sorted(selected, key=lambda decision: decision["decided_at"])


def _rank(decision: Decision) -> tuple[Any, ...]:
    """Return the order of two decisions on one subject, equal to that of the merge: time, then text."""
    return decision["decided_at"], decision["value"] or "", decision["reason"]


def _all(settings: Settings) -> list[Decision]:
    """Return all decisions of the topic. Raises KafkaUnreachable."""
    topic = topics.physical(TOPIC, settings)
    consumer = clients.consumer(settings, topics.group("override-list", settings), log_level=0)
    try:
        parts = range(topics.partitions())
        logs_of_parts = {part: _bounds(consumer, Partition(topic, part)) for part in parts}
        left = {part: bounds.end for part, bounds in logs_of_parts.items() if bounds.start < bounds.end}
        consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in left])
        messages: list[Message] = []
        while left:
            message = consumer.poll(READ_TIMEOUT_S)
            if message is None or message.error() is not None:
                raise KafkaUnreachable(str(message.error()) if message else "no answer", topic=topic)
            messages.append(message)
            partition, offset = message.partition(), message.offset()
            if partition is not None and offset is not None and offset + 1 >= left.get(partition, 0):
                left.pop(partition, None)
        with Codec.opened(settings) as codec:
            decoded = (_decoded(codec, message) for message in messages)
            return [decision for decision in decoded if decision is not None]
    except KafkaException as error:
        raise KafkaUnreachable(str(error.args[0]), topic=topic) from error
    finally:
        consumer.close()


def _bounds(consumer: Consumer, partition: Partition) -> Bounds:
    """Return the bounds of a partition. A topic just created has no leader for a moment."""
    return log_offsets.retry_transient(
        lambda: log_offsets.watermarks(consumer, partition, READ_TIMEOUT_S), READ_TIMEOUT_S
    )


def _decoded(codec: Codec, message: Message) -> Decision | None:
    """Return the decision; None, with a warning, for a record that is none: the sink has its dead letter."""
    try:
        decision: Any = codec.decode(TOPIC, message.value())
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
