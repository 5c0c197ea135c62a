"""Records that fail, and their dead letters, as a stage writes them."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from confluent_kafka import Message, Producer
from confluent_kafka.admin import NewTopic
from typer.testing import Result

from operations import topic_log
from songnodes.errors import Poison
from songnodes.messaging import clients, dead_letters, log_offsets, topics
from songnodes.messaging.codec import BrokenAvro
from songnodes.settings import Settings
from tests.support.messages import headers_of

Command = Callable[..., Result]
Headers = list[tuple[str, bytes | None]]


def make_topics(settings: Settings, *logical: str) -> None:
    """Create these topics as declared, and wait until their leaders accept records."""
    admin = clients.admin(settings)
    declared = topics.wanted(settings)
    names = [topics.physical(name, settings) for name in logical]
    wanted = [
        NewTopic(name, declared[name].partitions, 1, config=dict(declared[name].config)) for name in names
    ]
    for future in admin.create_topics(wanted).values():
        future.result()
    topics.wait_for_leaders(admin, {name: declared[name].partitions for name in names})


def wait_until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until a condition holds; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordWriter:
    """Writes records to a pipeline's topics; each is acknowledged when the method returns."""

    settings: Settings
    producer: Producer

    @classmethod
    def of(cls, settings: Settings) -> "RecordWriter":
        return cls(settings=settings, producer=clients.producer(settings))

    def record(
        self, topic: str, key: bytes | None, value: bytes | None, headers: Headers | None = None
    ) -> Message:
        """Write a record to this topic (logical name) and return it as read back."""
        written: list[Message] = []
        self.producer.produce(
            topics.physical(topic, self.settings),
            value,
            key,
            headers=[*(headers or ())],
            on_delivery=lambda error, message: written.append(message),
        )
        assert self.producer.flush(10) == 0
        assert written[0].error() is None
        return written[0]

    def letter(self, stage: str, message: Message, poison: Poison | None = None) -> str:
        """Write a dead letter of this record; return its id."""
        original = headers_of(message)
        reason = dead_letters.Reason.of(
            poison or BrokenAvro("made up"),
            stage=stage,
            topic=message.topic() or "",
            partition=message.partition() or 0,
            offset=message.offset() or 0,
            timestamp=message.timestamp()[1],
            headers=original,
        )
        sent = self.record(f"{stage}.dlq", message.key(), message.value(), reason.headers(original))
        return f"{sent.partition()}:{sent.offset()}"

    def everything(self, topic: str) -> list[Message]:
        """Return all records of a topic (logical name)."""
        admin = clients.admin(self.settings)
        there = log_offsets.partitions(admin, [topics.physical(topic, self.settings)])
        return list(topic_log.read(self.settings, log_offsets.bounds(admin, there)))
