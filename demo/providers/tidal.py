"""TIDAL v2: JSON:API documents of tracks by ISRC, by id and by search; client credentials."""

import re
from collections.abc import Iterable
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.tokens import Tokens

CLIENT_ID, CLIENT_SECRET = "demo-tidal-client", "demo-tidal-secret"
TOKEN_PATH = "/v1/oauth2/token"  # noqa: S105
TRACK = re.compile(r"^/tracks/(\d+)$")
ISRC = re.compile(r"^[A-Z]{2}[A-Z0-9]{3}\d{7}$")
MAX_ISRCS = 20
MEDIA_TYPE = "application/vnd.api+json"
NOTES = ("C", "CSharp", "D", "Eb", "E", "F", "FSharp", "G", "Ab", "A", "Bb", "B")  # by pitch class
INCLUDES = ("albums", "artists", "genres", "providers")
OTHER_SCALES = ("DORIAN", "BLUES", "UNKNOWN")


class Tidal:
    """The API. One ISRC has several tracks; several ISRCs in one request have one track each."""

    def __init__(self, holdings: Holdings) -> None:
        self.tokens = Tokens("tidal", CLIENT_ID, CLIENT_SECRET)
        self._index = holdings.indexes["tidal"]
        self._by_isrc = holdings.by("tidal", "isrc")
        self._by_id = holdings.by("tidal", "tidal_id")
        self._artists = people.by_id(holdings.artists, lambda name: _artist(name)["id"])

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        if request.path == TOKEN_PATH:
            return Routed(operation="token", account=CLIENT_ID, reply=self.tokens.issue(request))
        path = request.path.removeprefix("/v2")
        operation = self._operation(path)
        if operation is None:
            return None
        if not self.tokens.accepts(request):
            answer = _errors(401, "UNAUTHORIZED", "Token is invalid or has expired")
        elif operation == "search":
            answer = self._search(request)
        elif operation == "artists":
            ids = request.items("filter[id]")
            resources = [_artist(self._artists[item].name) for item in ids if item in self._artists]
            answer = reply({"data": resources, "links": {"self": "/artists"}})
        else:
            answer = self._tracks(request)
        typed = Reply(
            body=answer.body, status=answer.status, content_type=MEDIA_TYPE, headers=dict(answer.headers)
        )
        return Routed(operation=operation, account=CLIENT_ID, reply=typed)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return this API's error documents."""
        if kind == "forbidden":
            return _errors(403, "FORBIDDEN", "Client has no access to this resource")
        return None

    def _operation(self, path: str) -> str | None:
        if path == "/tracks" or TRACK.match(path):
            return "tracks"
        return {"/searchResults": "search", "/artists": "artists"}.get(path)

    def _tracks(self, request: ApiRequest) -> Reply:
        if match := TRACK.match(request.path.removeprefix("/v2")):
            holdings = self._by_id.get(match[1], [])
            if not holdings:
                return _errors(404, "NOT_FOUND", "Track not found")
            document = _document(holdings[:1], request)
            return reply({**document, "data": document["data"][0]})
        ids, isrcs = request.items("filter[id]"), request.items("filter[isrc]")
        if not ids and not isrcs:
            return _errors(400, "VALUE_REQUIRED", "filter[isrc] or filter[id] is required")
        if any(not ISRC.match(isrc) for isrc in isrcs) or len(isrcs) > MAX_ISRCS:
            return _errors(400, "VALUE_PATTERN_MISMATCH", "Must be 3 groups, 12 symbols")
        holdings = [holding for number in ids for holding in self._by_id.get(number, [])]
        matches = [self._by_isrc[isrc] for isrc in isrcs if isrc in self._by_isrc]
        holdings += matches[0] if len(isrcs) == 1 and matches else [by_isrc[0] for by_isrc in matches]
        if len(isrcs) > 1:
            holdings.sort(key=lambda holding: holding.recording.tidal_id)
        return reply(_document(holdings, request))

    def _search(self, request: ApiRequest) -> Reply:
        query = request.first("filter[query]")
        if not query:
            return _errors(400, "VALUE_REQUIRED", "filter[query] is required")
        holdings = self._index.search(query, 20)
        result_id = draws.text(12, "search", query)
        tracks = [{"id": str(holding.recording.tidal_id), "type": "tracks"} for holding in holdings]
        result = {
            "id": result_id,
            "type": "searchResults",
            "attributes": {"query": query, "trackingId": draws.uuid("tracking", query)},
            "relationships": {
                "tracks": {
                    **({"data": tracks} if "tracks" in request.items("include") else {}),
                    "links": {"self": f"/searchResults/{result_id}/relationships/tracks"},
                }
            },
        }
        included: list[dict[str, Any]] = []
        if "tracks" in request.items("include"):
            wanted = [name for name in INCLUDES if f"tracks.{name}" in request.items("include")]
            included = [_track(holding, wanted) for holding in holdings] + _included(holdings, wanted)
        return reply(
            {"data": [result], "included": included, "links": {"self": request.path.removeprefix("/v2")}}
        )


