"""A set: rows with cues and transitions, its course, its event, other tracklists of it, and its versions."""

from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from queries.addresses import web_address
from queries.database import Row
from queries.set_commands import cue
from songnodes.domain import harmonic
from songnodes.domain.keys import Notation
from web import drawing_data as data
from web import preferences, recordings, set_versions
from web.drawings import curve, svg
from web.drawings.matrix import LETTERS
from web.rendering import page

router = APIRouter(include_in_schema=False)

#: Class of a move by its name in silver_playlist_tracks.key_relation.
CLASSES = {
    relation.move: relation.kind
    for relation in (
        harmonic.SAME,
        harmonic.RELATIVE,
        harmonic.STEP,
        harmonic.DIAGONAL,
        harmonic.ENERGY_UP,
        harmonic.ENERGY_DOWN,
        harmonic.PARALLEL,
        harmonic.SEMITONE_UP,
    )
} | {"clash": "clash", "other": "clash"}


@router.get("/sets/{playlist_id:path}")
async def set_page(request: Request, playlist_id: str, version: str = "") -> Response:
    """Show a set. `version`: id of the version whose changes are shown, the newest by default."""
    text = playlist_id.replace("\0", "")
    async with request.app.state.database.connection() as connection:
        row = await data.row(connection, "sets", "set", text)
        if row is None:
            return page(request, "no_set.html", status=404, playlist_id=text)
        context = await _parts(connection, row, preferences.read(request.cookies).notation)
        context["versions"] = await _versions(connection, text, version)
    return page(request, "set.html", set=row, letters=LETTERS, **context)


async def _parts(connection: asyncpg.Connection, row: Row, notation: Notation) -> dict[str, Any]:
    playlist_id = row["playlist_id"]
    rows = await data.rows(connection, "sets", "rows", playlist_id)
    moments = data.moments(rows, row["curve_places"])
    playable = recordings.playable(row["recordings"])
    drawing = curve.draw_curve(moments, title="Course of the set", notation=notation)
    event = await data.row(connection, "sets", "event", row["ra_event_id"]) if row["ra_event_id"] else None
    return {
        "rows": [_shown(entry, playable) for entry in rows],
        "recordings": playable,
        "curve": Markup(svg.fragment(drawing)),  # noqa: S704
        "curve_table": curve.tabulate_curve(moments, notation),
        "event": event,
        "others": await data.rows(connection, "sets", "other_tracklists", playlist_id, row["set_id"]),
        "trend": await data.row(connection, "sets", "trend", playlist_id),
        "djs": list(zip(row["dj_ids"], row["dj_names"], strict=False)),
        "source": web_address(row["source_url"]),
        "web": web_address,
    }


def _shown(row: Row, playable: list[dict[str, Any]]) -> dict[str, Any]:
    kind = CLASSES.get(row["key_relation"] or "")
    return {
        **row,
        "primary_artist": row["artist_credit"],
        "cue": cue(row["cue_seconds"]),
        "recording": recordings.at_cue(playable, row["cue_seconds"]),
        "move_class": kind,
        "move_letter": LETTERS[kind] if kind else None,
    }


async def _versions(connection: asyncpg.Connection, playlist_id: str, version: str) -> dict[str, Any]:
    """Return the versions of a tracklist, and the changes of one against the version before it."""
    versions = await data.rows(connection, "sets", "versions", playlist_id)
    ids = [str(entry["id"]) for entry in versions]
    chosen = ids.index(version) if version in ids else 0
    shown: dict[str, Any] = {"all": versions, "chosen": chosen, "before": None, "changes": []}
    if chosen + 1 < len(versions):
        texts = []
        for entry in (versions[chosen + 1], versions[chosen]):
            full = await data.row(connection, "sets", "version", playlist_id, UUID(str(entry["id"])))
            texts.append(set_versions.lines(full["raw_data"] if full else {}))
        shown |= {"before": versions[chosen + 1], "changes": set_versions.changes(*texts)}
    return shown
