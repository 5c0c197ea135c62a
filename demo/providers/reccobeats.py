"""ReccoBeats: tracks and audio features of up to 40 ids; unknown ids are left out, in another order."""

from collections.abc import Mapping
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings

MAX_IDS = 40
UNKNOWN_KEY = -1


class ReccoBeats:
    """The API. Ids are those of Spotify, its own, and ISRCs; only `href` names the Spotify id."""

    def __init__(self, holdings: Holdings) -> None:
        by_spotify = holdings.by("reccobeats", "spotify_id")
        by_own, by_isrc = holdings.by("reccobeats", "reccobeats_id"), holdings.by("reccobeats", "isrc")
        self._by_id: Mapping[str, list[Holding]] = {**by_spotify, **by_own, **by_isrc}
        self._artists = people.by_id(holdings.artists, lambda name: _artist(name)["id"])

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        if request.path == "/v1/artist":
            entries = [
                _artist(self._artists[item].name) for item in request.items("ids") if item in self._artists
            ]
            return Routed(operation="artist", account="", reply=reply({"content": entries}))
        render = {"/v1/track": _track, "/v1/audio-features": _features}.get(request.path)
        if render is None:
            return None
        operation = request.path.rpartition("/")[2].replace("-", "_")
        ids = request.items("ids")
        if not 1 <= len(ids) <= MAX_IDS:
            problem = {"path": "ids", "message": f"size must be between 1 and {MAX_IDS}"}
            body = {"timestamp": "2026-11-29T12:00:00Z", "error": "Bad Request", "status": 4004}
            return Routed(operation=operation, account="", reply=reply({**body, "errors": [problem]}, 400))
        holdings = [self._by_id[item][0] for item in dict.fromkeys(ids) if item in self._by_id]
        holdings.sort(key=lambda holding: holding.recording.reccobeats_id)
        content = [render(holding) for holding in holdings]
        return Routed(operation=operation, account="", reply=reply({"content": content}))

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return the general form of all faults."""
        return None


def _track(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    return {
        "id": recording.reccobeats_id,
        "trackTitle": recording.full_title,
        "artists": [_artist(name) for name in recording.artists],
        "durationMs": recording.duration_ms,
        "isrc": holding.isrc,
        "ean": None,
        "upc": None,
        "href": f"https://open.spotify.com/track/{recording.spotify_id}",
        "availableCountries": "DE,FR,GB,US",
        "popularity": max(0, 80 - recording.rank // 20),
    }


def _artist(name: str) -> dict[str, str]:
    return {
        "id": draws.uuid("reccobeats artist", name),
        "name": name,
        "href": f"https://open.spotify.com/artist/{draws.text(22, 'spotify artist', name)}",
    }


def _features(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    return {
        "id": recording.reccobeats_id,
        "href": f"https://open.spotify.com/track/{recording.spotify_id}",
        "isrc": holding.isrc,
        **dict(recording.features),
        "key": holding.key.pitch_class if holding.key else UNKNOWN_KEY,
        "loudness": recording.loudness,
        "mode": int(holding.key is None or holding.key.mode == "major"),
        "tempo": holding.bpm or 0.0,
    }
