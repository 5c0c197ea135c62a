"""Faust's consumer with sound offsets: whole batches, proof of membership, commit before revocation.

Stock, it marks delivered records as committed after a rebalance, commits past unfinished ones, and makes two
tasks per record.
"""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, TypeVar

from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from songnodes import logs
from stream_processors.runtime.delivery.offsets import Tracker
from stream_processors.runtime.errors import ConsumerFailed, PositionLost
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.stream import Batch

log = logs.get(__name__)
T = TypeVar("T")

MAX_FETCH = 2000  # records per fetch, of all partitions
FETCH_WAIT = 0.2  # seconds a fetch waits for a first record; partitions that become ready wait as long
#: Milliseconds a broker holds a fetch that has nothing. Questions for offsets queue behind it on the same
#: connection: with Faust's 1,500 each rebalance of a stage with tables stood still for 3 s.
BROKER_WAIT = 200
IDLE = 0.005  # seconds, while no partition wants records
#: Per partition: records, and bytes, delivered and not worked off. One batch may exceed it.
MAX_IN_FLIGHT = 4096
MAX_LOAD = 8 * 1024 * 1024
NO_GENERATION = -1


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Tells the lease when the group last answered a heartbeat as to a member."""

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    app: Any

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = BROKER_WAIT
        return consumer

    async def on_start(self) -> None:
        await super().on_start()
        coordinator = self._ensure_consumer()._coordinator
        self._send_heartbeat, coordinator._do_heartbeat = coordinator._do_heartbeat, self.heartbeat

    async def heartbeat(self) -> bool:
        """Whether the group knows this worker as a member now."""
        lease = self.app.lease
        sent = lease.now()
        alive: bool = await self._send_heartbeat()
        if alive:
            lease.renew(sent)
        elif self._ensure_consumer()._coordinator.generation == NO_GENERATION:
            lease.lose()
        return alive

    async def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine in this thread's loop, from the main one."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self.thread_loop))


class Consumer(driver.Consumer):
    """One tracker per partition and assignment; a seek and a fetch never overlap."""

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    app: Any
    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trackers: dict[TP, Tracker] = {}
        self._positions: dict[TP, int] = {}  # where the next trackers start
        self._assignments = 0  # how many there were; negative while none is valid
        self._fetching = asyncio.Lock()
        self.committed_at = monotonic()  # or found that nothing is to be committed

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # assignment

    async def perform_seek(self) -> None:
        """Go to the committed offsets; to the log's start where there are none."""
        assignment = self._assignments
        async with self._fetching:
            if not await self.is_member():
                return  # stopped while joining: another rebalance follows
            try:
                positions = await self._find_positions()
            except PositionLost as error:
                crash(error)
            await self._thread.seek_wait(positions)
            if assignment == self._assignments > 0:
                self._positions = positions

    async def is_member(self) -> bool:
        """Ask the group, now."""
        return await self._thread.run(self._thread.heartbeat())

    async def _find_positions(self) -> dict[TP, int]:
        tps = [tp for tp in self.assignment() if self.app.topics.acks_enabled_for(tp.topic)]
        committed = await self.seek_to_committed()
        starts = await self.earliest_offsets(*tps)
        ends = await self.highwaters(*tps)
        positions = {}
        for tp in tps:
            position = committed.get(tp)
            if position is None:
                position = starts[tp]
            if not starts[tp] <= position <= ends[tp]:
                raise PositionLost(topic=tp.topic, part=tp.partition, position=position, start=starts[tp])
            positions[tp] = position
        return positions

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        async with self._fetching:
            await super().seek_wait(partitions)

    def resume_flow(self) -> None:
        """Faust's end of a rebalance, and of each of its steps; it may come late, in the next one."""
        if self._assignments < 0:
            return  # given up in the meantime
        super().resume_flow()  # the queues were cleared just before
        self.app.recovery.begin()
        if self._positions:
            self.app.recovery.check()
        for tp, position in self._positions.items():
            self.trackers[tp] = Tracker(position)
            self._committed_offset[tp] = position
        self._positions = {}
        if self.trackers:
            self.app.lease.hold()
            log.info("partitions assigned", partitions=_names(self.trackers))

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._assignments = abs(self._assignments) + 1
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self.release()
        await super().on_partitions_revoked(revoked)

    async def release(self) -> None:
        """Begin no record any more, commit what is done, and give up the assignment."""
        self._assignments = -abs(self._assignments)
        self.stop_flow()
        self.app.flow_control.suspend()
        for tracker in self.trackers.values():
            tracker.close()
        await self.maybe_wait_for_commit_to_finish()
        await self.commit()
        if self.trackers:
            log.info("partitions given up", partitions=_names(self.trackers))
        self.trackers.clear()
        self._positions = {}
        self.app.forget_uncommitted()
        self.app.lease.release()

    async def on_task_error(self, exc: BaseException) -> None:
        crash(exc)

    # commit: Faust's timer and serialisation, our five steps

    async def _commit_tps(self, tps: Iterable[TP], start_new_transaction: bool = True) -> bool:
        began = monotonic()
        try:
            committed = await self.app.commit_steps.run()
        except BaseException as error:
            self.app.stage.suspects.fail_commit(error)
            crash(error)
        self.app.stage.suspects.pass_commit()
        self._committed_offset.update(committed)
        self.committed_at = monotonic()
        if committed:
            self.app.commit_seconds.observe(self.committed_at - began)
        return bool(committed)

    def offsets(self) -> dict[TP, int]:
        """What may be committed and is not yet."""
        return {
            tp: offset
            for tp, tracker in self.trackers.items()
            if (offset := tracker.committable) != self._committed_offset[tp]
        }

    async def commit_offsets(self, offsets: Mapping[TP, int]) -> bool:
        """Whether the group took them."""
        return bool(await self._commit(offsets))

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        return iter(self.trackers)

    # delivery

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                if not self.flow_active:
                    await self.can_resume_flow.wait()
                elif ready := self._ready():
                    async with self._fetching:
                        await self._fetch(ready)
                    await asyncio.sleep(0)
                else:
                    await asyncio.sleep(IDLE)
        except asyncio.CancelledError:
            if not fetcher.should_stop:
                raise
            # told to stop amid a rebalance: the fetcher would crash, to be started again by nobody
        except BaseException as error:
            if not self.app.should_stop:
                crash(ConsumerFailed(repr(error)))

    def _ready(self) -> set[TP]:
        if self.app.outbox.full:
            return set()
        return {tp for tp in self._get_active_partitions() if self._wants(tp)}

    def _wants(self, tp: TP) -> bool:
        if not self.app.topics.acks_enabled_for(tp.topic):
            return bool(self.app.tables.recovery.in_recovery)
        tracker = self.trackers.get(tp)
        return tracker is not None and tracker.in_flight < MAX_IN_FLIGHT and tracker.load < MAX_LOAD

    async def _fetch(self, ready: set[TP]) -> None:
        thread = self._thread
        records = await thread.run(
            thread._fetch_records(thread._ensure_consumer(), ready, timeout=FETCH_WAIT, max_records=MAX_FETCH)
        )
        for key, batch in (records or {}).items():
            tp = ensure_TP(key)
            if not self.flow_active:
                return  # revoked during the fetch; a seek follows
            if (tracker := self.trackers.get(tp)) is not None:
                await self._deliver(tp, tracker, batch)
            elif not self.app.topics.acks_enabled_for(tp.topic):
                self.app.recovery.restore(tp, batch)
        if not records and self.flow_active:
            await self.app.recovery.skip_compacted()

    async def _deliver(self, tp: TP, tracker: Tracker, records: list[Any]) -> None:
        if records[0].offset > tracker.next:
            await self._check_skipped(tp, tracker.next)
        fresh = [record for record in records if tracker.deliver(record.offset)]
        if not fresh or tracker.closed:
            return
        load = sum(len(record.value or b"") for record in fresh)
        tracker.load += load
        for channel in self.app.topics._tp_index[tp]:  # one: a topic has one agent
            channel.queue.force_put_nowait(Batch(tracker=tracker, records=fresh, load=load))

    async def _check_skipped(self, tp: TP, expected: int) -> None:
        """A hole is compaction, or records that were deleted before they were read."""
        start = (await self.earliest_offsets(tp))[tp]
        if start > expected:
            crash(PositionLost(topic=tp.topic, part=tp.partition, position=expected, start=start))

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Nothing: lag and commit age are metrics. Faust's own looks at sensors that are not fed here."""


def _names(tps: Iterable[TP]) -> list[str]:
    return sorted(f"{tp.topic}[{tp.partition}]" for tp in tps)
