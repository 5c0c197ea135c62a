"""The explorer: from track to track by what was played next and what mixes. The chain is in the address."""

from collections.abc import Sequence
from typing import Annotated, Any

import asyncpg
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from queries import database
from queries.database import Row
from queries.harmony import best_partners, transition
from queries.search import search
from web import chain as files
from web import links
from web.api.answers import refreshed_at
from web.database import Database
from web.genres import genres
from web.pages.track import evidence, set_titles
from web.playlist import m3u8
from web.rendering import page

router = APIRouter(include_in_schema=False)

MAX_CHAIN = 60
MAX_PINS = 30
NEXT = 20
HARMONIC = 15
START = 10  # tracks to begin with

Ids = Annotated[list[str], Query(default_factory=list)]


@router.get("/explorer")
async def explorer(request: Request, chain: Ids, pin: Ids, track: str = "", genre: str = "") -> Response:
    """Show the chain and what may follow its last track."""
    pool: Database = request.app.state.database
    async with pool.connection() as connection:
        names = await genres(pool, connection, await refreshed_at(connection))
        chosen = genre if genre in names else ""
        steps = await _steps(connection, [*chain, track])
        pins = await _tracks(connection, pin[:MAX_PINS])
        trail = Trail([row["track_id"] for row in steps], [row["track_id"] for row in pins], chosen)
        context = await _choices(connection, trail) if steps else await _start(connection)
    context |= {"steps": steps, "pins": pins, "trail": trail, "genres": names, "genre": chosen}
    return page(request, "explorer.html", is_unknown=bool(track) and not steps, **context)


@router.get("/explorer/find")
async def find(request: Request, q: str = "") -> Response:
    """Begin with the best track of a name; without one, with the search."""
    async with request.app.state.database.connection() as connection:
        hits = await search(connection, q[:200], kinds=("track",), limit=1)
    return RedirectResponse(links.explorer([hits[0].id]) if hits else links.query("/search", [("q", q)]), 303)


@router.get("/explorer.m3u8")
async def as_m3u8(request: Request, chain: Ids, track: str = "") -> Response:
    """Return the chain as M3U8."""
    async with request.app.state.database.connection() as connection:
        steps = await _steps(connection, [*chain, track])
    site = str(request.base_url).rstrip("/")
    text = m3u8(steps, lambda step: f"{site}{step['address']}")
    return _file(text, "audio/x-mpegurl", "songnodes-chain.m3u8")


@router.get("/explorer.csv")
async def as_csv(request: Request, chain: Ids, track: str = "") -> Response:
    """Return the chain as CSV."""
    async with request.app.state.database.connection() as connection:
        steps = await _steps(connection, [*chain, track])
    return _file(files.csv(steps), "text/csv", "songnodes-chain.csv")


def _file(text: str, media_type: str, name: str) -> Response:
    disposition = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type=f"{media_type}; charset=utf-8", headers=disposition)


class Trail:
    """Addresses of the explorer from a chain of track ids, pins and a genre."""

    def __init__(self, ids: Sequence[str], pins: Sequence[str], genre: str) -> None:
        """Keep the chain."""
        self.ids, self.pins, self.genre = list(ids), list(pins), genre

    def step(self, track_id: str) -> str:
        """Return the address after a step to a track; the oldest leave a chain that is too long."""
        return links.explorer([*self.ids, track_id][-MAX_CHAIN:], self.pins, self.genre)

    def back_to(self, count: int) -> str:
        """Return the address of the first `count` tracks of the chain."""
        return links.explorer(self.ids[:count], self.pins, self.genre)

    def pinned(self, track_id: str) -> str:
        """Return the address with this track pinned."""
        pins = [*(pin for pin in self.pins if pin != track_id), track_id]
        return links.explorer(self.ids, pins[-MAX_PINS:], self.genre)

    def unpinned(self, track_id: str) -> str:
        """Return the address without this pin."""
        return links.explorer(self.ids, [pin for pin in self.pins if pin != track_id], self.genre)

    def file(self, suffix: str) -> str:
        """Return the address of the chain as a file: m3u8 or csv."""
        return links.explorer(self.ids, path=f"/explorer.{suffix}")


async def _tracks(connection: asyncpg.Connection, ids: Sequence[str]) -> list[Row]:
    """Return the tracks with these ids, in their order; unknown ones are left out."""
    clean = [track_id.replace("\0", "") for track_id in ids if track_id]
    rows = await database.rows(connection, "pages", "tracks", clean)
    by_id = {row["track_id"]: row for row in rows}
    for track_id in clean:
        if track_id not in by_id:
            merged = await database.row(connection, "tracks", "canonical", track_id)
            if merged is not None:
                (by_id[track_id],) = await database.rows(connection, "pages", "tracks", [merged["track_id"]])
    return [dict(by_id[track_id]) for track_id in clean if track_id in by_id]


async def _steps(connection: asyncpg.Connection, ids: Sequence[str]) -> list[Row]:
    """Return the chain with the change from each track to the next."""
    steps = await _tracks(connection, ids[-MAX_CHAIN:])
    for number, row in enumerate(steps):
        change = transition(steps[number - 1], row) if number else None
        row |= {"position": number + 1, "address": links.track(row["track_id"])}
        row |= {"relation": change and change.relation, "bpm_change": change and change.bpm_change}
        row["warnings"] = change.warnings if change else ()
    return steps


async def _choices(connection: asyncpg.Connection, trail: Trail) -> dict[str, Any]:
    current, genre = trail.ids[-1], trail.genre or None
    length = len(trail.ids)
    played = await database.rows(connection, "tracks", "next", current, genre, NEXT + length)
    mixing = await best_partners(connection, current, genre, HARMONIC + length)
    played, mixing = ([row for row in rows if row["track_id"] not in trail.ids] for rows in (played, mixing))
    return {
        "played": [row for row in played if row["followed_djs"] or row["together_djs"]][:NEXT],
        "mixing": mixing[:HARMONIC],
        "titles": await set_titles(connection, evidence(played)),
    }


async def _start(connection: asyncpg.Connection) -> dict[str, Any]:
    return {"start": await database.rows(connection, "tracks", "trending", START)}
