"""A topic's records, consumed in a thread of its own and handed over as decoded batches.

The thread is at most two batches ahead of whoever takes them: one is decoded while the other is written. When
nobody takes batches for a while (a dead database), the partitions are paused and the consumer is still
polled, so that the group does not take this member for dead.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from sinks.offsets import Log
from songnodes import logs
from songnodes.errors import ConsumerEnded, ConsumerFailed, PositionLost, Transient
from songnodes.messaging import clients

POLL = 0.5  # seconds; a stop waits for it
IDLE_TIMEOUT_S = 5.0  # without a batch taken; then partitions are paused
AHEAD = 2  # batches
#: Seconds from a small batch to the next: under a trickle a transaction per record costs more than its row.
PACE = 0.1
SMALL = 0.1  # of a full batch
BROKER_TIMEOUT = 10.0  # seconds
#: Errors after which librdkafka goes on by itself say nothing; after these it never would.
HOPELESS = {
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError._UNKNOWN_TOPIC,
}

log = logs.get(__name__)
Decoded = TypeVar("Decoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch(Generic[Decoded]):
    """Records fetched together. `ends` is the next offset per partition once they are written.

    A batch of an earlier `generation` (assignment of partitions) is for another owner to write.
    """

    generation: int
    ends: Mapping[int, int]
    content: Decoded


class Owner(Protocol):
    """Is told in the event loop which partitions are its own."""

    async def assigned(self, generation: int, partitions: Mapping[int, Log]) -> Mapping[int, int]:
        """Return the first offset to read of each partition; called again after a Transient."""

    def revoked(self, generation: int) -> None:
        """No partition is its own any more."""


class Stopped(Exception):
    """The feed was told to stop while it waited"""


class Feed(Generic[Decoded]):
    """Begin with `start`, take batches with `next`, say `done` after each, end with `close`."""

    def __init__(
        self,
        consumer: Consumer,
        topic: str,
        owner: Owner,
        decode: Callable[[list[Message]], Decoded],
        batch: int,
    ) -> None:
        self._consumer = consumer
        self._topic = topic
        self._owner = owner
        self._decode = decode
        self._size = batch
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Queue[Batch[Decoded] | BaseException] = asyncio.Queue()
        self._permits = threading.Semaphore(AHEAD)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed {topic}", daemon=True)
        self._generation = 0
        self._partitions: list[TopicPartition] = []
        self._paused = False
        self._early: list[Message] = []  # came although paused
        self._due = 0.0  # monotonic: the next batch
        self._told: deque[Mapping[int, int]] = deque()

    def start(self) -> None:
        """Join the group."""
        self._thread.start()

    async def next(self) -> Batch[Decoded]:
        """Return the next batch; raise the error that ended the thread."""
        batch = await self._ready.get()
        if isinstance(batch, BaseException):
            raise batch
        return batch

    def done(self) -> None:
        """One batch was written, or dropped."""
        self._permits.release()

    def tell(self, ends: Mapping[int, int]) -> None:
        """Tell the group where this sink stands: for lag tools, nothing depends on it.

        The thread says it: calls to one consumer exclude each other, so a commit from the event loop would
        wait for a poll, and a poll that assigns partitions waits for the event loop.
        """
        self._told.append(ends)

    async def close(self) -> None:
        """Leave the group; batches not taken are dropped."""
        self._stop.set()
        self._permits.release()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    # From here on: the thread.

    def _run(self) -> None:
        try:
            self._consumer.subscribe(
                [self._topic],
                on_assign=self._on_assign,
                on_revoke=self._on_revoke,
                on_lost=self._on_revoke,
            )
            while not self._stop.is_set():
                if self._permits.acquire(timeout=IDLE_TIMEOUT_S) and not self._stop.is_set():
                    self._fetch()
                else:
                    self._stay()
                while self._told:
                    self._commit(self._told.popleft())
        except Stopped:
            pass
        except BaseException as error:
            self._hand(error)
        finally:
            self._consumer.close()

    def _commit(self, ends: Mapping[int, int]) -> None:
        offsets = [TopicPartition(self._topic, part, offset) for part, offset in ends.items()]
        try:
            self._consumer.commit(offsets=offsets, asynchronous=True)
        except (KafkaException, RuntimeError) as error:
            log.debug("offset_commit_failed", topic=self._topic, error=str(error))

    def _fetch(self) -> None:
        if self._paused:
            self._consumer.resume(self._partitions)
            self._paused = False
        polled = self._poll()  # may empty what came early: partitions come and go inside a poll
        messages = [*self._early, *polled]
        self._early = []
        if not messages:
            self._permits.release()
            return
        ends: dict[int, int] = {}
        for message in messages:
            ends[_part(message)] = _offset(message) + 1
        generation = self._generation
        self._hand(Batch(generation=generation, ends=ends, content=self._decoded(messages)))

    def _poll(self) -> list[Message]:
        first = self._polled(POLL)
        if not first:
            return []
        self._stop.wait(max(0.0, self._due - time.monotonic()))
        generation = self._generation
        more = self._good(self._consumer.consume(self._size - 1, timeout=0))
        if generation != self._generation:
            # The first record is of the partitions as they were, and a batch that mixes both would move
            # the new owner's position past records that it never had: begin again where it stands.
            self._consumer.assign(self._partitions)
            return []
        if len(more) < self._size * SMALL:
            self._due = time.monotonic() + PACE
        return [*first, *more]

    def _stay(self) -> None:
        if not self._paused and self._partitions:
            self._consumer.pause(self._partitions)
            self._paused = True
        self._early += self._polled(0)

    def _polled(self, timeout: float) -> list[Message]:
        message = self._consumer.poll(timeout)
        return [] if message is None else self._good([message])

    def _good(self, messages: list[Message]) -> list[Message]:
        """Return the records among them. Errors are handled as they come: records may be dropped again
        when partitions change hands, and a consumer says only once that it has ended."""
        records = []
        for message in messages:
            error = message.error()
            if error is None:
                records.append(message)
            elif error.code() == KafkaError._AUTO_OFFSET_RESET:
                raise PositionLost(topic=self._topic, error=error.str())
            elif clients.ended(error):
                raise ConsumerEnded(error.str(), topic=self._topic)
            elif error.code() in HOPELESS:
                raise ConsumerFailed(topic=self._topic, error=error.str())
            else:
                log.warning("consumer", topic=self._topic, error=error.str())
        return records

    def _decoded(self, messages: list[Message]) -> Decoded:
        while True:
            try:
                return self._decode(messages)
            except Transient as error:  # the schema registry
                log.warning("decode_retry", topic=self._topic, error=str(error))
                if self._stop.wait(1):
                    raise Stopped from None

    def _hand(self, item: Batch[Decoded] | BaseException) -> None:
        self._loop.call_soon_threadsafe(self._ready.put_nowait, item)

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Begin where the database says. Runs inside a poll, as the next two."""
        self._generation += 1
        self._early, self._paused = [], False
        parts = [partition.partition for partition in partitions]
        begin = self._ask(parts)
        self._partitions = [TopicPartition(self._topic, part, begin[part]) for part in parts]
        consumer.assign(self._partitions)
        self._commit(begin)

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._generation += 1
        self._early, self._paused, self._partitions = [], False, []
        self._loop.call_soon_threadsafe(self._owner.revoked, self._generation)
        consumer.unassign()

    def _ask(self, parts: list[int]) -> Mapping[int, int]:
        while not self._stop.is_set():
            try:
                bounds = {part: self._log(part) for part in parts}
                return self._wait(self._owner.assigned(self._generation, bounds))
            except (Transient, KafkaException) as error:
                log.warning("assignment_retry", topic=self._topic, error=str(error))
                self._stop.wait(1)
        raise Stopped

    def _log(self, part: int) -> Log:
        watermarks = self._consumer.get_watermark_offsets(
            TopicPartition(self._topic, part), timeout=BROKER_TIMEOUT
        )
        if watermarks is None:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return Log(low=watermarks[0], high=watermarks[1])

    def _wait(self, awaitable: Awaitable[Mapping[int, int]]) -> Mapping[int, int]:
        future: Future[Mapping[int, int]] = asyncio.run_coroutine_threadsafe(
            _coroutine(awaitable), self._loop
        )
        while True:
            try:
                return future.result(timeout=POLL)
            except TimeoutError:
                if self._stop.is_set():
                    future.cancel()
                    raise Stopped from None
            except CancelledError:
                raise Stopped from None


async def _coroutine(awaitable: Awaitable[Mapping[int, int]]) -> Mapping[int, int]:
    return await awaitable


def _part(message: Message) -> int:
    partition = message.partition()
    assert partition is not None  # noqa: S101  # a message without error has both
    return partition


def _offset(message: Message) -> int:
    offset = message.offset()
    assert offset is not None  # noqa: S101
    return offset
