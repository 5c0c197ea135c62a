"""Discogs: search of releases, and releases with labels and styles; limits are in the headers."""

import re
from typing import Any

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.people import Artist

TOKEN = "demo-discogs-token"  # noqa: S105
ARTIST = re.compile(r"^/artists/(\d+)$")
RELEASE = re.compile(r"^/releases/(\d+)$")
STYLES = {
    "Melodic House/Techno": "Progressive House",
    "Drum & Bass": "Drum n Bass",
    "Indie Dance": "Nu-Disco",
}
LIMIT = 60  # requests a minute, with a token


class Discogs:
    """The API. A release may have no style besides "Electronic"."""

    def __init__(self, holdings: Holdings) -> None:
        self._index = holdings.indexes["discogs"]
        self._by_id = holdings.by("discogs", "discogs_id")
        self._people = holdings.artists
        self._artists = people.by_id(self._people, people.discogs_id)

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        match = RELEASE.match(request.path)
        artist = ARTIST.match(request.path)
        operation = "release" if match else "artist" if artist else None
        if request.path == "/database/search":
            operation = "search"
        if operation is None:
            return None
        header = request.headers.get("authorization", "").removeprefix("Discogs token=")
        token = header or request.first("token")
        if not request.headers.get("user-agent"):
            answer = reply({"message": "You must send a User-Agent."}, 403)
        elif token != TOKEN:
            answer = reply({"message": "You must authenticate to access this resource."}, 401)
        elif match:
            holdings = self._by_id.get(match[1], [])
            answer = (
                reply(_release(holdings[0])) if holdings else reply({"message": "Release not found."}, 404)
            )
        elif artist:
            person = self._artists.get(artist[1])
            answer = reply(_profile(person)) if person else reply({"message": "Artist not found."}, 404)
        else:
            answer = self._search(request)
        limits = {"X-Discogs-Ratelimit": str(LIMIT), "X-Discogs-Ratelimit-Remaining": str(LIMIT - 1)}
        limited = Reply(body=answer.body, status=answer.status, headers=limits)
        return Routed(operation=operation, account=token, reply=limited)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return 429 without Retry-After: the minute is the rule."""
        if kind not in ("limited", "limited_until"):
            return None
        return reply(
            {"message": "You are making requests too quickly."}, 429, X_Discogs_Ratelimit_Remaining="0"
        )

    def _search(self, request: ApiRequest) -> Reply:
        if request.first("type") == "artist":
            results = [
                _artist_result(artist.name) for artist in people.named(self._people, request.first("q"))
            ]
            pagination = {"page": 1, "pages": 1, "per_page": 50, "items": len(results), "urls": {}}
            return reply({"pagination": pagination, "results": results})
        names = ("q", "query", "artist", "track", "release_title", "title")
        text = " ".join(value for name in names if (value := request.first(name)))
        size = min(int(request.first("per_page", "50")), 100)
        holdings = self._index.search(text, size)
        pagination = {"page": 1, "pages": 1, "per_page": size, "items": len(holdings), "urls": {}}
        return reply({"pagination": pagination, "results": [_result(holding) for holding in holdings]})


def styles(holding: Holding) -> list[str]:
    """Return the styles of a release."""
    if "broad_style" in holding.traps:
        return ["Electronic"]
    return [STYLES.get(holding.recording.genre, holding.recording.genre)]


def _result(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    return {
        "country": "UK",
        "year": str(recording.release_date.year),
        "format": ["File", "MP3", "Single"],
        "label": [holding.label] if holding.label else ["Not On Label"],
        "type": "release",
        "genre": ["Electronic"],
        "style": styles(holding),
        "id": recording.discogs_id,
        "barcode": [],
        "master_id": 0,
        "master_url": None,
        "uri": f"/release/{recording.discogs_id}",
        "catno": recording.catalog_number,
        "title": f"{recording.credit} - {recording.release_name}",
        "thumb": "",
        "cover_image": "",
        "resource_url": f"https://api.discogs.com/releases/{recording.discogs_id}",
        "community": {"want": 20, "have": 12},
    }


def _release(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    minutes, seconds = divmod(recording.duration_ms // 1000, 60)
    name = holding.label or "Not On Label"
    number = draws.number(1, 3_000_000, "discogs label", name)
    return {
        "id": recording.discogs_id,
        "status": "Accepted",
        "year": recording.release_date.year,
        "resource_url": f"https://api.discogs.com/releases/{recording.discogs_id}",
        "uri": f"https://www.discogs.com/release/{recording.discogs_id}",
        "artists": [_artist(artist, recording.artists) for artist in recording.artists],
        "artists_sort": recording.credit,
        "labels": [
            {
                "name": name,
                "catno": recording.catalog_number,
                "entity_type": "1",
                "entity_type_name": "Label",
                "id": number,
                "resource_url": f"https://api.discogs.com/labels/{number}",
            }
        ],
        "formats": [{"name": "File", "qty": "1", "descriptions": ["MP3", "Single"]}],
        "title": recording.release_name,
        "country": "UK",
        "released": recording.release_date.isoformat(),
        "released_formatted": recording.release_date.strftime("%d %b %Y"),
        "identifiers": [],
        "genres": ["Electronic"],
        "styles": styles(holding),
        "tracklist": [
            {
                "position": "1",
                "type_": "track",
                "title": recording.full_title,
                "duration": f"{minutes}:{seconds:02d}",
            }
        ],
        "images": [],
    }


def _artist_result(name: str) -> dict[str, Any]:
    number = people.discogs_id(name)
    return {
        "id": number,
        "type": "artist",
        "title": name,
        "uri": f"/artist/{number}",
        "thumb": "",
        "resource_url": f"https://api.discogs.com/artists/{number}",
    }


def _profile(artist: Artist) -> dict[str, Any]:
    name = artist.name
    number = people.discogs_id(name)
    return {
        "id": number,
        "name": name,
        "profile": f"{name} makes invented records.",
        "namevariations": [f"{name[0]}. {name.split()[-1]}"] if " " in name else [],
        "aliases": [{"id": people.discogs_id(alias), "name": alias} for alias in artist.aliases],
        "groups": [{"id": people.discogs_id(group), "name": f"{group} (2)"} for group in artist.groups],
        "urls": [],
        "uri": f"https://www.discogs.com/artist/{number}",
        "resource_url": f"https://api.discogs.com/artists/{number}",
        "data_quality": "Needs Vote",
    }


def _artist(name: str, names: tuple[str, ...]) -> dict[str, Any]:
    number = people.discogs_id(name)
    return {
        "name": name,
        "anv": "",
        "join": "" if name == names[-1] else "&",
        "role": "",
        "tracks": "",
        "id": number,
        "resource_url": f"https://api.discogs.com/artists/{number}",
    }
