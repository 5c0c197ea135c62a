"""Faust's stream: batches of one partition, worked off one record after another."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

import faust

from songnodes import metrics
from stream_processors.runtime.delivery.offsets import Tracker
from stream_processors.runtime.delivery.producer import Outbox
from stream_processors.runtime.exit import crash
from stream_processors.runtime.records import RawRecord
from stream_processors.runtime.stage import Stage

#: Records, and seconds, after which other tasks get their turn: fetches, commits, other agents.
YIELD_RECORDS = 64
YIELD_SECONDS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Records of one partition, fetched at once and noted in the tracker of its assignment."""

    tracker: Tracker
    records: list[RawRecord]
    load: int  # bytes


class Stream(faust.Stream[Any]):
    """Iterates over the batches that the consumer put into the channel's queue.

    Faust's own starts two tasks per record, acknowledges also when the body raised, and in its Cython form
    inside the iterator.
    """

    channel: Any

    def __aiter__(self) -> AsyncIterator[Batch]:
        return self._batches()

    async def _batches(self) -> AsyncIterator[Batch]:
        self._finalized = True  # no other stream may be derived from this one
        started = await self.maybe_start()
        try:
            while not self.should_stop:
                yield await self.channel.queue.get()
        except StopAsyncIteration:  # thrown into the queue when the channel is stopped
            return
        finally:
            self._channel_stop_iteration(self.channel)
            if started:
                await self.stop()
                self.service_reset()


class Work:
    """What an agent does with its batches. An exception ends the process with the record uncommitted.

    A silently restarted agent, as Faust has it, is a lost record.
    """

    def __init__(self, stage: Stage, outbox: Outbox) -> None:
        self._stage = stage
        self._outbox = outbox
        app = stage.app_id
        self._poll = metrics.SECONDS.labels(app=app, activity="poll")
        self._work = metrics.SECONDS.labels(app=app, activity="work")
        self._room = metrics.SECONDS.labels(app=app, activity="room")
        self._size = metrics.BATCH_SIZE.labels(app=app)
        self._since = monotonic()

    async def run(self, stream: Any) -> None:
        """Work off the stream until it ends."""
        try:
            async for batch in stream:
                self._spent(self._poll)
                await self.off(batch)
        except (asyncio.CancelledError, GeneratorExit):
            raise  # an orderly stop: nothing is acknowledged
        except BaseException as error:
            crash(error)

    async def off(self, batch: Batch) -> None:
        """Handle the records of a batch, and acknowledge each when it is done.

        Stops where the partition is given up: what is not begun then is another worker's.
        """
        tracker, process, outbox = batch.tracker, self._stage.process, self._outbox
        self._size.observe(len(batch.records))
        done, until = 0, monotonic() + YIELD_SECONDS
        for record in batch.records:
            if tracker.closed:
                break
            process(record, outbox)
            tracker.ack(record.offset)
            done += 1
            if done % YIELD_RECORDS == 0 or monotonic() > until:
                self._spent(self._work)
                self._stage.suspects.rest()
                await outbox.room()
                self._spent(self._room)
                until = monotonic() + YIELD_SECONDS
        tracker.load -= batch.load
        self._stage.suspects.rest()
        if done:
            tracker.reached = batch.records[done - 1].timestamp or 0
            topic = self._stage.agents[batch.records[0].topic].topic
            metrics.PROCESSED.labels(app=self._stage.app_id, topic=topic).inc(done)
        self._spent(self._work)
        await outbox.room()
        self._spent(self._room)

    def _spent(self, activity: Any) -> None:
        now = monotonic()
        activity.inc(now - self._since)
        self._since = now
