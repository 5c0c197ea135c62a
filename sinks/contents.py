"""Content of a batch: the decoded records of a topic, and those that cannot be decoded."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from confluent_kafka import Message

from sinks.errors import UnmappableRecord
from sinks.feed import Batch
from sinks.letters import Dead
from sinks.tables.writer import Entry, Writer
from songnodes.attempts import Unforeseen, describe
from songnodes.errors import Fatal, Poison, Transient
from songnodes.messaging.codec import Codec


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A message and the rows it makes."""

    message: Message
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Content of a batch: records in order, and those that cannot be decoded."""

    records: Sequence[Record]
    dead: Sequence[Dead]


def decode(codec: Codec, writer: Writer, messages: Sequence[Message]) -> Content:
    """Decode messages into rows, poison apart. Raises Transient if the registry is needed and down."""
    records, dead = [], []
    for message in messages:
        try:
            raw = message.value()
            entry = _withdrawal(writer, message) if raw is None else None
            if entry is None:
                value = codec.decode(writer.topic, raw)
                try:
                    entry = writer.entry(value)
                except (KeyError, TypeError, ValueError, ArithmeticError) as error:
                    raise UnmappableRecord(repr(error)) from error
            records.append(Record(message=message, entry=entry))
        except Poison as poison:
            dead.append(Dead(message=message, poison=poison))
        except (Transient, Fatal):
            raise
        except Exception as error:  # a function of the record alone: it would fail again
            dead.append(Dead(message=message, poison=Unforeseen(describe(error))))
    return Content(records=records, dead=dead)


def _withdrawal(writer: Writer, message: Message) -> Entry | None:
    """Return the deletion that a tombstone requests; None without a key."""
    key = message.key()
    if key is None:
        return None
    try:
        return writer.withdrawal(key.decode() if isinstance(key, bytes) else key)
    except ValueError as error:
        raise UnmappableRecord(repr(error)) from error


def single_records(batch: Batch[Content]) -> list[tuple[int, int, Content]]:
    """Return partition, offset and content of each record of a batch, in the order of offsets."""
    contents = [(record.message, Content(records=[record], dead=())) for record in batch.content.records] + [
        (letter.message, Content(records=(), dead=[letter])) for letter in batch.content.dead
    ]
    records = [(message.partition() or 0, message.offset() or 0, content) for message, content in contents]
    return sorted(records, key=lambda record: record[:2])


def as_dead(content: Content, poison: Poison) -> Content:
    """Return the content with all its records as dead letters."""
    letters = [Dead(message=record.message, poison=poison) for record in content.records]
    return Content(records=(), dead=[*content.dead, *letters])
