"""Faust's consumer with correct offsets: whole batches, proof of membership, commit before revocation.

Faust's own marks delivered records as committed after a rebalance, commits past unfinished ones, and creates
two tasks per record.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Mapping
from time import monotonic
from typing import Any, Protocol, TypeVar, cast

from aiokafka import AIOKafkaConsumer
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from songnodes import logs
from songnodes.errors import ConsumerFailed, PositionLost
from stream_processors.runtime.delivery.offsets import OffsetTracker
from stream_processors.runtime.exit import crash
from stream_processors.runtime.faust.fetch_pace import WAIT_S, FetchPace
from stream_processors.runtime.faust.protocol import RuntimeApp
from stream_processors.runtime.faust.stream import Batch
from stream_processors.runtime.records import RawRecord

log = logs.get(__name__)
T = TypeVar("T")

MAX_FETCH_RECORDS = 2000  # of all partitions
IDLE_SLEEP_S = 0.005  # while no partition accepts records
#: Delivered and not processed, per partition and of all. One batch may exceed them, and a partition with no
#: record in flight takes one. Silver reads many topics: 25,000 records were in memory without a common bound.
MAX_IN_FLIGHT_RECORDS = 1024
MAX_IN_FLIGHT_BYTES = 8 * 1024 * 1024
MAX_ALL_IN_FLIGHT_RECORDS = 4096
MAX_ALL_IN_FLIGHT_BYTES = 16 * 1024 * 1024
NO_GENERATION = -1
#: Between two checks whether a commit is due, and so between two commits of a worker that keeps up.
COMMIT_CHECK_INTERVAL_S = 1.0
#: Input records and the state they read, after which a commit is due: their writes and outputs are in memory,
#: decoded, which takes several times as much. Popular tracks and artists have larger state.
MAX_UNCOMMITTED_BYTES = 8 * 1024 * 1024


class GroupCoordinator(Protocol):
    """The coordinator of aiokafka, which sends heartbeats."""

    generation: int
    _do_heartbeat: Callable[[], Awaitable[bool]]


class Fetcher(Protocol):
    """Faust's fetcher, the service that drains messages."""

    @property
    def should_stop(self) -> bool: ...


