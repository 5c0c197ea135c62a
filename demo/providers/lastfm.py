"""Last.fm 2.0: tags and plays of a track by its names; errors are objects, numbers are strings."""

import re
from typing import Any
from urllib.parse import parse_qs

from demo.providers import draws, people
from demo.providers.exchange import ApiRequest, Reply, Routed, reply
from demo.providers.faults import FaultKind
from demo.providers.holdings import Holding, Holdings
from demo.providers.people import Artist

API_KEY = "0123456789abcdef0123456789abcdef"
LICENCE = (
    "User-contributed text is available under the Creative Commons By-SA License; additional terms may apply."
)
METHODS = {
    "track.gettoptags": "track.getTopTags",
    "track.getinfo": "track.getInfo",
    "artist.getinfo": "artist.getInfo",
    "artist.gettoptags": "artist.getTopTags",
}
TAGS = {"Melodic House/Techno": "melodic house", "Drum & Bass": "drum and bass"}
BRACKETS = re.compile(r"\s*[\[(].*$")


class LastFm:
    """The API. Mbids are those of tracks, not of recordings; tags have noise, durations may be "0"."""

    def __init__(self, holdings: Holdings) -> None:
        self._index = holdings.indexes["lastfm"]
        self._people = holdings.artists

    def __call__(self, request: ApiRequest) -> Routed | None:
        """Return the reply to a request."""
        if not request.path.startswith("/2.0"):
            return None
        form = parse_qs(request.body.decode("utf-8", "replace")) if request.method == "POST" else {}
        values = {name: entries[0] for name, entries in form.items()}
        values |= {name: request.first(name) for name in request.query}
        operation = METHODS.get(values.get("method", "").casefold())
        account = values.get("api_key", "")
        if operation is None:
            answer = error(3, "Invalid Method - No method with that name in this package")
        elif account != API_KEY:
            answer = error(10, "Invalid API key - You must be granted a valid key by last.fm", status=403)
        elif operation.startswith("artist.") and (values.get("artist") or values.get("mbid")):
            answer = self._artist(operation, values.get("artist", ""), values.get("mbid", ""))
        elif not values.get("artist") or not values.get("track"):
            answer = error(6, "Invalid parameters - Your request is missing a required parameter")
        else:
            answer = self._answer(operation, values["artist"], values["track"])
        return Routed(operation=operation or "unknown", account=account, reply=answer)

    def fault(self, kind: FaultKind, retry_after_s: int | None) -> Reply | None:
        """Return this API's error objects, with status 200."""
        match kind:
            case "limited" | "limited_until" | "quota":
                return error(29, "Rate Limit Exceeded - Your IP has made too many requests in a short period")
            case "error_body":
                return error(16, "The service is temporarily unavailable, please try again.")
            case "forbidden":
                return error(26, "Suspended API key - Access for your account has been suspended", status=403)
            case _:
                return None

    def _artist(self, operation: str, name: str, mbid: str) -> Reply:
        """Return an artist by MBID, which precedes the name."""
        listed = self._people.values() if mbid else people.named(self._people, name)
        matches = [
            artist
            for artist in listed
            if (artist.mbid == mbid if mbid else artist.name.casefold() == name.casefold())
        ]
        if not matches:
            return error(6, "The artist you supplied could not be found")
        return reply(_artist_tags(matches[0]) if operation == "artist.getTopTags" else _profile(matches[0]))

    def _answer(self, operation: str, artist: str, track: str) -> Reply:
        """Autocorrect reads a title without its brackets as the original where it has no other."""
        holdings = [
            holding
            for holding in self._index.search(f"{artist} {track}", 5)
            if holding.recording.kind == "played" and _same_title(holding, track)
        ]
        if not holdings:
            return error(6, "Track not found")
        render = _top_tags if operation == "track.getTopTags" else _info
        return reply(render(holdings[0]))


def error(code: int, message: str, *, status: int = 200) -> Reply:
    """Return an error object."""
    return reply({"error": code, "message": message, "links": []}, status)


def _same_title(holding: Holding, track: str) -> bool:
    return BRACKETS.sub("", track).casefold() == BRACKETS.sub("", holding.recording.title).casefold() and (
        (holding.recording.version or "").casefold() in track.casefold()
    )


def _tags(holding: Holding) -> list[tuple[str, int]]:
    recording = holding.recording
    noise = [("seen live", 12), (recording.artists[0].casefold(), 9), (str(recording.release_date.year), 5)]
    genre = TAGS.get(recording.genre, recording.genre.casefold())
    return [(genre, 100), ("electronic", 61), *noise] if holding.genres else noise


def _artist_url(name: str) -> str:
    return f"https://www.last.fm/music/{name.replace(' ', '+')}"


def _genre_tags(artist: Artist) -> list[dict[str, Any]]:
    names = [TAGS.get(genre, genre.casefold()) for genre in artist.genres[:3]]
    return [
        {"count": 100 - 20 * place, "name": name, "url": f"https://www.last.fm/tag/{name.replace(' ', '+')}"}
        for place, name in enumerate([*names, "seen live"])
    ]


def _artist_tags(artist: Artist) -> dict[str, Any]:
    return {"toptags": {"tag": _genre_tags(artist), "@attr": {"artist": artist.name}}}


def _profile(artist: Artist) -> dict[str, Any]:
    tags = [{"name": tag["name"], "url": tag["url"]} for tag in _genre_tags(artist)]
    more = f'<a href="{_artist_url(artist.name)}">Read more on Last.fm</a>'
    text = f"{artist.biography} {more}"
    return {
        "artist": {
            "name": artist.name,
            "mbid": draws.uuid("artist", artist.name),
            "url": _artist_url(artist.name),
            "image": [],
            "streamable": "0",
            "ontour": "0",
            "stats": {"listeners": str(40 * artist.recordings), "playcount": str(300 * artist.recordings)},
            "similar": {"artist": []},
            "tags": {"tag": tags},
            "bio": {"published": "29 Nov 2026, 12:00", "summary": text, "content": f"{text}. {LICENCE}"},
        }
    }


def _url(holding: Holding) -> str:
    artist, title = (
        name.replace(" ", "+") for name in (holding.recording.artists[0], holding.recording.title)
    )
    return f"https://www.last.fm/music/{artist}/_/{title}"


def _top_tags(holding: Holding) -> dict[str, Any]:
    tags = [
        {"count": count, "name": name, "url": f"https://www.last.fm/tag/{name.replace(' ', '+')}"}
        for name, count in _tags(holding)
    ]
    attributes = {"artist": holding.recording.artists[0], "track": holding.recording.full_title}
    return {"toptags": {"tag": tags, "@attr": attributes}}


def _info(holding: Holding) -> dict[str, Any]:
    recording = holding.recording
    plays = max(10, 90_000 - recording.rank * 60)
    unknown = draws.share("lastfm duration", recording.native_id) < 0.3
    return {
        "track": {
            "name": recording.full_title,
            "mbid": draws.uuid("lastfm track", recording.native_id),
            "url": _url(holding),
            "duration": "0" if unknown else str(recording.duration_ms // 1000 * 1000),
            "streamable": {"#text": "0", "fulltrack": "0"},
            "listeners": str(plays // 6),
            "playcount": str(plays),
            "artist": {
                "name": recording.artists[0],
                "mbid": draws.uuid("artist", recording.artists[0]),
                "url": _url(holding).partition("/_/")[0],
            },
            "toptags": {
                "tag": [
                    {"name": name, "url": f"https://www.last.fm/tag/{name.replace(' ', '+')}"}
                    for name, _ in _tags(holding)
                ]
            },
        }
    }
