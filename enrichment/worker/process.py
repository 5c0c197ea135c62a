"""`songnodes run enrich`: work on requests for enrichment until a signal arrives."""

import asyncio
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import datetime, timedelta
from typing import Any

import uvloop

from enrichment.gateway.archive import TOPIC, KafkaArchive
from enrichment.gateway.opening import configured_terms, opened_archive, opened_gateway, terms_of
from enrichment.plan import question_of, worth
from enrichment.providers import ALL
from enrichment.waterfall import configured_waterfall
from enrichment.withdrawal import Withdrawal
from enrichment.worker.archived import ArchivedAnswers, connect
from enrichment.worker.batches import Batches
from enrichment.worker.intake import (
    ARTIST_REQUESTS,
    DELAYS,
    REQUESTS,
    Ended,
    Intake,
    Requested,
    retry_topic,
)
from enrichment.worker.log_tail import records_after
from enrichment.worker.rechecks import Rechecks
from enrichment.worker.schedule import Schedule
from enrichment.worker.spare_budgets import opened_budgets
from enrichment.worker.tasks import raise_first
from enrichment.worker.track import TrackWorker
from enrichment.worker.track_locks import TrackLocks
from enrichment.worker.unprocessable import DeadLetters, poison_of
from songnodes import gc_tuning, logs, metrics
from songnodes.clock import Clock, SystemClock
from songnodes.domain.enrichments import subject_of
from songnodes.domain.waterfall import DEFAULT
from songnodes.errors import UserError
from songnodes.messaging import topics
from songnodes.messaging.codec import Codec
from songnodes.process import shell
from songnodes.process.retries import is_transient
from songnodes.process.shell import Retries
from songnodes.settings import Settings

#: Tracks under way from one topic: those that wait for a slow provider do not keep others out.
MAX_TRACKS = 5000
#: A call in the gateway waits at most so long for its start: those under way of five operations that share
#: one start per second need 320 s.
MAX_WAIT_S = 600.0
FETCH_TIMEOUT_S = 0.5
FULL_PAUSE_S = 0.05
#: Between two looks at a retry topic whose next record is not due.
DUE_POLL_S = 1.0
#: A stopped worker finishes calls that are under way for so long; the others are repeated by the next one.
STOP_TIMEOUT_S = 5.0
RETENTION_INTERVAL_S = 3600.0

RETRIES = Retries(event="enrichment_interrupted", applies=is_transient, first_pause_s=1.0)

log = logs.get(__name__)


class NoProviderConfigured(UserError):
    """No provider of music data is on"""

    remedy = "`songnodes providers` shows why each is off"


def run_forever(settings: Settings) -> None:
    """Work until SIGTERM or SIGINT."""
    if not configured_terms(settings):
        raise NoProviderConfigured
    gc_tuning.tune()
    shell.run_async(
        settings, lambda: work(settings, SystemClock()), RETRIES, loop_factory=uvloop.new_event_loop
    )


async def work(settings: Settings, clock: Clock) -> None:
    """Work on all topics of requests. Raises the first error of any of them."""
    terms, waterfall = configured_terms(settings), configured_waterfall(settings)
    off = {
        name: reason
        for name, provider in ALL.items()
        if (reason := provider.configured(settings)) is not None
    }
    async with AsyncExitStack() as opened:
        codec = opened.enter_context(Codec.opened(settings))
        connection = await connect(settings)
        opened.push_async_callback(connection.close)
        archive = await opened.enter_async_context(opened_archive(settings))
        archived = ArchivedAnswers(connection, ALL, topics.physical(TOPIC, settings))
        noting = NotingArchive(archive, archived)
        gateway = await opened.enter_async_context(
            opened_gateway(settings, terms, noting, max_wait_s=MAX_WAIT_S)
        )
        budgets = await opened.enter_async_context(opened_budgets(settings, terms))
        tracks = TrackWorker(Batches(gateway, ALL), ALL, waterfall, lambda: off, clock, budgets=budgets)
        worker = Worker(settings, codec, archive, archived, tracks, clock)
        withdrawal = Withdrawal(archived, archive, gateway.cache)
        await _together(
            [
                *(worker.run(topic) for topic in (REQUESTS, ARTIST_REQUESTS, *DELAYS)),
                worker.rechecks.run(),
                _enforce_retention(withdrawal, settings, clock),
            ]
        )


async def _enforce_retention(withdrawal: Withdrawal, settings: Settings, clock: Clock) -> None:
    """Withdraw expired answers every hour, those of providers that were switched off included."""
    terms = {name: terms_of(provider, settings) for name, provider in ALL.items()}
    while True:
        for name, count in (await withdrawal.enforce_retention(terms, clock.now())).items():
            metrics.EXPIRED.labels(name).inc(count)
        await asyncio.sleep(RETENTION_INTERVAL_S)