def _document(holdings: list[Holding], request: ApiRequest) -> dict[str, Any]:
    wanted = [name for name in INCLUDES if name in request.items("include")]
    document: dict[str, Any] = {
        "data": [_track(holding, wanted) for holding in holdings],
        "links": {"self": request.path.removeprefix("/v2")},
    }
    if wanted:
        document["included"] = _included(holdings, wanted)
    return document


def _track(holding: Holding, wanted: Iterable[str]) -> dict[str, Any]:
    recording = holding.recording
    attributes: dict[str, Any] = {
        "title": recording.title + (" [Mixed]" if recording.kind == "mixed" else ""),
        "isrc": holding.isrc or recording.isrc,
        "duration": _duration(recording.duration_ms),
        "explicit": False,
        "popularity": round(max(0.01, 0.9 - recording.rank / 2000), 3),
        "mediaTags": ["LOSSLESS"],
        "accessType": "PUBLIC",
        "availability": ["STREAM", "DJ"],
        "externalLinks": [],
        "copyright": {"text": f"℗ {recording.release_date.year} {recording.label or recording.credit}"},
        **_key(holding),
    }
    if recording.version:
        attributes["version"] = recording.version
    if holding.bpm is not None:
        attributes["bpm"] = holding.bpm
    track_id = str(recording.tidal_id)
    relationships: dict[str, Any] = {}
    for name in INCLUDES:
        data = [{"id": entry["id"], "type": entry["type"]} for entry in _related(holding, name)]
        links = {"self": f"/tracks/{track_id}/relationships/{name}"}
        relationships[name] = {**({"data": data} if name in wanted else {}), "links": links}
    return {"id": track_id, "type": "tracks", "attributes": attributes, "relationships": relationships}


def _key(holding: Holding) -> dict[str, str]:
    if holding.key is None:
        return {"key": "UNKNOWN", "keyScale": "UNKNOWN"}
    note, mode = NOTES[holding.key.pitch_class], holding.key.mode.upper()
    if "unknown_scale" in holding.traps:
        return {"key": note, "keyScale": draws.choice(OTHER_SCALES, "scale", holding.recording.native_id)}
    aeolian = mode == "MINOR" and draws.share("aeolian", holding.recording.native_id) < 0.1
    return {"key": note, "keyScale": "AEOLIAN" if aeolian else mode}


def _included(holdings: Iterable[Holding], wanted: Iterable[str]) -> list[dict[str, Any]]:
    resources = {
        (entry["type"], entry["id"]): entry
        for holding in holdings
        for name in wanted
        for entry in _related(holding, name)
    }
    return [resources[place] for place in sorted(resources)]


def _related(holding: Holding, name: str) -> list[dict[str, Any]]:
    recording = holding.recording
    match name:
        case "artists":
            names = [*recording.artists, *((recording.featured,) if recording.featured else ())]
            return [_artist(person) for person in names]
        case "genres":
            return (
                [_resource("genres", recording.genre, {"genreName": recording.genre})]
                if holding.genres
                else []
            )
        case "providers":
            label = holding.label
            return [_resource("providers", label, {"name": label})] if label else []
    album = {
        "title": recording.release_name,
        "albumType": "ALBUM" if recording.kind == "mixed" else "SINGLE",
        "barcodeId": str(draws.number(10**12, 10**13 - 1, "barcode", recording.native_id)),
        "numberOfItems": 1,
        "numberOfVolumes": 1,
        "duration": _duration(recording.duration_ms),
        "explicit": False,
        "popularity": 0.5,
        "mediaTags": ["LOSSLESS"],
        "releaseDate": recording.release_date.isoformat(),
    }
    return [_resource("albums", recording.native_id, album)]


def _artist(name: str) -> dict[str, Any]:
    return _resource("artists", name, {"name": name, "popularity": 0.5})


def _resource(kind: str, name: str, attributes: dict[str, Any]) -> dict[str, Any]:
    number = draws.number(1, 90_000_000, "tidal", kind, name)
    return {"id": str(number), "type": kind, "attributes": attributes}


def _duration(milliseconds: int) -> str:
    """Return an ISO 8601 duration of whole seconds: PT5M26S."""
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + ("".join(f"{count}{unit}" for count, unit in parts if count) or "0S")


def _errors(status: int, code: str, detail: str) -> Reply:
    entry = {"id": draws.uuid("error", code, detail), "status": str(status), "code": code, "detail": detail}
    return reply({"errors": [entry], "links": {"self": "/tracks"}}, status)
