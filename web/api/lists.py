"""Lists over all of gold: top, trending, genres, unreleased, events, search, coverage; health."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query, Request
from pydantic import BeforeValidator
from starlette.responses import Response

from queries import database, output
from queries.commands import named_genre
from queries.search import KINDS, MAX_LIMIT, Kind, search
from web.api import models
from web.api.answers import Cursor, Limit, Rows, entry_answer, list_answer
from web.api.cursors import Key, Place, rows_after
from web.api.declared import declared
from web.api.tracks import Genre

router = APIRouter(tags=["lists"])

OF_UNRELEASED: Key = {
    "dj_count": int,
    "set_count": int,
    "last_date": date,
    "before_track_id": str,
    "after_track_id": str,
    "name_hash": str,
}


def _written_as_day(value: object) -> object:
    """Refuse numbers, which pydantic would take as seconds since 1970."""
    if isinstance(value, str) and value.isdigit():
        raise ValueError("a day is written as YYYY-MM-DD")
    return value


Day = Annotated[date | None, BeforeValidator(_written_as_day)]


async def _of_genre(
    connection: asyncpg.Connection, name: str, genre: str | None, *arguments: Any
) -> list[dict[str, Any]]:
    """Return the rows of a statement, of a primary genre if one is given. Raises UnknownGenre."""
    named = await named_genre(connection, genre)
    if named is None:
        return await database.rows(connection, "api", name, *arguments)
    return await database.rows(connection, "api", f"{name}_of_genre", *arguments, named)


@router.get("/top", **declared(models.Page[models.RankedTrack], 404, m3u8=True))
async def top(request: Request, genre: Genre = None, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Return the most supported tracks: by distinct DJs, then sets; of one primary genre if given."""

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        return await _of_genre(connection, "top", genre, most, *after.key)

    key = {"rank": int, "track_id": str, "dj_support": int, "playlist_appearances": int}
    return await list_answer(request, read, key=key, limit=limit, cursor=cursor, tracks=True)


@router.get("/trending", **declared(models.Page[models.TrendingTrack], 404, m3u8=True))
async def trending(
    request: Request, genre: Genre = None, limit: Limit = 20, cursor: Cursor = None
) -> Response:
    """Return the tracks that rise, with their support in each of the last 12 weeks."""

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        rows = await _of_genre(connection, "trending", genre, most, *after.key, after.seen)
        today = datetime.now(UTC).date()
        for row in rows:
            days, weights = row.pop("support_dates"), row.pop("support_weights")
            row["weekly_support"] = output.weekly_support(days, weights, today)
        return rows

    key = {"trending_score": float, "track_id": str}
    return await list_answer(request, read, key=key, limit=limit, cursor=cursor, tracks=True)


@router.get("/genres", **declared(models.Page[models.Genre]))
async def genres(request: Request, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """Return the primary genres with the number of their tracks, the most first."""

    key = {"genre": str}

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        return rows_after(await database.rows(connection, "tracks", "genres"), key, after)

    return await list_answer(request, read, key=key, limit=limit, cursor=cursor, kept_as="genres")


@router.get("/unreleased", **declared(models.Page[models.Unreleased]))
async def unreleased(request: Request, limit: Limit = 20, cursor: Cursor = None) -> Response:
    """Return unidentified tracks that several DJs played between the same two tracks."""

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        return await database.rows(connection, "api", "unreleased", most, *after.key)

    return await list_answer(
        request, read, key=OF_UNRELEASED, limit=limit, cursor=cursor, kept_as="unreleased"
    )


@router.get("/events", **declared(models.Page[models.Event]))
async def events(
    request: Request,
    first: Annotated[Day, Query(alias="from", description="First day")] = None,
    last: Annotated[Day, Query(alias="to", description="Last day")] = None,
    country: Annotated[str | None, Query(max_length=100)] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> Response:
    """Return events, the newest first."""

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        return await database.rows(connection, "api", "events", most, first, last, country, *after.key)

    key = {"event_date": date, "event_id": str}
    return await list_answer(request, read, key=key, limit=limit, cursor=cursor)


@router.get("/search", **declared(models.Page[models.SearchHit]))
async def find(
    request: Request,
    q: Annotated[str, Query(min_length=1, max_length=200, description="Words of a name")],
    kind: Annotated[list[Kind] | None, Query(max_length=len(KINDS), description="Default: all")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 20,
) -> Response:
    """Return tracks, artists, sets and labels by name; misspelled ones are found too."""

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        hits = await search(connection, q, kinds=tuple(kind or KINDS), limit=limit)
        return [hit.as_dict() for hit in hits]

    return await list_answer(request, read, key={}, limit=limit, cursor=None)


@router.get("/coverage", **declared(models.Page[models.Coverage]))
async def coverage(request: Request, limit: Limit = 1000, cursor: Cursor = None) -> Response:
    """Return the share of tracks with each value, by provider."""

    key = {"field": str, "provider": str}

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        return rows_after(await database.rows(connection, "api", "coverage"), key, after)

    return await list_answer(request, read, key=key, limit=limit, cursor=cursor, kept_as="coverage")


@router.get("/health", **declared(models.Entry[models.Health]))
async def health(request: Request) -> Response:
    """Return that the database answers, and when each step of refresh succeeded."""

    async def read(connection: asyncpg.Connection) -> dict[str, Any]:
        return {"status": "ok", "steps": await database.rows(connection, "api", "steps")}

    return await entry_answer(request, read)
