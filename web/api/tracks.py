"""One track: values, what to play next, harmonic partners, supporters, lineage, transitions."""

from datetime import date, datetime
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, HTTPException, Path, Query, Request
from starlette.responses import RedirectResponse, Response

from queries import database
from queries.commands import named_genre
from queries.harmony import partners
from web.api import models
from web.api.answers import Cursor, Limit, Rows, entry_answer, list_answer
from web.api.cursors import Key, Place
from web.api.declared import declared

router = APIRouter(prefix="/tracks", tags=["tracks"])

TrackId = Annotated[str, Path(max_length=200, description="An id; that of a merged track is redirected")]
Genre = Annotated[str | None, Query(max_length=200, description="A genre, in any case")]


BY_SCORE: Key = {"score": float, "track_id": str}
#: A row of a track: its set, its place there, and the version of its page.
OF_LINEAGE: Key = {
    "set_date": date,
    "playlist_id": str,
    "position": int,
    "row_index": int,
    "superseded": bool,
    "scraped_at": datetime,
    "bronze_id": str,
}
#: A computed ranking of the nearest tracks: farther ones are no answer to the question.
MAX_HARMONIC = 1000


class Merged(Exception):
    """A track has the counts of another one; the argument is the id of that"""


class WantedTrack:
    """The track of a request, looked up by the statement that reads the time of the last refresh."""

    def __init__(self, track_id: str) -> None:
        self._wanted = track_id
        self._canonical: str | None = None

    async def begin(self, connection: asyncpg.Connection) -> datetime | None:
        """Look the track up; return the time of the last refresh."""
        row = await database.row(connection, "api", "refreshed_at_of_track", self._wanted)
        if row is None:
            return None
        self._canonical = row["track_id"]
        refreshed_at: datetime | None = row["refreshed_at"]
        return refreshed_at

    @property
    def track_id(self) -> str:
        """The id. Raises Merged for one that was merged, HTTPException 404 for one that does not exist."""
        if self._canonical is None:
            raise HTTPException(404, "There is no track with this id.")
        if self._canonical != self._wanted:
            raise Merged(self._canonical)
        return self._wanted


async def _list(
    request: Request, track_id: str, limit: int, cursor: str | None, read: Any, key: Key, **kinds: Any
) -> Response:
    wanted = WantedTrack(track_id)

    async def ask(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        rows: Rows = await read(connection, wanted.track_id, after.key, most)
        return rows

    return await list_answer(request, ask, key=key, limit=limit, cursor=cursor, begin=wanted.begin, **kinds)


@router.get("/{track_id}", **declared(models.Entry[models.Track], 308, 404))
async def track(request: Request, track_id: TrackId) -> Response:
    """Return a track."""

    wanted = WantedTrack(track_id)

    async def read(connection: asyncpg.Connection) -> database.Row:
        row = await database.row(connection, "tracks", "track", wanted.track_id)
        if row is None:
            raise HTTPException(404, "There is no track with this id.")
        return row

    return await entry_answer(request, read, begin=wanted.begin)


@router.get("/{track_id}/next", **declared(models.Page[models.NextTrack], 308, 404, m3u8=True))
async def following(
    request: Request, track_id: TrackId, genre: Genre = None, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Return what to play after a track, best first: what DJs played next or with it, and what fits."""

    async def read(connection: asyncpg.Connection, own_id: str, after: Any, most: int) -> Rows:
        named = await named_genre(connection, genre)
        return await database.rows(connection, "api", "next", own_id, most, named, *after)

    return await _list(request, track_id, limit, cursor, read, BY_SCORE, tracks=True)


@router.get("/{track_id}/harmonic", **declared(models.Page[models.HarmonicTrack], 308, 404, m3u8=True))
async def harmonic(
    request: Request, track_id: TrackId, genre: Genre = None, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Return the tracks that mix with a track by key and tempo, best first, at most 1,000."""

    async def read(connection: asyncpg.Connection, own_id: str, after: Any, most: int) -> Rows:
        return await partners(connection, own_id, await named_genre(connection, genre), most, after)

    return await _list(request, track_id, limit, cursor, read, BY_SCORE, tracks=True, most=MAX_HARMONIC)


@router.get("/{track_id}/supporters", **declared(models.Page[models.Supporter], 308, 404))
async def supporters(
    request: Request, track_id: TrackId, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Return the DJs who play a track, in the order of their first play."""

    async def read(connection: asyncpg.Connection, own_id: str, after: Any, most: int) -> Rows:
        return await database.rows(connection, "api", "supporters", own_id, most, *after)

    key = {"first_date": date, "playlist_id": str, "dj_id": str}
    return await _list(request, track_id, limit, cursor, read, key)


@router.get("/{track_id}/lineage", **declared(models.Page[models.LineageRow], 308, 404))
async def lineage(request: Request, track_id: TrackId, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Return the rows that the counts of a track come from, down to the page and its SHA-256."""

    async def read(connection: asyncpg.Connection, own_id: str, after: Any, most: int) -> Rows:
        return await database.rows(connection, "api", "lineage", own_id, most, *after)

    return await _list(request, track_id, limit, cursor, read, OF_LINEAGE)


@router.get("/{track_id}/transitions", **declared(models.Page[models.TransitionRow], 308, 404, m3u8=True))
async def transitions(
    request: Request, track_id: TrackId, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Return the tracks that DJs played next or at the same time, with their counts."""

    async def read(connection: asyncpg.Connection, own_id: str, after: Any, most: int) -> Rows:
        return await database.rows(connection, "api", "transitions", own_id, most, *after)

    key = {"dj_count": int, "set_count": int, "track_id": str, "kind": str}
    return await _list(request, track_id, limit, cursor, read, key, tracks=True)


def moved(request: Request, error: Merged) -> Response:
    """Return the redirect to the track that has the counts."""
    parts = request.scope["songnodes.path"].split("/")
    form = request.scope.get("songnodes.form")
    place = parts.index("tracks") + 1
    suffix = f".{form}" if form and place == len(parts) - 1 else ""
    path = "/".join((*parts[:place], error.args[0] + suffix, *parts[place + 1 :]))
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(path + query, status_code=308)
