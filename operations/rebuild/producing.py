"""Producer of a task: outputs, state, and dead letters of the records that the new version cannot handle."""

from collections.abc import Sequence
from dataclasses import replace

from confluent_kafka import Message

from operations.rebuild import silver
from operations.rebuild.job import DELIVERY_RECORDS, DELIVERY_TIMEOUT_S, Job, codec, producer
from operations.rebuild.part_files import Part
from songnodes.errors import Poison
from songnodes.messaging import dead_letters, topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.dead_letter_producer import DeadLetterProducer
from songnodes.messaging.delivery import Delivery
from songnodes.settings import Settings
from stream_processors.runtime.state.transaction import Headers

#: Bits of the offset of a fact in its part, below the number of the part.
PART_SHIFT = 40


class PartProducer:
    """Sends outputs and state, without `part` to the partition of the key.

    Dead letters of a part are kept until `finish`, since a fold may be run again before.
    """

    def __init__(self, job: Job, dead_letter_topic: str, part: Part | None = None) -> None:
        self._delivery = Delivery(producer(job.settings), timeout_s=DELIVERY_TIMEOUT_S)
        self._job = job
        self._dead_letter_topic = dead_letter_topic
        self._part = part
        self._letters: list[dead_letters.Letter] = []
        self.sent = 0
        self.dead_letters = 0

    def produce(
        self, topic: str, key: bytes | None, value: bytes | None, *, headers: Headers | None = None
    ) -> None:
        """Send a record. Raises NotAcknowledged."""
        if topic == self._dead_letter_topic:
            self._receive(dead_letters.Letter(key=key, value=value, headers=headers or []))
            return
        partition = None if self._part is None else self._part.partition
        self._delivery.send(topic, key, value, headers or (), partition=partition)
        self.sent += 1
        if self.sent % DELIVERY_RECORDS == 0:
            self._delivery.finish()

    def _receive(self, letter: dead_letters.Letter) -> None:
        self.dead_letters += 1
        if self._part is None:
            self._send_letter(letter)
        else:
            letter = of_published_fact(letter, self._part.number, self._job.target, codec(self._job.settings))
            self._letters.append(letter)

    def _send_letter(self, letter: dead_letters.Letter) -> None:
        self._delivery.send(self._dead_letter_topic, letter.key, letter.value, letter.headers)

    def finish(self) -> None:
        """Send the dead letters, and wait for all acknowledgements. Raises NotAcknowledged."""
        for letter in self._letters:
            self._send_letter(letter)
        self._delivery.finish()


def of_published_fact(
    letter: dead_letters.Letter, part: int, settings: Settings, codec: Codec
) -> dead_letters.Letter:
    """Return the dead letter of a fact as if the streams had read it from its topic; others as they are.

    The fact can be reinserted there. Its offset only identifies it: no record of the topic has it.
    """
    reason = dead_letters.read(letter.headers)
    logical = silver.TOPICS.get(reason.topic) if reason else None
    if reason is None or logical is None:
        return letter
    published = replace(
        reason, topic=topics.physical(logical, settings), offset=part << PART_SHIFT | reason.offset
    )
    try:
        fact = silver.part_codec(codec).decode(logical, letter.value)
        value = codec.encode(logical, fact)
    except Exception:  # it may be what made it a dead letter
        return dead_letters.Letter(
            key=letter.key, value=None, headers=[*published.headers(()), (dead_letters.LEFT_OUT, b"value")]
        )
    return dead_letters.Letter(key=letter.key, value=value, headers=published.headers(()))


def send_letters(job: Job, stage: str, letters: Sequence[tuple[Message, Poison]]) -> None:
    """Send the dead letters of records that a task could not read. Raises NotAcknowledged."""
    DeadLetterProducer(job.settings, f"{stage}.dlq").send(stage, letters)