class ConsumerThread(driver.AIOKafkaConsumerThread):
    """Renews the lease when the group acknowledges a heartbeat as that of a member."""

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    _send_heartbeat: Callable[[], Awaitable[bool]]

    def _create_worker_consumer(self, transport: driver.Transport) -> AIOKafkaConsumer:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = int(1000 * WAIT_S)
        return consumer

    @property
    def _coordinator(self) -> GroupCoordinator:
        return cast(GroupCoordinator, self._ensure_consumer()._coordinator)

    async def on_start(self) -> None:
        await super().on_start()
        coordinator = self._coordinator
        self._send_heartbeat, coordinator._do_heartbeat = coordinator._do_heartbeat, self.heartbeat

    async def heartbeat(self) -> bool:
        """Send a heartbeat; return True if the group responded that this worker is a member."""
        lease = cast(RuntimeApp, self.app).lease
        sent_at = lease.now()
        is_member = await self._send_heartbeat()
        if is_member:
            lease.renew(sent_at)
        elif self._coordinator.generation == NO_GENERATION:
            lease.expire()
        return is_member

    async def run(self, call: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine in the event loop of this thread, from that of the main thread."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(call, self.thread_loop))


class Consumer(driver.Consumer):
    """Consumer with one tracker per partition and assignment; a seek and a fetch never overlap."""

    mundane_level = "debug"  # of "Starting..." and "Stopping..."

    _thread: ConsumerThread

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.trackers: dict[TP, OffsetTracker] = {}
        self._positions: dict[TP, int] = {}  # start offsets of the next trackers
        self._unread: list[tuple[str, int, int]] = []  # topic, partition, end
        self._assignments = 0  # how many there were; negative while none is valid
        self._fetch_lock = asyncio.Lock()
        self._pace = FetchPace()
        self.committed_at = monotonic()  # time of the last commit, an empty one included

    @property
    def _runtime(self) -> RuntimeApp:
        return cast(RuntimeApp, self.app)

    def _new_consumer_thread(self) -> ConsumerThread:
        return ConsumerThread(self, loop=self.loop, beacon=self.beacon)

    # assignment

    async def perform_seek(self) -> None:
        """Seek to the committed offsets; to the start of the log where there are none."""
        assignment = self._assignments
        async with self._fetch_lock:
            if not await self.is_member():
                return  # revoked during the join: another rebalance follows
            try:
                positions = await self._find_positions()
            except PositionLost as error:
                crash(error)
            await self._thread.seek_wait(positions)
            if assignment == self._assignments > 0:
                self._positions = positions

    async def is_member(self) -> bool:
        """Request the membership of this worker from the group, by a heartbeat."""
        return await self._thread.run(self._thread.heartbeat())

    async def _find_positions(self) -> dict[TP, int]:
        tps = [tp for tp in self.assignment() if self._runtime.topics.acks_enabled_for(tp.topic)]
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
        self._unread = [(*tp, ends[tp]) for tp in tps if positions[tp] < ends[tp]]
        return positions

    async def seek_wait(self, partitions: Mapping[TP, int]) -> None:
        async with self._fetch_lock:
            await super().seek_wait(partitions)

    def resume_flow(self) -> None:
        """End a rebalance or one of its steps. Faust may call this late, during the next rebalance."""
        if self._assignments < 0:
            return  # revoked in the meantime
        super().resume_flow()  # the queues were cleared just before
        self._runtime.recovery.on_flow_resumed()
        if self._positions:
            self._runtime.recovery.verify_complete()
            self._runtime.stage.catch_up.start(self._unread)
        for tp, position in self._positions.items():
            self.trackers[tp] = OffsetTracker(position)
            self._committed_offset[tp] = position
        self._positions = {}
        if self.trackers:
            self._runtime.lease.activate()
            log.info("partitions_assigned", partitions=_partition_names(self.trackers))

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        self._assignments = abs(self._assignments) + 1
        await super().on_partitions_assigned(assigned, generation_id)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        await self.release()
        await super().on_partitions_revoked(revoked)

    async def release(self) -> None:
        """Start no further record, commit the processed ones, and end the assignment."""
        self._assignments = -abs(self._assignments)
        self.stop_flow()
        self._runtime.flow_control.suspend()
        for tracker in self.trackers.values():
            tracker.close()
        await self.maybe_wait_for_commit_to_finish()
        await self.commit()
        if self.trackers:
            log.info("partitions_revoked", partitions=_partition_names(self.trackers))
        self.trackers.clear()
        self._positions = {}
        self._runtime.discard_uncommitted()
        self._runtime.lease.deactivate()

    async def on_task_error(self, exc: BaseException) -> None:
        crash(exc)

    # commit: Faust's timer and serialisation, the five steps of `delivery/commit.py`

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        return self._is_commit_due() and bool(await super().commit(topics, start_new_transaction))

    def _is_commit_due(self) -> bool:
        """Return True when idle, before partitions are revoked, and at the limits of time and bytes.

        While input waits, fewer commits mean fewer outputs and changelog records of the same keys.
        """
        stage = self._runtime.stage
        elapsed_s = monotonic() - self.committed_at
        return (
            self._assignments < 0
            or not self.has_waiting_input
            or elapsed_s > stage.settings.commit_interval - COMMIT_CHECK_INTERVAL_S / 2
            or stage.uncommitted_bytes > MAX_UNCOMMITTED_BYTES
        )

    @property
    def has_waiting_input(self) -> bool:
        """True while records are delivered and not processed."""
        return any(tracker.in_flight for tracker in self.trackers.values())

    async def _commit_tps(self, tps: Iterable[TP], start_new_transaction: bool = True) -> bool:
        began = monotonic()
        suspects = self._runtime.stage.suspects
        try:
            committed = await self._runtime.commit_steps.run()
        except BaseException as error:
            suspects.fail_commit(error)
            crash(error)
        self._committed_offset.update(committed)
        self.committed_at = monotonic()
        if committed:  # Faust also commits before the first record, when it joins the group
            suspects.pass_commit()
            self._runtime.commit_seconds.observe(self.committed_at - began)
        return bool(committed)

    def offsets(self) -> dict[TP, int]:
        """Return the offsets that may be committed and are not committed yet."""
        return {
            tp: offset
            for tp, tracker in self.trackers.items()
            if (offset := tracker.committable) != self._committed_offset[tp]
        }

    async def commit_offsets(self, offsets: Mapping[TP, int]) -> bool:
        """Commit the offsets; return False if the group rejected them."""
        return bool(await self._commit(offsets))

    def _filter_tps_with_pending_acks(self, topics: object = None) -> Iterator[TP]:
        return iter(self.trackers)

    # delivery

    async def _drain_messages(self, fetcher: Fetcher) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                if not self.flow_active:
                    await self.can_resume_flow.wait()
                elif ready := self._ready_partitions():
                    async with self._fetch_lock:
                        has_records = await self._fetch(ready)
                    in_recovery = self._runtime.tables.recovery.in_recovery
                    await asyncio.sleep(self._pace.end(has_records=has_records, is_recovery=in_recovery))
                else:
                    await asyncio.sleep(IDLE_SLEEP_S)
        except asyncio.CancelledError:
            if not fetcher.should_stop:
                raise
            # stopped during a rebalance: raising would end the fetcher, and nothing would start it again
        except BaseException as error:
            if not self._runtime.should_stop:
                crash(ConsumerFailed(repr(error)))

    def _ready_partitions(self) -> set[TP]:
        if self._runtime.record_producer.is_full:
            return set()
        is_full = (
            sum(tracker.in_flight for tracker in self.trackers.values()) >= MAX_ALL_IN_FLIGHT_RECORDS
            or sum(tracker.pending_bytes for tracker in self.trackers.values()) >= MAX_ALL_IN_FLIGHT_BYTES
        )
        return {tp for tp in self._get_active_partitions() if self._accepts_records(tp, is_full)}

    def _accepts_records(self, tp: TP, is_full: bool) -> bool:
        if not self._runtime.topics.acks_enabled_for(tp.topic):
            return self._runtime.tables.recovery.in_recovery
        tracker = self.trackers.get(tp)
        return (
            tracker is not None
            and tracker.in_flight < (1 if is_full else MAX_IN_FLIGHT_RECORDS)
            and tracker.pending_bytes < MAX_IN_FLIGHT_BYTES
        )

    async def _fetch(self, partitions: set[TP]) -> bool:
        """Fetch and deliver records; return True if there were some."""
        thread, wait_s = self._thread, self._pace.begin()
        consumer = thread._ensure_consumer()
        consumer._fetcher._fetch_max_wait_ms = int(1000 * wait_s)  # of the next request to the broker
        records_by_partition = await thread.run(
            thread._fetch_records(consumer, partitions, timeout=wait_s, max_records=MAX_FETCH_RECORDS)
        )
        for key, records in (records_by_partition or {}).items():
            tp = ensure_TP(key)
            if not self.flow_active:
                return False  # revoked during the fetch; a seek follows
            if (tracker := self.trackers.get(tp)) is not None:
                await self._deliver(tp, tracker, records)
            elif not self._runtime.topics.acks_enabled_for(tp.topic):
                self._runtime.recovery.restore(tp, records)
        if not records_by_partition and self.flow_active:
            await self._runtime.recovery.skip_compacted()
        return bool(records_by_partition)

    async def _deliver(self, tp: TP, tracker: OffsetTracker, records: list[RawRecord]) -> None:
        if records[0].offset > tracker.next_offset:
            await self._check_gap(tp, tracker.next_offset)
        delivered = [record for record in records if tracker.deliver(record.offset)]
        if not delivered or tracker.is_closed:
            return
        size_bytes = sum(len(record.value or b"") for record in delivered)
        tracker.pending_bytes += size_bytes
        batch = Batch(tracker=tracker, records=delivered, size_bytes=size_bytes)
        for channel in self._runtime.topics._tp_index[tp]:  # one: a topic has one agent
            channel.queue.force_put_nowait(batch)

    async def _check_gap(self, tp: TP, expected_offset: int) -> None:
        """End the process if records were deleted before they were read; a gap of compaction is normal."""
        start = (await self.earliest_offsets(tp))[tp]
        if start > expected_offset:
            crash(PositionLost(topic=tp.topic, part=tp.partition, position=expected_offset, start=start))

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Do nothing: lag and commit age are metrics. Faust's own reads sensors that are not fed here."""


def _partition_names(tps: Iterable[TP]) -> list[str]:
    return sorted(f"{tp.topic}[{tp.partition}]" for tp in tps)
