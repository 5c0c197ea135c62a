"""Deezer: track by ISRC and id, search; errors are objects in a body with status 200."""

import re
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.people import Artist

TRACK = re.compile(r"^(?:/2\.0)?/track/(isrc:)?([^/]+)$")
ARTIST = re.compile(r"^(?:/2\.0)?/artist/(\d+)$")
ARTIST_SEARCH = re.compile(r"^(?:/2\.0)?/search/artist$")
ALBUM = re.compile(r"^(?:/2\.0)?/album/(\d+)$")
SEARCH = re.compile(r"^(?:/2\.0)?/search(?:/track)?$")
FILTER = re.compile(r'(?:artist|track|album):"([^"]*)"')
MAX_PAGE_SIZE = 100


class Deezer:
    """The API. Search rows have no tempo; "feat." in a query has no result; filters drop free text."""

    def __init__(self, holdings: Holdings) -> None:
        self._index = holdings.indexes["deezer"]
        self._by_isrc = holdings.by("deezer", "isrc")
        self._by_id = holdings.by("deezer", "deezer_id")
        self._people = holdings.artists
        self._artists = people.by_id(self._people, _artist_id)

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        if match := TRACK.match(request.path):
            by_isrc, value = bool(match[1]), match[2]
            holdings = (self._by_isrc if by_isrc else self._by_id).get(value, [])
            document = _track(holdings[0]) if holdings else error(800)
            return _routed("track_by_isrc" if by_isrc else "track", reply(document))
        if match := ALBUM.match(request.path):
            holdings = self._by_id.get(match[1], [])
            return _routed("album", reply(_album(holdings[0]) if holdings else error(800)))
        if match := ARTIST.match(request.path):
            artist = self._artists.get(match[1])
            return _routed("artist", reply(_profile(artist) if artist else error(800)))
        if ARTIST_SEARCH.match(request.path):
            matches = people.named(self._people, request.first("q"))
            document = {"data": [_profile(artist) for artist in matches], "total": len(matches)}
            return _routed("artist_search", reply(document))
        if SEARCH.match(request.path):
            return _routed("search", reply(self._search(request)))
        return None

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return the error objects of this API; a quota has no Retry-After."""
        match kind:
            case "limited" | "limited_until" | "limited_for_hours" | "quota":
                return reply(error(4))
            case "error_body":
                return reply(error(700))
            case "forbidden":
                return reply(error(200))
            case _:
                return None

    def _search(self, request: ApiRequest) -> dict[str, Any]:
        query = request.first("q")
        if not query:
            return error(501)
        filters = FILTER.findall(query)
        text = " ".join(filters) if filters else query
        limit = min(int(request.first("limit", "25")), MAX_PAGE_SIZE)
        holdings = [] if "feat." in text.casefold() else self._index.search(text, limit)
        return {"data": [_row(holding) for holding in holdings], "total": len(holdings)}


def error(code: int) -> dict[str, Any]:
    """Return an error object."""
    kinds = {
        4: ("Exception", "Quota limit exceeded"),
        200: ("PermissionException", "Permission denied"),
        501: ("MissingParameterException", "Missing parameters: q"),
        700: ("Exception", "Service busy"),
        800: ("DataException", "no data"),
    }
    kind, message = kinds[code]
    return {"error": {"type": kind, "message": message, "code": code}}


def _routed(operation: str, answer: Reply) -> Routed:
    return Routed(operation=operation, account="", reply=answer)


def _row(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    version = f"({recording.version})" if recording.version else ""
    mark = " [Mixed]" if recording.kind == "mixed" else ""
    feature = f" (feat. {recording.featured})" if recording.featured else ""
    row: dict[str, Any] = {
        "id": recording.deezer_id,
        "readable": True,
        "title": f"{recording.title}{feature} {version}".strip() + mark,
        "title_short": recording.title,
        "title_version": version,
        "link": f"https://www.deezer.com/track/{recording.deezer_id}",
        "duration": round(recording.duration_ms / 1000),
        "rank": max(1, 900_000 - recording.rank * 400),
        "explicit_lyrics": False,
        "explicit_content_lyrics": 0,
        "explicit_content_cover": 0,
        "preview": "",
        "md5_image": recording.native_id,
        "artist": _artist(recording.artists[0]),
        "album": {
            "id": recording.deezer_id,
            "title": recording.release_name,
            "cover": f"https://api.deezer.com/album/{recording.deezer_id}/image",
            "md5_image": recording.native_id,
            "tracklist": f"https://api.deezer.com/album/{recording.deezer_id}/tracks",
            "type": "album",
        },
        "type": "track",
    }
    if "missing_artist" in holding.traps and recording.kind != "played":
        del row["artist"]
    return row


def _track(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    main = [{**_artist(name), "role": "Main"} for name in recording.artists]
    featured = [{**_artist(recording.featured), "role": "Featured"}] if recording.featured else []
    track = {
        **_row(holding),
        "isrc": holding.isrc or "",
        "share": f"https://www.deezer.com/track/{recording.deezer_id}?utm_source=deezer",
        "track_position": 1,
        "disk_number": 1,
        "release_date": recording.release_date.isoformat(),
        "bpm": holding.bpm or 0,
        "gain": -8.4,
        "available_countries": ["DE", "FR", "GB", "US"],
        "contributors": main + featured,
        "track_token": "",
    }
    track["album"] = {**track["album"], "release_date": recording.release_date.isoformat()}
    if "missing_artist" in holding.traps:
        del track["contributors"]
    return track


def _album(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    return {
        "id": recording.deezer_id,
        "title": recording.release_name,
        "label": holding.label or "",
        "genres": {"data": [{"id": 106, "name": "Electro", "type": "genre"}]},
        "release_date": recording.release_date.isoformat(),
        "record_type": "compile" if recording.kind == "mixed" else "single",
        "nb_tracks": 1,
        "artist": _artist(recording.artists[0]),
        "type": "album",
    }


def _artist_id(name: str) -> int:
    return draws.number(1, 200_000_000, "deezer artist", name)


def _profile(artist: Artist) -> dict[str, Any]:
    counts = {"nb_album": artist.recordings, "nb_fan": 100 * artist.recordings, "radio": True}
    return {**_artist(artist.name), **counts}


def _artist(name: str) -> dict[str, Any]:
    number = _artist_id(name)
    return {
        "id": number,
        "name": name,
        "link": f"https://www.deezer.com/artist/{number}",
        "tracklist": f"https://api.deezer.com/artist/{number}/top?limit=50",
        "type": "artist",
    }
