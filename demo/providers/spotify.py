"""Spotify Web API, as an app in development mode has it: search of at most 10, single tracks."""

import re
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.people import Artist
from demo.providers.tokens import Tokens

CLIENT_ID, CLIENT_SECRET = "demo-spotify-client", "demo-spotify-secret"
TOKEN_PATH = "/api/token"  # noqa: S105
PATH = re.compile(r"^/v1/(tracks|audio-features|artists|albums)/([A-Za-z0-9]+)$")
SEVERAL = re.compile(r"^/v1/(tracks|audio-features|artists|albums)$")
ISRC = re.compile(r"\bisrc:([A-Z]{2}[A-Z0-9]{10})")
FIELD = re.compile(r"\b(?:track|artist|album|year):|\"")
MAX_PAGE_SIZE = 10
API = "https://api.spotify.com/v1"
PREMIUM = "Active premium subscription required for the owner of the app."


class Spotify:
    """The API. Audio features and several ids are refused; the quota names its reason."""

    def __init__(self, holdings: Holdings) -> None:
        self.tokens = Tokens("spotify", CLIENT_ID, CLIENT_SECRET)
        self._index = holdings.indexes["spotify"]
        self._by_isrc = holdings.by("spotify", "isrc")
        self._by_id = holdings.by("spotify", "spotify_id")
        self._artists = people.by_id(holdings.artists, lambda name: _artist(name)["id"])

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        if request.path == TOKEN_PATH:
            return Routed(operation="token", account=CLIENT_ID, reply=self.tokens.issue(request))
        match = PATH.match(request.path) or SEVERAL.match(request.path)
        operation = match[1] if match else {"/v1/search": "search"}.get(request.path)
        if operation is None:
            return None
        if not self.tokens.accepts(request):
            answer = _error(401, "The access token expired")
        elif operation == "search":
            answer = self._search(request)
        elif operation == "tracks" and PATH.match(request.path):
            holdings = self._by_id.get(request.path.rpartition("/")[2], [])
            answer = reply(_track(holdings[0])) if holdings else _error(404, "Resource not found")
        elif operation == "artists" and PATH.match(request.path):
            artist = self._artists.get(request.path.rpartition("/")[2])
            answer = reply(_profile(artist)) if artist else _error(404, "Resource not found")
        else:
            answer = _error(403, "Forbidden")
        return Routed(operation=operation, account=CLIENT_ID, reply=answer)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return this API's error objects; a quota has its reason and a Retry-After."""
        if kind == "forbidden":
            return _error(403, PREMIUM)
        if kind in ("quota", "limited_for_hours"):
            error = {"status": 429, "message": "API quota exceeded", "reason": "QUOTA_EXCEEDED"}
            waits = {"Retry_After": str(retry_after_s)} if retry_after_s is not None else {}
            return reply({"error": error}, 429, **waits)
        return None

    def _search(self, request: ApiRequest) -> Reply:
        limit, query = request.first("limit", "5"), request.first("q")
        if not limit.isdecimal() or not 1 <= int(limit) <= MAX_PAGE_SIZE:
            return _error(400, "Invalid limit")
        if not query:
            return _error(400, "No search query")
        isrc = ISRC.search(query)
        holdings = self._by_isrc.get(isrc[1], []) if isrc else self._index.search(FIELD.sub(" ", query))
        offset = int(request.first("offset", "0"))
        page = {
            "href": f"{API}/search?query={query}&type=track",
            "items": [_track(holding) for holding in holdings[offset : offset + int(limit)]],
            "limit": int(limit),
            "next": None,
            "offset": offset,
            "previous": None,
            "total": len(holdings),
        }
        return reply({"tracks": page})


def _error(status: int, message: str) -> Reply:
    return reply({"error": {"status": status, "message": message}}, status)


def _track(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    feature = f" (feat. {recording.featured})" if recording.featured else ""
    version = f" - {recording.version}" if recording.version else ""
    mark = " - Mixed" if recording.kind == "mixed" else ""
    mixed = recording.kind == "mixed"
    album_id = draws.text(22, "spotify album", recording.native_id)
    names = [*recording.artists, *((recording.featured,) if recording.featured else ())]
    return {
        "album": {
            "album_type": "compilation" if mixed else "single",
            "artists": [_artist(name) for name in recording.artists],
            "external_urls": {"spotify": f"https://open.spotify.com/album/{album_id}"},
            "href": f"{API}/albums/{album_id}",
            "id": album_id,
            "images": [],
            "name": recording.release_name,
            "release_date": recording.release_date.isoformat(),
            "release_date_precision": "day",
            "total_tracks": 1,
            "type": "album",
            "uri": f"spotify:album:{album_id}",
        },
        "artists": [_artist(name) for name in names],
        "disc_number": 1,
        "duration_ms": recording.duration_ms,
        "explicit": False,
        "external_ids": {"isrc": holding.isrc} if holding.isrc else {},
        "external_urls": {"spotify": f"https://open.spotify.com/track/{recording.spotify_id}"},
        "href": f"{API}/tracks/{recording.spotify_id}",
        "id": recording.spotify_id,
        "is_local": False,
        "name": f"{recording.title}{feature}{version}{mark}",
        "preview_url": None,
        "track_number": 1,
        "type": "track",
        "uri": f"spotify:track:{recording.spotify_id}",
    }


def _profile(artist: Artist) -> dict[str, Any]:
    return {**_artist(artist.name), "genres": [genre.casefold() for genre in artist.genres[:2]], "images": []}


def _artist(name: str) -> dict[str, Any]:
    artist_id = draws.text(22, "spotify artist", name)
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/artist/{artist_id}"},
        "href": f"{API}/artists/{artist_id}",
        "id": artist_id,
        "name": name,
        "type": "artist",
        "uri": f"spotify:artist:{artist_id}",
    }
