"""Archive of answers: `bronze.enrichments`, acknowledged before an answer is used."""

import asyncio
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from enrichment.gateway.question import Answered, Question
from songnodes import __version__
from songnodes.domain import enrichments, ids
from songnodes.errors import NotAcknowledged
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.messaging.delivery import BY_PARTITIONER
from songnodes.messaging.partitioning import partition_of
from songnodes.settings import Settings

TOPIC = "bronze.enrichments"
POLL_INTERVAL_S = 0.05
QUEUE_FULL_WAIT_S = 0.05


class Place(NamedTuple):
    """Partition and offset of a record in the archive's topic."""

    part: int
    offset: int


class Archive(Protocol):
    """Stores attempts."""

    async def write(self, records: Sequence[Mapping[str, Any]]) -> object:
        """Return when all records are acknowledged. Raises NotAcknowledged."""
        ...


def attempt_record(question: Question, answered: Answered, now: datetime) -> dict[str, Any]:
    """Return the record of an answer in the schema of the archive.

    Its id is that of the attempt: the same question, answered again, replaces it.
    """
    call, response = question.call, answered.response
    observed = response.received if response else now
    attempt_id = _attempt_id(question, observed)
    return {
        "event_id": ids.event_id("attempt", attempt_id),
        "source": call.provider,
        "observed_at": observed,
        "origin": {"kind": "request", "id": question.request_id, "parser_version": None},
        "pipeline_version": __version__,
        "track_id": question.track_id,
        "request_id": question.request_id,
        "provider": call.provider,
        "operation": call.operation,
        "parameters": dict(call.parameters),
        "status": answered.status,
        "http_status": response.status if response else None,
        "body": response.body if response and response.body else None,
        "latency_ms": response.latency_ms if response else None,
        "cached": bool(response and response.cached),
        "attempted_at": now,
        "note": answered.note,
        "attempt_id": attempt_id,
        "attempt": question.attempt or 1,
        "lookup": question.lookup,
        "requested_by": question.requested_by,
        "batch_id": answered.batch_id,
        "batch_size": answered.batch_size,
        "is_slice": answered.is_slice,
        "claim": None if question.claim is None else dict(question.claim),
        "artist_id": question.artist_id,
    }


def _attempt_id(question: Question, observed: datetime) -> str:
    request, call_key = question.request_id, question.call.key
    if question.attempt is None:
        return enrichments.attempt_id(question.subject, f"{request} {observed.isoformat()}", call_key, 1)
    return enrichments.attempt_id(question.subject, request, call_key, question.attempt)


class KafkaArchive:
    """Produces attempts, many at once, and resolves each write when its records are acknowledged."""

    def __init__(self, producer: Producer, codec: Codec, settings: Settings) -> None:
        self._producer = producer
        self._codec = codec
        self._settings = settings
        self._stop = threading.Event()
        self._delivered: list[_Delivery] = []
        self._poller: threading.Thread | None = None

    async def __aenter__(self) -> "KafkaArchive":
        """Start the thread that receives acknowledgements."""
        loop = asyncio.get_running_loop()
        self._poller = threading.Thread(target=self._poll, args=(loop,), name="archive", daemon=True)
        self._poller.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop the thread; records that are not acknowledged may be lost, nobody was answered with them."""
        self._stop.set()
        if self._poller is not None:
            await asyncio.to_thread(self._poller.join)

    async def write(self, records: Sequence[Mapping[str, Any]]) -> Sequence[Place]:
        """Return the places of all records when they are acknowledged. Raises NotAcknowledged."""
        pairs = [
            (
                enrichments.answer_key(subject, record["attempt_id"]),
                self._codec.encode(TOPIC, record),
            )
            for record in records
            for subject in (enrichments.subject_of(record["track_id"], record["artist_id"]),)
        ]
        return await self._produce(pairs)

    async def withdraw(self, keys: Sequence[str]) -> None:
        """Return when the tombstones of these answer keys are acknowledged. Raises NotAcknowledged."""
        await self._produce([(key, None) for key in keys])

    async def send(self, logical: str, key: str, record: Mapping[str, Any]) -> None:
        """Return when a record of another topic is acknowledged. Raises NotAcknowledged."""
        await self._produce([(key, self._codec.encode(logical, record))], logical)

    async def _produce(
        self, pairs: Sequence[tuple[str, bytes | None]], logical: str = TOPIC
    ) -> Sequence[Place]:
        if not pairs:
            return ()
        write = _Write(asyncio.get_running_loop(), len(pairs))
        topic = topics.physical(logical, self._settings)
        for index, (key, value) in enumerate(pairs):
            partition = partition_of(logical, key.encode())
            await self._hand_over(topic, key.encode(), value, partition, partial(self._note, write, index))
        await write.future
        return write.places

    async def _hand_over(
        self,
        topic: str,
        key: bytes,
        value: bytes | None,
        partition: int | None,
        on_delivery: Callable[[KafkaError | None, Message], None],
    ) -> None:
        while True:
            try:
                self._producer.produce(
                    topic,
                    value,
                    key,
                    partition=BY_PARTITIONER if partition is None else partition,
                    on_delivery=on_delivery,
                )
                return
            except BufferError:
                await asyncio.sleep(QUEUE_FULL_WAIT_S)
            except KafkaException as refused:
                raise NotAcknowledged(str(refused), topic=topic) from refused

    def _note(self, write: "_Write", index: int, error: KafkaError | None, message: Message) -> None:
        """Collect an acknowledgement, within a poll."""
        place = Place(message.partition() or 0, message.offset() or 0)
        self._delivered.append((write, index, place, error))

    def _poll(self, loop: asyncio.AbstractEventLoop) -> None:
        while not self._stop.is_set():
            self._producer.poll(POLL_INTERVAL_S)
            delivered, self._delivered = self._delivered, []
            if delivered:
                try:
                    loop.call_soon_threadsafe(_settle, delivered)
                except RuntimeError:  # the loop is closed
                    return


class _Write:
    """Records that are settled together."""

    def __init__(self, loop: asyncio.AbstractEventLoop, count: int) -> None:
        self.future: asyncio.Future[None] = loop.create_future()
        self.left = count
        self.places = [Place(0, 0)] * count
        self.error: str | None = None


_Delivery = tuple[_Write, int, Place, KafkaError | None]


def _settle(delivered: Sequence[_Delivery]) -> None:
    for write, index, place, error in delivered:
        write.left -= 1
        write.places[index] = place
        if error is not None:
            write.error = error.str()
        if not write.left and not write.future.done():
            if write.error is None:
                write.future.set_result(None)
            else:
                write.future.set_exception(NotAcknowledged(write.error))
