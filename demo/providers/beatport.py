"""Beatport v4: catalogue tracks by id, ISRC and names, and search, each in its own envelope."""

import re
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from songnodes.domain.keys import Key

TOKEN = "demo-beatport-token"  # noqa: S105
ENTITY = re.compile(r"^/v4/catalog/(tracks|artists|releases)/(\d+)/?$")
DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 10, 100
API = "https://api.beatport.com/v4"
GENRES = {
    "Melodic House/Techno": (90, "Melodic House & Techno"),
    "Techno": (6, "Techno (Peak Time / Driving)"),
    "Trance": (7, "Trance (Main Floor)"),
    "Drum & Bass": (1, "Drum & Bass"),
    "Progressive House": (15, "Progressive House"),
    "Tech House": (11, "Tech House"),
    "House": (5, "House"),
    "Indie Dance": (37, "Indie Dance"),
}


class Beatport:
    """The API. A restricted track is in the lists, but its own address answers 403."""

    def __init__(self, holdings: Holdings) -> None:
        self._index = holdings.indexes["beatport"]
        self._by_isrc = holdings.by("beatport", "isrc")
        self._by_id = holdings.by("beatport", "beatport_id")
        self._by_release = {
            str(holding.recording.beatport_id // 2): holding for holding in holdings.listed("beatport")
        }
        self._artists = people.by_id(holdings.artists, lambda name: _person(name)["id"])

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        path = request.path.rstrip("/") + "/"
        match = ENTITY.match(request.path)
        operation = (
            match[1].removesuffix("s")
            if match
            else {"/v4/catalog/tracks/": "tracks", "/v4/catalog/search/": "search"}.get(path)
        )
        if operation is None:
            return None
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token != TOKEN:
            text = "Authentication credentials were not provided."
            return Routed(operation=operation, account="", reply=reply({"detail": text}, 401))
        if match:
            answer = self._entity(match[1], match[2])
        elif operation == "tracks":
            answer = self._tracks(request)
        else:
            holdings = self._index.search(request.first("q"), MAX_PAGE_SIZE)
            answer = _page("tracks", holdings, request, order=["tracks"])
        return Routed(operation=operation, account=token, reply=answer)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return this API's error objects."""
        if kind == "forbidden":
            return reply({"detail": "You do not have permission to perform this action."}, 403)
        return None

    def _entity(self, kind: str, number: str) -> Reply:
        if kind == "artists" and number in self._artists:
            return reply(_person(self._artists[number].name))
        if kind == "releases" and number in self._by_release:
            return reply(_release(self._by_release[number]))
        return self._track(number) if kind == "tracks" else reply({"detail": "Not found."}, 404)

    def _track(self, number: str) -> Reply:
        holdings = self._by_id.get(number, [])
        if not holdings:
            return reply({"detail": "Not found."}, 404)
        if "restricted" in holdings[0].traps:
            return reply({"detail": "Territory Restricted."}, 403)
        return reply(_track(holdings[0]))

    def _tracks(self, request: ApiRequest) -> Reply:
        isrc = request.first("isrc")
        names = " ".join(request.first(name) for name in ("artist_name", "name", "mix_name"))
        holdings = self._by_isrc.get(isrc, []) if isrc else self._index.search(names, MAX_PAGE_SIZE)
        return _page("results", holdings, request)


def _page(member: str, holdings: list[Holding], request: ApiRequest, **extra: object) -> Reply:
    size = min(int(request.first("per_page", str(DEFAULT_PAGE_SIZE))), MAX_PAGE_SIZE)
    number = int(request.first("page", "1"))
    pages = max(1, -(-len(holdings) // size))
    following = f"api.beatport.com{request.path}?page={number + 1}" if number < pages else None
    return reply(
        {
            member: [_track(holding) for holding in holdings[(number - 1) * size : number * size]],
            **extra,
            "next": following,
            "previous": None,
            "count": len(holdings),
            "page": f"{number}/{pages}",
            "per_page": size,
        }
    )


def _track(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    genre_id, genre = GENRES[recording.genre]
    minutes, seconds = divmod(recording.duration_ms // 1000, 60)
    day = recording.release_date.isoformat()
    feature = f" feat. {recording.featured}" if recording.featured else ""
    return {
        "artists": [_person(name) for name in recording.artists],
        "publish_status": "published",
        "available_worldwide": "restricted" not in holding.traps,
        "bpm": round(holding.bpm) if holding.bpm else None,
        "catalog_number": recording.catalog_number,
        "exclusive": False,
        "genre": {
            "id": genre_id,
            "name": genre,
            "slug": _slug(genre),
            "url": f"{API}/catalog/genres/{genre_id}/",
        },
        "id": recording.beatport_id,
        "is_available_for_streaming": True,
        "is_explicit": False,
        "isrc": holding.isrc,
        "key": _key(holding.key),
        "label_track_identifier": None,
        "length": f"{minutes}:{seconds:02d}",
        "length_ms": recording.duration_ms,
        "mix_name": recording.version or "Original Mix",
        "name": f"{recording.title}{feature}",
        "new_release_date": day,
        "pre_order": False,
        "publish_date": day,
        "release": {
            "id": recording.beatport_id // 2,
            "name": recording.release_name,
            "label": _label(holding),
            "slug": _slug(recording.release_name),
        },
        "remixers": [_person(name) for name in recording.remixers],
        "slug": _slug(recording.title),
        "sub_genre": None,
        "url": f"{API}/catalog/tracks/{recording.beatport_id}/",
        "is_hype": False,
    }


def _release(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    day = recording.release_date.isoformat()
    return {
        "id": recording.beatport_id // 2,
        "name": recording.release_name,
        "slug": _slug(recording.release_name),
        "artists": [_person(name) for name in recording.artists],
        "catalog_number": recording.catalog_number,
        "label": _label(holding),
        "new_release_date": day,
        "publish_date": day,
        "track_count": 1,
        "tracks": [f"api.beatport.com/v4/catalog/tracks/{recording.beatport_id}/"],
    }


def _label(holding: Holding) -> dict[str, Any]:
    name = holding.label or holding.recording.credit
    return {"id": draws.number(1, 150_000, "label", name), "name": name, "slug": _slug(name)}


def _person(name: str) -> dict[str, Any]:
    number = draws.number(1, 1_200_000, "beatport artist", name)
    return {"id": number, "name": name, "slug": _slug(name), "url": f"{API}/catalog/artists/{number}/"}


def _key(key: Key | None) -> dict[str, Any] | None:
    if key is None:
        return None
    minor = key.mode == "minor"
    note = key.name.partition(" ")[0]
    chord = {"id": 1, "name": "Minor"} if minor else {"id": 2, "name": "Major"}
    number = key.number if minor else key.number + 12
    return {
        "camelot_number": key.number,
        "camelot_letter": "A" if minor else "B",
        "chord_type": {**chord, "url": f"{API}/catalog/chord-types/{chord['id']}/"},
        "id": number,
        "is_sharp": note.endswith("#"),
        "is_flat": note.endswith("b"),
        "letter": note[0],
        "name": f"{note} {chord['name']}",
        "url": f"{API}/catalog/keys/{number}/",
    }


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
