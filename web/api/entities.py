"""Artists, DJs, labels and sets."""

from typing import Annotated

import asyncpg
from fastapi import APIRouter, HTTPException, Path, Request
from starlette.responses import Response

from queries import database, entities
from queries.artist_commands import ARTIST_LISTS, DJ_LISTS, artist_with, label_with
from queries.set_commands import set_rows
from web.api import models
from web.api.answers import Cursor, Limit, Rows, entry_answer, list_answer
from web.api.cursors import Place, rows_after
from web.api.declared import declared

router = APIRouter()

Id = Annotated[str, Path(max_length=500)]
PART_ROWS = 20  # of each part of an artist or label


async def _artist(request: Request, artist_id: str, lists: tuple[tuple[str, str], ...]) -> Response:
    async def read(connection: asyncpg.Connection) -> database.Row:
        entry = await artist_with(connection, artist_id, lists, PART_ROWS)
        if entry is None:
            raise HTTPException(404, "There is no artist with this id.")
        row, parts = entry
        return {**row, **parts}

    return await entry_answer(request, read, ("artist", artist_id, lists))


@router.get("/artists/{artist_id}", tags=["artists"], **declared(models.Entry[models.Artist], 404))
async def artist(request: Request, artist_id: Id) -> Response:
    """Return an artist as producer: counts, most supported tracks, partners."""
    return await _artist(request, artist_id, ARTIST_LISTS)


@router.get("/djs/{artist_id}", tags=["artists"], **declared(models.Entry[models.Artist], 404))
async def dj(request: Request, artist_id: Id) -> Response:
    """Return an artist as DJ: newest sets, tracks in most of them, tracks played among the first."""
    return await _artist(request, artist_id, DJ_LISTS)


@router.get("/labels/{name}", tags=["labels"], **declared(models.Entry[models.Label], 404, 409))
async def label(request: Request, name: Id) -> Response:
    """Return a record label by id or name."""

    async def read(connection: asyncpg.Connection) -> database.Row:
        label_id = await entities.find(connection, "label", name)
        row, parts = await label_with(connection, label_id, PART_ROWS)
        return {**row, **parts}

    return await entry_answer(request, read)


async def _set(connection: asyncpg.Connection, playlist_id: str) -> database.Row:
    row = await database.row(connection, "sets", "set", playlist_id)
    if row is None:
        raise HTTPException(404, "There is no set with this id.")
    return row


@router.get("/sets/{playlist_id}", tags=["sets"], **declared(models.Entry[models.Set], 404))
async def one_set(request: Request, playlist_id: Id) -> Response:
    """Return a set: DJs, date, event, curves."""

    async def read(connection: asyncpg.Connection) -> database.Row:
        return await _set(connection, playlist_id)

    return await entry_answer(request, read)


@router.get("/sets/{playlist_id}/rows", tags=["sets"], **declared(models.Page[models.SetRow], 404, m3u8=True))
async def rows_of_set(
    request: Request, playlist_id: Id, limit: Limit = 1000, cursor: Cursor = None
) -> Response:
    """Return the rows of a set, with the move of key and tempo to the next one."""

    key = {"row_index": int}

    async def read(connection: asyncpg.Connection, after: Place, most: int) -> Rows:
        rows = await set_rows(connection, playlist_id)
        if not rows:
            await _set(connection, playlist_id)
        return rows_after([{**row, "primary_artist": row["artist_credit"]} for row in rows], key, after)

    return await list_answer(request, read, key=key, limit=limit, cursor=cursor, tracks=True)
