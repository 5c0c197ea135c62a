"""A topic's records, consumed in a thread of its own and queued as decoded batches.

The thread is at most two batches ahead of the sink: one is decoded while the other is written. When no batch
is taken for a while (a dead database), the partitions are paused and the consumer is still polled, so that
the group does not end its session.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from confluent_kafka import Message

from songnodes import logs
from songnodes.clock import SystemTimer, Timer
from songnodes.errors import Transient
from songnodes.messaging.log_offsets import Bounds, Partition
from songnodes.messaging.positions.consumer import TopicConsumer
from songnodes.messaging.positions.positioned_consumer import (
    POLL_TIMEOUT_S,
    SMALL_BATCH_PAUSE_S,
    PositionedConsumer,
    Stopped,
)

IDLE_TIMEOUT_S = 5.0  # without a batch taken; then partitions are paused
DECODE_RETRY_INTERVAL_S = 1.0
MAX_BATCHES_AHEAD = 2

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


class SinkListener(Protocol):
    """Owner of a sink's positions. Called in the event loop."""

    async def assigned(self, generation: int, partitions: Mapping[int, Bounds]) -> Mapping[int, int]:
        """Return the first offset to read of each partition; called again after a Transient."""

    def revoked(self, generation: int) -> None:
        """Drop all partitions."""


class Feed(Generic[Decoded]):
    """Begin with `start`, take batches with `next`, `ack` each of them, end with `close`."""

    def __init__(
        self,
        consumer: TopicConsumer,
        topic: str,
        listener: SinkListener,
        decode: Callable[[list[Message]], Decoded],
        batch_records: int,
        timer: Timer | None = None,
        small_batch_pause_s: float = SMALL_BATCH_PAUSE_S,
    ) -> None:
        self._topic = topic
        self._listener = listener
        self._decode = decode
        self._timer = timer or SystemTimer()
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Queue[Batch[Decoded] | BaseException] = asyncio.Queue()
        self._permits = threading.Semaphore(MAX_BATCHES_AHEAD)
        self._wake = threading.Event()  # a permit was released, or the feed is stopped
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"feed {topic}", daemon=True)
        self._to_commit: deque[Mapping[int, int]] = deque()
        self._consumer = PositionedConsumer(
            consumer,
            self,
            batch_records=batch_records,
            small_batch_pause_s=small_batch_pause_s,
            stop=self._stop,
            timer=self._timer,
        )

    def start(self) -> None:
        """Join the group."""
        self._thread.start()

    async def next(self) -> Batch[Decoded]:
        """Return the next batch; raise the error that ended the thread."""
        batch = await self._ready.get()
        if isinstance(batch, BaseException):
            raise batch
        return batch

    def ack(self) -> None:
        """Note that one batch was written or dropped, so that the thread may fetch another."""
        self._permits.release()
        self._wake.set()

    def commit_async(self, ends: Mapping[int, int]) -> None:
        """Commit positions to the group: for lag tools, nothing depends on it.

        The thread does it: calls to one consumer exclude each other, so a commit from the event loop would
        wait for a poll, and a poll that assigns partitions waits for the event loop.
        """
        self._to_commit.append(ends)

    async def close(self) -> None:
        """Leave the group; batches not taken are dropped."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)

    # From here on: the thread.

    def assigned(self, generation: int, logs: Mapping[Partition, Bounds]) -> Mapping[Partition, int]:
        """Return the positions that the listener has stored."""
        bounds = {partition.number: log for partition, log in logs.items()}
        positions = self._wait(self._listener.assigned(generation, bounds))
        self._to_commit.append(positions)
        return {partition: positions[partition.number] for partition in logs}

    def revoked(self, generation: int) -> None:
        """Let the listener drop its partitions."""
        self._loop.call_soon_threadsafe(self._listener.revoked, generation)

    def _run(self) -> None:
        try:
            self._consumer.subscribe([self._topic])
            while not self._stop.is_set():
                self._step()
                while self._to_commit:
                    ends = self._to_commit.popleft()
                    self._consumer.commit_async(
                        {Partition(self._topic, part): end for part, end in ends.items()}
                    )
        except Stopped:
            pass
        except BaseException as error:
            self._enqueue(error)
        finally:
            self._consumer.close()

    def _step(self) -> None:
        if self._permits.acquire(blocking=False):
            self._fetch()
        elif self._timer.wait(self._wake, IDLE_TIMEOUT_S):
            self._wake.clear()
        else:
            self._consumer.keep_alive()

    def _fetch(self) -> None:
        batch = self._consumer.fetch()
        if batch is None:
            self._permits.release()
            return
        ends = {partition.number: end for partition, end in batch.ends.items()}
        content = self._decoded(list(batch.messages))
        self._enqueue(Batch(generation=batch.generation, ends=ends, content=content))

    def _decoded(self, messages: list[Message]) -> Decoded:
        while True:
            try:
                return self._decode(messages)
            except Transient as error:  # the schema registry
                log.warning("decode_retry", topic=self._topic, error=str(error))
                if self._timer.wait(self._stop, DECODE_RETRY_INTERVAL_S):
                    raise Stopped from None

    def _enqueue(self, item: Batch[Decoded] | BaseException) -> None:
        self._loop.call_soon_threadsafe(self._ready.put_nowait, item)

    def _wait(self, awaitable: Awaitable[Mapping[int, int]]) -> Mapping[int, int]:
        future: Future[Mapping[int, int]] = asyncio.run_coroutine_threadsafe(
            _coroutine(awaitable), self._loop
        )
        while True:
            try:
                return future.result(timeout=POLL_TIMEOUT_S)
            except TimeoutError:
                if self._stop.is_set():
                    future.cancel()
                    raise Stopped from None
            except CancelledError:
                raise Stopped from None


async def _coroutine(awaitable: Awaitable[Mapping[int, int]]) -> Mapping[int, int]:
    return await awaitable
