"""A track: values and who gave them, support, what to play next, and the rows behind each count."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import asyncpg
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from queries import database, lineage
from queries.addresses import web_address
from queries.database import Row
from queries.harmony import best_partners
from queries.output import weekly_support
from web import links
from web.drawings.svg import fragment
from web.drawings.trend import draw_trend
from web.rendering import page

router = APIRouter(include_in_schema=False)

SUPPORTERS = 50
NEXT = 20
HARMONIC = 12
TOGETHER = 12
HISTORY = 25
RANK_DAYS = 84
#: Fields in the order of the page, with their names; others follow by name.
FIELDS: Mapping[str, str] = {
    "bpm": "BPM", "key": "Key", "energy": "Energy", "genres": "Genres", "label": "Label",
    "release_date": "Released", "release_name": "Release", "isrc": "ISRC", "spotify_id": "Spotify id",
    "musicbrainz_id": "MusicBrainz id", "beatport_id": "Beatport id", "duration_ms": "Duration",
}  # fmt: skip


@router.get("/tracks/{track_id:path}")
async def track_page(request: Request, track_id: str, history: int = 0, number: str = "") -> Response:
    """Show a track, with `number` the rows behind one of its numbers.

    A merged track answers with the address of the track that has its counts.
    """
    text = track_id.replace("\0", "")
    async with request.app.state.database.connection() as connection:
        track = await database.row(connection, "pages", "track", text)
        if track is None:
            return page(request, "no_track.html", status=404, track_id=text)
        if track["track_id"] != text:
            return RedirectResponse(links.track(track["track_id"]), 308)
        context = await _parts(connection, track)
        context |= await _history(connection, track, number, max(0, min(history, lineage.MAX_ROWS)))
    return page(request, "track.html", track=track, **context)


async def _parts(connection: asyncpg.Connection, track: Row) -> dict[str, Any]:
    track_id = track["track_id"]
    day = track["as_of"] or datetime.now(UTC).date()
    following = await database.rows(connection, "tracks", "next", track_id, None, NEXT)
    together = await database.rows(connection, "pages", "together", track_id, TOGETHER)
    supporters = await database.rows(connection, "tracks", "supporters", track_id, SUPPORTERS + 1)
    ranks = (await database.rows(connection, "charts", "rank_history", track_id, RANK_DAYS))[::-1]
    details = track["enrichment_details"] or {}
    return {
        "as_of": day,
        "weeks": weekly_support(track["support_dates"], track["support_weights"], day),
        "supporters": supporters[:SUPPORTERS],
        "more_supporters": len(supporters) > SUPPORTERS,
        "following": following,
        "together": together,
        "harmonic": await best_partners(connection, track_id, None, HARMONIC),
        "versions": await database.rows(
            connection, "pages", "versions", track_id, track["primary_artist"], track["base_title"]
        ),
        "titles": await set_titles(connection, evidence([*following, *together, *supporters])),
        "fields": values(track),
        "providers": whole_requests(attempts(track)),
        "conflicts": details.get("conflicts") or [],
        "unobtainable": details.get("unobtainable") or [],
        "ids": list(links.of_ids(track)),
        "artists": artists(track),
        "ranks": ranks,
        "rank_line": rank_line(ranks),
        "year": await database.row(connection, "charts", "year", track_id),
        "web": web_address,
    }


async def _history(connection: asyncpg.Connection, track: Row, number: str, offset: int) -> dict[str, Any]:
    """Return a part of the rows of a track, or of those behind one number, and where other parts are."""
    counted = None
    if number in lineage.NUMBERS or number in lineage.DERIVED:
        rows = await lineage.track_rows(connection, track["track_id"])
        counted = lineage.evidence(rows, number, track)
        rows = counted.rows
    else:
        number, most = "", offset + HISTORY + 1
        rows = await database.rows(connection, "lineage", "part_of_track", track["track_id"], most)

    def part(start: int) -> str:
        pairs = [("number", number), ("history", str(start) if start else "")]
        return f"{links.query(links.track(track['track_id']), pairs)}#history"

    previous = part(max(0, offset - HISTORY)) if offset else None
    following = part(offset + HISTORY) if offset + HISTORY < len(rows) else None
    return {
        "history": rows[offset : offset + HISTORY],
        "history_pages": (previous, following),
        "number": number,
        "counted": counted,
    }


def rank_line(ranks: Sequence[Row]) -> Markup:
    """Return the drawing of the ranks by day, the best on top."""
    points = [(row["day"], row["popularity_rank"]) for row in ranks]
    if not points:
        return Markup("")
    return Markup(fragment(draw_trend(points, title="Rank by day", unit="rank", is_rank=True)))  # noqa: S704


def evidence(rows: Iterable[Row]) -> list[str]:
    """Return the ids of the sets that rows name."""
    ids: set[str] = set()
    for row in rows:
        for column in ("followed_in", "together_in", "latest_sets"):
            ids.update(row.get(column) or ())
        if row.get("playlist_id"):
            ids.add(row["playlist_id"])
    return sorted(ids)


async def set_titles(connection: asyncpg.Connection, ids: Sequence[str]) -> dict[str, Row]:
    """Return the title and date of sets by id."""
    rows = await database.rows(connection, "pages", "set_titles", ids)
    return {row["playlist_id"]: row for row in rows}


def artists(track: Row) -> list[tuple[str, str | None]]:
    """Return the names of a track's artists with their ids, where silver has them."""
    ids = dict(zip(track["artist_names"] or (), track["artist_ids"] or (), strict=False))
    return [(name, ids.get(name)) for name in track["all_artists"]]


def attempts(track: Row) -> list[dict[str, Any]]:
    """Return the attempts of the waterfall."""
    return (track["enrichment_metadata"] or {}).get("waterfall_attempts") or []


def values(track: Row) -> list[dict[str, Any]]:
    """Return the fields with the attempt that was chosen and all attempts, in the order of the page."""
    by_field: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for attempt in attempts(track):
        if attempt["field"] != "*":
            text = shown(attempt["field"], attempt.get("value"))
            by_field[attempt["field"]].append({"confidence": None, **attempt, "shown": text})
    provenance = (track["enrichment_details"] or {}).get("provenance") or {}
    names = [*FIELDS, *sorted(set([*by_field, *provenance]) - set([*FIELDS, "key_mode"]))]
    fields = []
    for name in names:
        chosen = next((attempt for attempt in by_field[name] if attempt.get("chosen")), None)
        value = shown(name, track.get(name), track)
        if value is None and not by_field[name]:
            continue
        fields.append(
            {
                "name": FIELDS.get(name, name.replace("_", " ")),
                "column": name,
                "value": value,
                "provider": chosen["provider"] if chosen else provenance.get(name),
                "confidence": chosen["confidence"] if chosen else None,
                "attempts": by_field[name],
            }
        )
    return fields


def whole_requests(tried: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the attempts that are about a provider as a whole: not called, failed, no such track."""
    return [attempt for attempt in tried if attempt["field"] == "*"]


def shown(field: str, value: Any, track: Row | None = None) -> str | None:
    """Return a value as text; of a track's key the Camelot code, of a duration minutes and seconds."""
    if field == "key" and track is not None:
        return str(track["camelot"]) if track["camelot"] else None
    if value is None or value == []:
        return None
    if field == "duration_ms" and isinstance(value, int):
        return f"{value // 60_000}:{value // 1000 % 60:02}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, float | Decimal):
        return f"{float(value):g}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value)
