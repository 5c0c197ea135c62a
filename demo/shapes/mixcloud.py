"""Responses of Mixcloud: a show with or without sections, listings with both empty forms, sections by
GraphQL."""

import json
from collections.abc import Sequence
from typing import Any

from demo.markup import slug
from demo.sets import DemoRow, DemoSet
from demo.world.site_playlists import SitePlaylist

SITE, API = "https://www.mixcloud.com", "https://api.mixcloud.com"
HOSTS = ("api.mixcloud.com", "app.mixcloud.com", "www.mixcloud.com")


def cloudcast(site_playlist: SitePlaylist, edition: int) -> bytes:
    """Render a show of the API. Only old shows have sections; some have a list in the description."""
    shown = site_playlist.at(edition)
    value = _short(shown)
    value["description"] = (
        _description(shown) if site_playlist.form == "description" else "Recorded in one take."
    )
    if site_playlist.form == "old_sections":
        value["sections"] = _old_sections(shown)
    return _json(value)


def sections(site_playlist: SitePlaylist, edition: int) -> bytes:
    """Render the sections of a show, as GraphQL returns them."""
    shown = site_playlist.at(edition)
    user, slugged = shown.native_id.split("/")
    listed = [_section(row) for row in shown.rows] if site_playlist.form == "sections" else []
    lookup = {"slug": slugged, "name": title(shown), "owner": {"username": user}, "sections": listed}
    return _json({"data": {"cloudcastLookup": lookup}})


def no_sections() -> bytes:
    """Render the response for a show that does not exist."""
    return _json({"data": {"cloudcastLookup": None}})


def listing(shows: Sequence[DemoSet], following: str | None, *, name: str = "Uploads") -> bytes:
    """Render a listing of shows. An empty one has no `paging`, or an empty one: both forms are real."""
    value: dict[str, Any] = {"data": [_short(shown) for shown in shows], "name": name}
    if shows:
        value["paging"] = {"next": following} if following else {}
    elif len(name) % 2:
        value["paging"] = {}
    return _json(value)


def error(kind: str, message: str) -> bytes:
    """Render an error object."""
    return _json({"error": {"type": kind, "message": message}})


def title(shown: DemoSet) -> str:
    """Return the name of a show; that of a club set has the place and the day."""
    where = f" @ {shown.venue} {shown.city} {shown.day}" if shown.venue else ""
    return f"{shown.djs[0]} - {shown.event}{where}"


def numbered_from_one(shown: DemoSet) -> bool:
    """Return True if positions of sections start at 1, as in newer responses; else they start at 0."""
    return len(shown.rows) % 2 == 0


def section_title(row: DemoRow) -> tuple[str | None, str | None]:
    """Artist and title as a section has them."""
    if row.state == "unidentified":
        return "ID", "ID"
    artist, _, name = row.text.partition(" - ")
    return artist, name


def _short(shown: DemoSet) -> dict[str, Any]:
    user, slugged = shown.native_id.split("/")
    stamp = f"{shown.day}T18:00:00Z"
    return {
        "key": f"/{shown.native_id}/",
        "url": f"{SITE}/{shown.native_id}/",
        "name": title(shown),
        "tags": [
            {"name": style, "key": f"/discover/{slug(style)}/", "url": f"{SITE}/discover/{slug(style)}/"}
            for style in shown.styles
        ],
        "created_time": stamp,
        "updated_time": stamp,
        "play_count": 20 * len(shown.rows),
        "favorite_count": len(shown.rows) % 9,
        "comment_count": 0,
        "listener_count": 15 * len(shown.rows),
        "repost_count": 0,
        "slug": slugged,
        "user": {
            "key": f"/{user}/",
            "url": f"{SITE}/{user}/",
            "name": shown.djs[0],
            "username": user,
        },
        "audio_length": shown.seconds or 0,
    }


def _old_sections(shown: DemoSet) -> list[dict[str, Any]]:
    first = 1 if numbered_from_one(shown) else 0
    sections_list = []
    for place, row in enumerate(shown.rows):
        artist, name = section_title(row)
        key = f"/track/{slug(artist or '')}/{slug(name or '')}/"
        track = {"name": name, "key": key, "url": f"{SITE}{key}", "slug": slug(name or "")}
        track_artist = {"name": artist, "key": f"/artist/{slug(artist or '')}/", "slug": slug(artist or "")}
        section: dict[str, Any] = {
            "section_type": "track",
            "position": place + first,
            "track": {**track, "artist": track_artist},
        }
        if row.cue is not None:
            section["start_time"] = row.cue
        sections_list.append(section)
    return sections_list


def _section(row: DemoRow) -> dict[str, Any]:
    artist, name = section_title(row)
    return {
        "__typename": "TrackSection",
        "startSeconds": row.cue,
        "artistName": artist,
        "songName": name,
    }


def _description(shown: DemoSet) -> str:
    timed = any(row.cue for row in shown.rows)
    lines = [f"{place}. {row.text}" for place, row in enumerate(shown.rows, start=1)]
    if timed:
        lines = [f"{_clock(row.cue or 0)} {row.text}" for row in shown.rows]
    return "\n".join(["Thanks for listening!", "", "Tracklist:", *lines, "", "Every Friday, all year."])


def _clock(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60:02d}:{rest % 60:02d}"


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
