"""The Camelot wheel of all tracks, a genre or a DJ, with the tracks of a key and the moves between keys."""

import asyncio
from functools import partial
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response

from queries import entities
from queries.database import Row
from songnodes.domain.keys import ALL, read_key
from songnodes.errors import UserError
from web import drawing_data as data
from web import links, preferences
from web.api.answers import refreshed_at
from web.database import Database
from web.drawings import matrix, wheel
from web.genres import genres
from web.pages.artists import markup, named_artist
from web.rendering import page

router = APIRouter(include_in_schema=False)

TRACKS = 50
MOVES = 30  # rows of the table beside the matrix
MOVES_TIMEOUT_S = 1.5  # of the moves between keys, which join all pairs of the most supported tracks
MAX_NAME = 200  # characters


@router.get("/wheel")
async def wheel_page(request: Request, genre: str = "", dj: str = "", key: str = "") -> Response:
    """Show the keys. `dj`: an artist's id or name, and then no genre; `key`: in any notation."""
    chosen = read_key(key) if key else None
    pool: Database = request.app.state.database
    async with pool.connection() as connection:
        as_of = await refreshed_at(connection)
        names = await genres(pool, connection, as_of)
        artist, note = await _dj(connection, dj)
        named = genre if genre in names and artist is None else None
        if genre and genre not in names:
            note = f"No track has the genre {genre}."
        if key and chosen is None:
            note = f"{key} is no key. Keys are written as 8A, Am, A minor or 1m."
        dj_id = artist["artist_id"] if artist else None
        read = partial(data.key_counts, connection, genre=named, dj_id=dj_id)
        counts = await pool.kept.get(("keys", named, dj_id), as_of, read)
        tracks = None
        if chosen is not None:
            tracks = await _tracks(connection, chosen.camelot, named, dj_id)
        moves = await pool.kept.get(("moves", named, dj_id), as_of, partial(_moves, connection, named, dj_id))
    notation = preferences.read(request.cookies).notation
    scope = [("genre", named or ""), ("dj", dj_id or "")]
    drawing = wheel.draw_wheel(
        counts,
        title=f"Keys of {artist['name'] if artist else named or 'all tracks'}",
        address=lambda code: links.query("/wheel", [*scope, ("key", code)]) + "#tracks",
        notation=notation,
    )
    shown: dict[str, Any] = {
        "wheel": markup(drawing),
        "counts": wheel.tabulate_wheel(counts),
        "matrix": markup(matrix.draw_matrix(moves, title="Moves between keys", notation=notation))
        if moves
        else None,
        "moves": matrix.tabulate_matrix(moves).rows[:MOVES] if moves is not None else None,
        "total": sum(counts.values()),
        "codes": [key.camelot for key in sorted(ALL, key=lambda key: (key.step(notation), key.mode))],
    }
    return page(
        request,
        "wheel.html",
        genres=names,
        genre=named,
        artist=artist,
        note=note,
        key=chosen,
        tracks=tracks,
        scope=scope,
        **shown,
    )


async def _moves(connection: asyncpg.Connection, genre: str | None, dj_id: str | None) -> matrix.Moves | None:
    """Return the moves between keys; None if counting takes too long: the page is shown without them."""
    try:
        async with asyncio.timeout(MOVES_TIMEOUT_S):
            return await data.key_moves(connection, genre=genre, dj_id=dj_id)
    except TimeoutError:
        return None


async def _tracks(
    connection: asyncpg.Connection, camelot: str, genre: str | None, dj_id: str | None
) -> list[Row]:
    """Return the tracks of a key: of a DJ, of a primary genre, or of all."""
    if dj_id is not None:
        return await data.rows(connection, "drawings", "tracks_of_dj_in_key", camelot, dj_id, TRACKS)
    if genre is not None:
        return await data.rows(connection, "drawings", "tracks_of_genre_in_key", camelot, genre, TRACKS)
    return await data.rows(connection, "drawings", "tracks_in_key", camelot, TRACKS)


async def _dj(connection: asyncpg.Connection, text: str) -> tuple[Any, str | None]:
    """Return the artist with this id or name, or what to do where there is none."""
    name = text.replace("\0", "").strip()[:MAX_NAME]
    if not name:
        return None, None
    try:
        artist_id = await entities.find(connection, "artist", name)
    except UserError:
        return None, f"No artist is found as {name}, or several are: search for the name and open one."
    return await named_artist(connection, artist_id), None
