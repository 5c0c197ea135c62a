"""Archive of tracks and artists as a worker reads it: rows in PostgreSQL, and newer records of the log.

After a start the newer records are the end of the log, which no sink has stored yet, from the position of the
sink; later the answers of this process. So nothing that is archived is asked again, whatever ended the
process before. A record that the sink has passed is read from its row only: without one it was withdrawn.
"""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import asyncpg
import zstandard

from enrichment.answers import call_of, evaluate
from enrichment.gateway.archive import Place
from enrichment.types import Provider
from enrichment.worker.track import SubjectArchive
from songnodes import logs, sql
from songnodes.domain.enrichments import artist_of, subject_of
from songnodes.domain.records import Attempt
from songnodes.settings import Settings

TIMEOUT_S = 30.0
CONNECT_TIMEOUT_S = 10.0
#: Tracks and artists whose newest answers are kept in memory until a sink has surely stored them.
MAX_RECENT_SUBJECTS = 50_000
MAX_SUBJECTS_PER_QUERY = 500

#: The name of the sink whose positions count.
SINK = "bronze.enrichments"

RecentAttempts = dict[str, tuple[Place, Mapping[str, Any]]]

log = logs.get(__name__)


class ArchivedAnswers:
    """Archives by subject, a track or artist (`enrichments.subject_of`).

    Lookups of the same moment are one query. `topic` is the archive's in Kafka.
    """

    def __init__(self, connection: asyncpg.Connection, providers: Mapping[str, Provider], topic: str) -> None:
        self._connection = connection
        self._providers = providers
        self._topic = topic
        self._recent: OrderedDict[str, RecentAttempts] = OrderedDict()
        self._waiting: dict[str, list[asyncio.Future[list[Mapping[str, Any]]]]] = {}
        self._reading: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()  # a connection has one query at a time

    def note(self, place: Place, record: Mapping[str, Any]) -> None:
        """Keep a record that a sink may not have stored yet."""
        subject = subject_of(record["track_id"], record["artist_id"])
        attempts = self._recent.setdefault(subject, {})
        attempts[record["attempt_id"]] = (place, record)
        self._recent.move_to_end(subject)
        while len(self._recent) > MAX_RECENT_SUBJECTS:
            self._recent.popitem(last=False)

    def forget(self, subject: str, attempt_id: str) -> None:
        """Drop a record that was withdrawn."""
        self._recent.get(subject, {}).pop(attempt_id, None)

    async def of_subject(self, subject: str) -> SubjectArchive:
        """Return the archive of a track or artist. Raises what PostgreSQL's client raises."""
        attempts = {row["attempt_id"]: row for row in await self._rows(subject)}
        attempts |= {attempt_id: record for attempt_id, (_, record) in self._recent.get(subject, {}).items()}
        archive = SubjectArchive()
        for attempt in attempts.values():
            record = cast(Attempt, attempt)
            archive.entries.append(evaluate(record, self._providers))
            key = record["request_id"], call_of(record).key
            archive.attempts[key] = max(archive.attempts.get(key, 0), record["attempt"])
        return archive

    async def positions(self) -> dict[int, int]:
        """Return the next offset of the sink by partition. Raises what PostgreSQL's client raises."""
        rows = await self.fetch(sql.query("enrichment", "archive", "positions"), SINK, self._topic)
        return {row["part"]: row["next_offset"] for row in rows}

    async def fetch(self, statement: str, *arguments: object) -> Sequence[Mapping[str, Any]]:
        """Return the rows of a statement. Raises what PostgreSQL's client raises."""
        async with self._lock:
            rows: Sequence[Mapping[str, Any]] = await self._connection.fetch(
                statement, *arguments, timeout=TIMEOUT_S
            )
        return rows

    async def _rows(self, subject: str) -> list[Mapping[str, Any]]:
        future: asyncio.Future[list[Mapping[str, Any]]] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(subject, []).append(future)
        if self._reading is None:
            self._reading = asyncio.create_task(self._read())
        return await future

    async def _read(self) -> None:
        """Answer the lookups that wait, until none does; one query at a time on the connection."""
        try:
            while self._waiting:
                await asyncio.sleep(0)  # lookups of the same moment
                subjects = list(self._waiting)[:MAX_SUBJECTS_PER_QUERY]
                waiting = {subject: self._waiting.pop(subject) for subject in subjects}
                try:
                    await self._forget_stored(subjects)
                    by_subject: dict[str, list[Mapping[str, Any]]] = {subject: [] for subject in subjects}
                    for row in await self._rows_of(subjects):
                        by_subject[subject_of(row["track_id"], row["artist_id"])] += _attempts_of(row)
                except Exception as error:
                    _fail(waiting.values(), error)
                    continue
                for subject, futures in waiting.items():
                    for future in futures:
                        if not future.done():
                            future.set_result(by_subject[subject])
        finally:
            self._reading = None

    async def _rows_of(self, subjects: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        artists = [artist_id for subject in subjects if (artist_id := artist_of(subject)) is not None]
        tracks = [subject for subject in subjects if artist_of(subject) is None]
        return await self.fetch(sql.query("enrichment", "archive", "of_subjects"), tracks, artists)

    async def _forget_stored(self, subjects: Sequence[str]) -> None:
        """Drop the records that the sink has passed, before the rows are read."""
        recent = [self._recent[subject] for subject in subjects if subject in self._recent]
        if not recent:
            return
        positions = await self.positions()
        for attempts in recent:
            for attempt_id, (place, _) in list(attempts.items()):
                if place.offset < positions.get(place.part, 0):
                    del attempts[attempt_id]
        for subject in subjects:
            if not self._recent.get(subject, True):
                del self._recent[subject]


def attempt_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the record of a row, as far as the plan needs it."""
    return {
        **row,
        "event_id": row["attempt_id"],
        "parameters": json.loads(row["parameters"]),
        "claim": json.loads(row["claim"]) if row["claim"] else None,
        "body": zstandard.decompress(row["body"]) if row["body"] else None,
    }


def _attempts_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the record of a row in a list; none for a damaged row, whose call is sent again."""
    try:
        return [attempt_of(row)]
    except (ValueError, zstandard.ZstdError) as error:
        log.error("archived_answer_unreadable", attempt_id=row["attempt_id"], error=str(error))
        return []


async def connect(settings: Settings) -> asyncpg.Connection:
    """Open a connection to PostgreSQL."""
    return await asyncpg.connect(
        settings.require("database_url").database_url,
        timeout=CONNECT_TIMEOUT_S,
        server_settings={"application_name": "songnodes-enrich", "jit": "off"},
    )


def _fail(waiting: Iterable[list[asyncio.Future[list[Mapping[str, Any]]]]], error: Exception) -> None:
    for futures in waiting:
        for future in futures:
            if not future.done():
                future.set_exception(error)
