"""Faust's stream: batches of one partition, and their processing record by record."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, cast

import faust

from songnodes import metrics
from stream_processors.runtime.delivery.offsets import OffsetTracker
from stream_processors.runtime.delivery.producer import RecordProducer
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.protocol import Channel, Counter
from stream_processors.runtime.records import RawRecord
from stream_processors.runtime.stage import Stage

#: Limits after which other tasks run: fetches, commits, other agents.
MAX_RECORDS_BETWEEN_YIELDS = 64
MAX_SECONDS_BETWEEN_YIELDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of one partition, fetched together and registered in the tracker of its assignment."""

    tracker: OffsetTracker
    records: Sequence[RawRecord]
    size_bytes: int


class Stream(faust.Stream[Any]):
    """Iterates over the batches that the consumer put into the channel's queue.

    Faust's own starts two tasks per record, acknowledges also after an exception, and in its Cython form
    does so inside the iterator.
    """

    def __aiter__(self) -> AsyncIterator[Batch]:
        return self._batches()

    async def _batches(self) -> AsyncIterator[Batch]:
        self._finalized = True  # no other stream may be derived from this one
        started = await self.maybe_start()
        queue = cast(Channel, self.channel).queue
        try:
            while not self.should_stop:
                yield cast(Batch, await queue.get())
        except StopAsyncIteration:  # thrown into the queue when the channel is stopped
            return
        finally:
            self._channel_stop_iteration(self.channel)
            if started:
                await self.stop()
                self.service_reset()


class BatchProcessor:
    """Body of an agent. An exception ends the process with the record uncommitted.

    Faust would restart the agent silently and lose the record.
    """

    def __init__(self, stage: Stage, producer: RecordProducer, has_waiting_input: Callable[[], bool]) -> None:
        self._stage = stage
        self._producer = producer
        self._has_waiting_input = has_waiting_input  # of any agent of the stage
        app = stage.app_id
        self._poll_seconds = metrics.SECONDS.labels(app=app, activity="poll")
        self._work_seconds = metrics.SECONDS.labels(app=app, activity="work")
        self._capacity_seconds = metrics.SECONDS.labels(app=app, activity="capacity")
        self._batch_size = metrics.BATCH_SIZE.labels(app=app)
        self._activity_began = monotonic()

    async def run(self, stream: AsyncIterable[Batch]) -> None:
        """Process the batches of a stream until it ends."""
        try:
            async for batch in stream:
                self._end_activity(self._poll_seconds)
                await self.process(batch)
                await self._flush_when_idle()
        except (asyncio.CancelledError, GeneratorExit):
            raise  # an orderly stop: nothing is acknowledged
        except BaseException as error:
            crash(error)

    async def process(self, batch: Batch) -> None:
        """Handle the records of a batch, and acknowledge each one when it is done.

        Stops when the partition is revoked: unstarted records belong to the next owner.
        """
        tracker, process, producer = batch.tracker, self._stage.process, self._producer
        self._batch_size.observe(len(batch.records))
        processed, deadline = 0, monotonic() + MAX_SECONDS_BETWEEN_YIELDS
        for record in batch.records:
            if tracker.is_closed:
                break
            process(record, producer)
            tracker.ack(record.offset)
            processed += 1
            if processed % MAX_RECORDS_BETWEEN_YIELDS == 0 or monotonic() > deadline:
                await self._yield()
                deadline = monotonic() + MAX_SECONDS_BETWEEN_YIELDS
        tracker.pending_bytes -= batch.size_bytes
        if processed:
            tracker.last_timestamp_ms = batch.records[processed - 1].timestamp or 0
            topic = self._stage.agents[batch.records[0].topic].topic
            metrics.PROCESSED.labels(app=self._stage.app_id, topic=topic).inc(processed)
        await self._yield()

    async def _flush_when_idle(self) -> None:
        """Produce remembered outputs while no input waits: a later one is unlikely to replace them."""
        while self._stage.has_urgent_outputs and not self._has_waiting_input():
            self._stage.flush_urgent(self._producer)
            await self._yield()
        if not self._has_waiting_input():
            self._producer.send()

    async def _yield(self) -> None:
        """Let other tasks run, and wait until the producer accepts more outputs."""
        self._end_activity(self._work_seconds)
        self._stage.suspects.rest()
        await self._producer.wait_for_capacity()
        self._end_activity(self._capacity_seconds)

    def _end_activity(self, seconds: Counter) -> None:
        now = monotonic()
        seconds.inc(now - self._activity_began)
        self._activity_began = now