async def _together(coroutines: Sequence[Any]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for coroutine in coroutines:
                group.create_task(coroutine)
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


class NotingArchive:
    """An archive whose records are known to the worker before a sink has stored them."""

    def __init__(self, archive: KafkaArchive, archived: ArchivedAnswers) -> None:
        self._archive = archive
        self._archived = archived

    async def write(self, records: Sequence[Mapping[str, Any]]) -> None:
        """Write and note the records. Raises NotAcknowledged."""
        places = await self._archive.write(records)
        for place, record in zip(places, records, strict=True):
            self._archived.note(place, record)


class Worker:
    """Works on topics of requests, many tracks at a time."""

    def __init__(
        self,
        settings: Settings,
        codec: Codec,
        archive: KafkaArchive,
        archived: ArchivedAnswers,
        tracks: TrackWorker,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._codec = codec
        self._archive = archive
        self._archived = archived
        self._tracks = tracks
        self._clock = clock
        self._dead_letters = DeadLetters(settings)
        self._locks = TrackLocks()
        self._fields = frozenset(DEFAULT.fields)
        self.rechecks = Rechecks(
            Schedule(archived), codec, archived, tracks, self._locks, clock, self._fields
        )

    async def run(self, topic: str) -> None:
        """Work on one topic until cancelled."""
        stop = threading.Event()
        intake = await asyncio.to_thread(Intake, self._settings, self._codec, topic, stop, self._dead_letters)
        under_way: set[asyncio.Task[None]] = set()
        try:
            await self._work(intake, topic, under_way)
        finally:
            stop.set()
            await self._stop(intake, under_way)

    async def _work(self, intake: Intake, topic: str, under_way: set[asyncio.Task[None]]) -> None:
        generation = 0
        while True:
            raise_first(under_way)
            metrics.ENRICHING.labels(topic).set(len(under_way))
            if len(under_way) >= MAX_TRACKS:
                await asyncio.to_thread(intake.keep_alive)
                await asyncio.sleep(FULL_PAUSE_S)
                continue
            requests = await _in_thread(intake.fetch, FETCH_TIMEOUT_S)
            if intake.generation != generation:
                generation = intake.generation
                await self._read_log_tail(intake.partitions)
                self.rechecks.owned[topic] = intake.partitions
            for requested in in_order(requests, self._clock.now(), self._fields):
                await self._wait_until_due(intake, requested, under_way)
                under_way.add(asyncio.create_task(self._enrich(intake, requested, wait=topic in DELAYS)))
            for ended in intake.take_ended():
                under_way.add(asyncio.create_task(self._end(intake, ended)))
            intake.commit()

    async def _wait_until_due(
        self, intake: Intake, requested: Requested, under_way: set[asyncio.Task[None]]
    ) -> None:
        while (left := (requested.due - self._clock.now()).total_seconds()) > 0:
            await asyncio.sleep(min(left, DUE_POLL_S))
            await asyncio.to_thread(intake.keep_alive)
            raise_first(under_way)
            intake.commit()

    async def _enrich(self, intake: Intake, requested: Requested, *, wait: bool) -> None:
        """Process a request; one that fails whenever it is repeated becomes a dead letter."""
        try:
            await self._process(intake, requested, wait=wait)
        except Exception as error:
            poison = poison_of(error)
            if poison is None or requested.message is None:
                raise
            await asyncio.to_thread(self._dead_letters.send, requested.message, poison)
        else:
            self._dead_letters.count_processed()
        intake.finish(requested)

    async def _end(self, intake: Intake, ended: Ended) -> None:
        """Drop the recheck of a track or artist that has no request any more."""
        async with self._locks.hold(ended.subject):  # after its earlier requests
            await self.rechecks.forget(ended.subject)
        intake.finish(ended)

    async def _process(self, intake: Intake, requested: Requested, *, wait: bool) -> None:
        request = requested.request
        subject = subject_of(request["track_id"], request["artist_id"])
        async with self._locks.hold(subject):  # a later request finds the answers of this one
            archive = await self._archived.of_subject(subject)
            track = question_of(request, self._fields)
            finished = await self._tracks.enrich(track, archive, wait=wait)
            await self.rechecks.note(request, requested.partition.number, finished.recheck_at)
        if finished.retry_at is not None and intake.is_current(requested):
            delay = max(finished.retry_at - self._clock.now(), timedelta())
            key = request["artist_id"] or request["track_id"]  # the partition of its answers
            await self._archive.send(retry_topic(delay), key, request)
        ending = "postponed" if finished.retry_at else ("answered" if finished.answers else "unchanged")
        metrics.ENRICHED.labels(ending).inc()

    async def _read_log_tail(self, partitions: frozenset[int]) -> None:
        """Note the records of these partitions that the sink has not stored."""
        positions = await self._archived.positions()
        records = await asyncio.to_thread(
            lambda: list(records_after(self._settings, self._codec, positions, partitions))
        )
        for place, track_id, attempt_id, record in records:
            if record is None:
                self._archived.forget(track_id, attempt_id)
            else:
                self._archived.note(place, record)
        log.info("enrichment_assigned", partitions=sorted(partitions), archived=len(records))

    async def _stop(self, intake: Intake, under_way: set[asyncio.Task[None]]) -> None:
        """Finish what is under way, or leave it to the next process; then leave the group."""
        if under_way:
            _, left = await asyncio.wait(under_way, timeout=STOP_TIMEOUT_S)
            for task in left:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
        intake.commit()
        await asyncio.to_thread(intake.close)


def in_order(requests: Iterable[Requested], now: datetime, fields: frozenset[str]) -> list[Requested]:
    """Return the requests that are due by worth, the highest first, then the others by their time."""

    def rank(requested: Requested) -> tuple[datetime, float]:
        return max(requested.due, now), -worth(question_of(requested.request, fields), now.date())

    return sorted(requests, key=rank)


async def _in_thread(fetch: Any, timeout_s: float) -> list[Requested]:
    """Return the result of a fetch; a cancellation waits for its end, the consumer is for one thread."""
    task = asyncio.ensure_future(asyncio.to_thread(fetch, timeout_s))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        with suppress(Exception):
            await task
        raise
