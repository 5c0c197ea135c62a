"""IDs: unidentified tracks that several DJs play between the same two tracks."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from queries import database
from queries.database import Row
from web.pages.track import set_titles
from web.rendering import page

router = APIRouter(include_in_schema=False)

ENTRIES = 50
#: Entries whose candidates are read; each reads the plays of the track before.
WITH_CANDIDATES = 20
SETS = 5  # per entry; the others are counted


@router.get("/ids")
async def ids(request: Request) -> Response:
    """Show the IDs with their evidence, those of most DJs first."""
    async with request.app.state.database.connection() as connection:
        rows = await database.rows(connection, "tracks", "unreleased", ENTRIES)
        for row in rows[:WITH_CANDIDATES]:
            place = row["before_track_id"], row["after_track_id"]
            row["candidates"] = await database.rows(connection, "pages", "candidates", *place)
        titles = await set_titles(connection, sorted({name for row in rows for name in row["sets"][:SETS]}))
    return page(request, "ids.html", rows=[_entry(row) for row in rows], titles=titles)


def _entry(row: Row) -> dict[str, Any]:
    neighbours = {
        side: {
            "track_id": row[f"{side}_track_id"],
            "track_name": row[f"{side}_track_name"],
            "primary_artist": row[f"{side}_artist"],
        }
        for side in ("before", "after")
    }
    return {**row, **neighbours, "shown_sets": row["sets"][:SETS], "more_sets": row["sets"][SETS:]}
