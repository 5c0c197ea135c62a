"""Deezer: ids, ISRC, tempo, length, date and release name; no key needed.

Form of the answers: developers.deezer.com/api and the requests of several clients; no real sample at hand, so
every field is unverified. Traps: errors come with status 200; a search row has neither ISRC nor tempo nor
all artists; a tempo of 0 is unknown; `artist` and `contributors` may be absent; one `field:"..."` filter in a
search drops the free text, and "(feat. X)" in it returns nothing.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, ids_by_name, present
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.outcomes import message_note, wait_s
from enrichment.providers.reading import (
    Json,
    Map,
    as_map,
    day,
    identifier,
    maps,
    member,
    names,
    number,
    positive,
    text,
    without_none,
)
from enrichment.types import (
    Call,
    Classified,
    Genre,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Response,
    Window,
)

#: 50 requests in any 5 s for each address; a cooldown can outlast a few seconds, so a whole window passes.
WINDOW = Window(starts=50, seconds=5.0)
SOURCE = "developers.deezer.com/api; forms as public clients read them"

_TRACK_FIELDS = frozenset({"isrc", "bpm", "release_date", "release_name", "duration_ms"})
#: Codes of the error object (public clients agree on them).
_QUOTA, _BUSY, _NO_DATA = 4, 700, 800
_CONFIGURATION = frozenset({200, 300})
_OURS = frozenset({100, 500, 501, 600})
#: Genres of its own list that are wider than their names: "Electro" has all electronic music.
_BROAD = {"electro": "Electronic"}
_GUESTS = re.compile(r"\s*[(\[]\s*(?:feat\.?|ft\.?|featuring)\s[^)\]]*[)\]]", re.IGNORECASE)


class Deezer(BaseProvider):
    """Deezer's public API."""

    name = "deezer"
    title = "Deezer"
    base_url = "https://api.deezer.com"
    windows = (WINDOW,)
    operations = by_name(
        Operation(name="track_by_isrc", gives=_TRACK_FIELDS),
        Operation(name="track_by_id", gives=_TRACK_FIELDS),
        Operation(name="search", gives=frozenset({"release_name", "duration_ms"})),
        Operation(name="album_by_id", gives=frozenset({"genres", "label", "release_date", "release_name"})),
        Operation(name="artist_by_id", artists=True),
        Operation(name="artist_search", artists=True),
    )
    unverified = sources(
        SOURCE,
        *sorted(_TRACK_FIELDS),
        *("genres", "label", "deezer_id", "artists"),
        errors="codes 4, 700, 800, 100, 200, 300, 500, 501, 600: public clients",
    )
    probe = ("track_by_id", {"id": "3135556"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `isrc`, `id`, or `artist` and `title` of a search."""
        match call.operation:
            case "track_by_isrc":
                return get(access, f"/track/isrc:{required(call, 'isrc')[0]}", {})
            case "track_by_id" | "album_by_id" | "artist_by_id":
                return get(access, f"/{call.operation.removesuffix('_by_id')}/{required(call, 'id')[0]}", {})
            case "search":
                artist, title = required(call, "artist", "title")
                query = " ".join(_GUESTS.sub("", f"{artist} {title}").replace('"', " ").split())
                return get(access, "/search/track", {"q": query, "limit": "25"})
            case "artist_search":
                return get(access, "/search/artist", {"q": required(call, "artist")[0], "limit": "10"})
        raise ValueError(f"deezer: no operation {call.operation}")

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome of an error object: {error: {type, message, code}}."""
        error = as_map(body).get("error")
        if not error:
            return None
        code = number(member(error, "code"))
        note = message_note(f"Error {int(code)}" if code is not None else "Error", member(error, "message"))
        if code == _QUOTA:
            wait = max(WINDOW.seconds, wait_s(response) or 0.0)
            return Classified(outcome="quota", note=note, retry_after_s=wait)
        if code == _BUSY:
            return Classified(outcome="busy", note=note, retry_after_s=wait_s(response))
        if code == _NO_DATA:
            return Classified(outcome="miss", note=note)
        if code in _CONFIGURATION:
            return Classified(outcome="configuration", note=note)
        if code in _OURS:
            return Classified(outcome="ours", note=note)
        return Classified(outcome="broken", note=note) if response.status == 200 else None

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of a track, a search or an album."""
        album = as_map(body)
        if "tracks" in album:
            rows = maps(member(album, "tracks", "data") or album["tracks"])
            listed = present(_track(row, album) for row in rows)
            return listed or present((_album(album),))
        if isinstance(body, list) or "data" in album:
            return present(_track(row, {}) for row in maps(album.get("data") if album else body))
        if "nb_tracks" in album or "label" in album:
            return present((_album(album),))
        return present((_track(album, {}),))

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artists of an artist object or a search."""
        whole = as_map(body)
        for row in maps(whole.get("data") if "data" in whole else body):
            name = text(row.get("name"))
            if name and (row.get("type") == "artist" or "nb_album" in row or "nb_fan" in row):
                link = text(row.get("link"))
                yield ProviderArtist(
                    provider="deezer",
                    name=name,
                    ids=without_none({"deezer": identifier(row.get("id"))}),
                    links={"deezer": link} if link else {},
                )


def _album(album: Map) -> ProviderTrack | None:
    """Return the values of an album, by its id, where the answer does not list its tracks."""
    values = {
        "label": text(album.get("label")),
        "release_name": text(album.get("title")),
        "release_date": text(album.get("release_date")),
    }
    if is_mix_part(None, None, values["release_name"]):
        return None
    return build_values(values, {"deezer_album_id": identifier(album.get("id"))}, _genres(album))


def _genres(album: Map) -> list[Genre]:
    listed = names(member(album, "genres", "data"), "name")
    return [Genre(name=_BROAD.get(name.casefold(), name), level="release") for name in listed]


def _track(row: Map, album: Map) -> ProviderTrack | None:
    """Return the track of a row. `album`: the album object that it is listed in, if that is the answer.

    Units: `duration` in whole seconds; `gain` is a correction, not the loudness, and is left out.
    """
    if row.get("type") not in (None, "track") or "nb_tracks" in row:
        return None
    credits = tuple(maps(row.get("contributors")))
    main = as_map(row.get("artist"))
    artists = names(list(credits), "name") or names([main], "name")
    seconds = positive(row.get("duration"))
    inner = album or as_map(row.get("album"))
    title, version = text(row.get("title")) or text(row.get("title_short")), text(row.get("title_version"))
    release_name = text(inner.get("title"))
    return build_track(
        "deezer",
        title=title,
        mix_name=version.strip("()[] ") if version else None,
        artists=artists,
        artists_complete=bool(credits),
        isrc=text(row.get("isrc")),
        values={
            "bpm": positive(row.get("bpm")),
            "duration_ms": seconds * 1000 if seconds else None,
            "release_date": day(row.get("release_date"), inner.get("release_date")),
            "release_name": release_name,
            "label": text(inner.get("label")),
        },
        ids={"deezer_id": identifier(row.get("id")), "deezer_album_id": identifier(inner.get("id"))},
        genres=_genres(album),
        artist_ids=ids_by_name((*credits, main)),
        mix_part=is_mix_part(title, version, release_name),
    )
