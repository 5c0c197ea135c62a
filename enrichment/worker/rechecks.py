"""Rechecks: tracks and artists whose calls are sent again by the schedule, without a request from Kafka."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from enrichment.plan import question_of, worth
from enrichment.worker.archived import ArchivedAnswers
from enrichment.worker.intake import ARTIST_REQUESTS, REQUESTS
from enrichment.worker.schedule import Recheck, Schedule, Scheduled
from enrichment.worker.tasks import raise_first
from enrichment.worker.track import Finished, TrackWorker
from enrichment.worker.track_locks import TrackLocks
from enrichment.worker.unprocessable import poison_of
from songnodes import logs, metrics
from songnodes.clock import Clock
from songnodes.domain.answers import WITH_VALUES
from songnodes.domain.enrichments import subject_of
from songnodes.domain.records import EnrichmentRequest
from songnodes.errors import Poison
from songnodes.messaging.codec import Codec

#: Tracks and artists under way. A few keep a provider of one call a second busy, and more would only wait.
MAX_UNDER_WAY = 200
POLL_INTERVAL_S = 5.0
COUNT_INTERVAL_S = 60.0
#: After an unforeseen error.
POSTPONED_FOR = timedelta(days=1)

log = logs.get(__name__)


class Rechecks:
    """Looks up what is due in the partitions that this process reads.

    The worker sets `owned`: the partitions by topic of requests whose archive it knows.
    """

    def __init__(
        self,
        schedule: Schedule,
        codec: Codec,
        archived: ArchivedAnswers,
        tracks: TrackWorker,
        locks: TrackLocks,
        clock: Clock,
        fields: frozenset[str],
    ) -> None:
        self.owned: dict[str, frozenset[int]] = {}
        self._schedule = schedule
        self._codec = codec
        self._archived = archived
        self._tracks = tracks
        self._locks = locks
        self._clock = clock
        self._fields = fields
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._count_at = self._clock.now()

    async def note(self, request: EnrichmentRequest, part: int, due: datetime | None) -> None:
        """Store when a request is looked up again; delete what is stored for it if `due` is None."""
        subject = subject_of(request["track_id"], request["artist_id"])
        if due is None:
            await self._schedule.put(subject, None)
            return
        recheck = Recheck(subject=subject, part=part, request=self._codec.encode(REQUESTS, request))
        value = worth(question_of(request, self._fields), due.date())
        scheduled = Scheduled(recheck=recheck, due=due, worth=value, requested_at=request["observed_at"])
        await self._schedule.put(subject, scheduled)

    async def forget(self, subject: str) -> None:
        """Delete the recheck of a subject that has no request any more."""
        await self._schedule.put(subject, None)

    async def run(self) -> None:
        """Look up what is due until cancelled."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            while True:
                raise_first(tasks)
                for topic, is_artist in ((REQUESTS, False), (ARTIST_REQUESTS, True)):
                    if parts := self.owned.get(topic):
                        tasks.update(await self._begin(parts, is_artist=is_artist))
                await self._count()
                await asyncio.sleep(POLL_INTERVAL_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _begin(self, parts: frozenset[int], *, is_artist: bool) -> list[asyncio.Task[None]]:
        """Begin the worthiest rechecks that are due, up to the limit of those under way."""
        room = MAX_UNDER_WAY - len(self._under_way)
        if room <= 0:
            return []
        # Those under way are due, too.
        due = await self._schedule.due(parts, self._clock.now(), MAX_UNDER_WAY, is_artist=is_artist)
        new = [recheck for recheck in due if recheck.subject not in self._under_way][:room]
        for recheck in new:
            task = asyncio.create_task(self._recheck(recheck))
            self._under_way[recheck.subject] = task
            task.add_done_callback(partial(self._ended, recheck.subject))
        return [self._under_way[recheck.subject] for recheck in new]

    def _ended(self, subject: str, _: asyncio.Task[None]) -> None:
        del self._under_way[subject]

    async def _recheck(self, recheck: Recheck) -> None:
        """Look a track or artist up again; one whose look-up fails unforeseen waits for a day."""
        async with self._locks.hold(recheck.subject):
            if not await self._schedule.is_due(recheck, self._clock.now()):
                return  # another request was finished meanwhile
            try:
                request = cast(EnrichmentRequest, self._codec.decode(REQUESTS, recheck.request))
            except Poison as poison:
                log.error("recheck_unreadable", subject=recheck.subject, error=str(poison))
                await self._schedule.put(recheck.subject, None)
                return
            try:
                await self._look_up(request, recheck)
            except Exception as error:
                if poison_of(error) is None:
                    raise
                log.error("recheck_failed", subject=recheck.subject, error=str(error))
                await self.note(request, recheck.part, self._clock.now() + POSTPONED_FOR)

    async def _look_up(self, request: EnrichmentRequest, recheck: Recheck) -> None:
        archive = await self._archived.of_subject(recheck.subject)
        entries_before = len(archive.entries)
        question = question_of(request, self._fields)
        finished = await self._tracks.enrich(question, archive, wait=False, is_recheck=True)
        await self.note(request, recheck.part, next_time(finished))
        has_values = any(entry["status"] in WITH_VALUES for entry in archive.entries[entries_before:])
        ending = "found" if has_values else ("missed" if finished.answers else "postponed")
        metrics.RECHECKS.labels(ending).inc()

    async def _count(self) -> None:
        now = self._clock.now()
        if now < self._count_at:
            return
        self._count_at = now + timedelta(seconds=COUNT_INTERVAL_S)
        kinds: Mapping[str, str] = {REQUESTS: "tracks", ARTIST_REQUESTS: "artists"}
        for topic, kind in kinds.items():
            parts = self.owned.get(topic, frozenset())
            count = await self._schedule.count_due(parts, now, is_artist=topic == ARTIST_REQUESTS)
            metrics.RECHECKS_DUE.labels(kind).set(count)


def next_time(finished: Finished) -> datetime | None:
    """Return when a recheck continues: its failed calls are in no retry topic."""
    times = [time for time in (finished.recheck_at, finished.retry_at) if time is not None]
    return min(times, default=None)
