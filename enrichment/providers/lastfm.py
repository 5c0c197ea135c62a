"""Last.fm, API 2.0: tags, as genres with weights, and artist profiles; a free key of the operator.

Traps: errors come with status 200; `track.getInfo` has its length as text in ms, "0" for unknown, and
`album.getInfo` as seconds; lengths are user data; tags include years, names and opinions, so those below a
weight of 10 and the names of the track and its artist are left out, and the rest is filtered by the genre
list; its MBIDs are often of tracks, not recordings: a hint, never `musicbrainz_id`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import ARTIST_TTL_S, BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, present
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.outcomes import message_note, wait_s
from enrichment.providers.reading import (
    Json,
    Map,
    as_map,
    identifier,
    maps,
    member,
    number,
    positive,
    prose,
    text,
    url,
    without_none,
)
from enrichment.types import (
    Call,
    Classified,
    Genre,
    GenreLevel,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Response,
    Window,
)
from songnodes.domain.text import norm_v1

_ARTIST_FIELDS = frozenset({"genres", "links", "biography"})
#: Weight from which a tag counts, of 100.
MIN_WEIGHT = 10.0
MAX_BIOGRAPHY = 4000  # characters
_READ_MORE = re.compile(r"\s*<a href=\"https?://www\.last\.fm/.*", re.DOTALL)
_MARKUP = re.compile(r"<[^>]{0,300}>")
_MISS = frozenset({6, 7, 20, 21, 22, 23, 24, 25})
_BUSY = frozenset({8, 11, 16})
_OURS = frozenset({2, 3, 5, 13})
_CONFIGURATION = frozenset({4, 9, 10, 14, 15, 17, 18, 26, 27})
_RATE_LIMIT = 29
SOURCE = "Last.fm's API documentation; pylast"


class LastFm(BaseProvider):
    """Last.fm's API, version 2.0."""

    name = "lastfm"
    title = "Last.fm"
    base_url = "https://ws.audioscrobbler.com"
    #: Its terms ask for less than 5 requests a second for each address.
    windows = (Window(starts=4, seconds=1.0),)
    required = ("lastfm_key",)
    credentials = ("lastfm_key",)
    operations = by_name(
        Operation(name="track_tags", gives=frozenset({"genres"})),
        Operation(name="track_info", gives=frozenset({"genres", "release_name", "duration_ms"})),
        Operation(name="artist_info", artists=True, cache_ttl_s=ARTIST_TTL_S, artist_fields=_ARTIST_FIELDS),
        Operation(name="artist_tags", artists=True),
    )
    unverified = sources(SOURCE, "errors other than 6", "artist by MBID")
    probe = ("track_tags", {"artist": "Cher", "title": "Believe"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `artist`, and `title` of a track; or `mbid` of an artist."""
        methods = {
            "track_tags": "track.getTopTags",
            "track_info": "track.getInfo",
            "artist_info": "artist.getInfo",
            "artist_tags": "artist.getTopTags",
        }
        if call.operation not in methods:
            raise ValueError(f"lastfm: no operation {call.operation}")
        query = {"method": methods[call.operation], "format": "json", "autocorrect": "1"}
        if call.operation.startswith("artist") and call.parameters.get("mbid"):
            query["mbid"] = call.parameters["mbid"]
        else:
            query["artist"] = required(call, "artist")[0]
        if call.operation.startswith("track"):
            query["track"] = required(call, "title")[0]
        query["api_key"] = access.credentials.get("lastfm_key", "")
        return get(access, "/2.0/", query)

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome of an error object: {error, message, links}."""
        code = number(as_map(body).get("error"))
        if code is None:
            return None
        note = message_note(f"Error {int(code)}", as_map(body).get("message"))
        if code in _MISS:
            return Classified(outcome="miss", note=note)
        if code == _RATE_LIMIT:
            return Classified(outcome="quota", note=note, retry_after_s=max(60.0, wait_s(response) or 0.0))
        if code in _BUSY:
            return Classified(outcome="busy", note=note, retry_after_s=wait_s(response))
        if code in _CONFIGURATION:
            return Classified(outcome="configuration", note=note)
        if code in _OURS:
            return Classified(outcome="ours", note=note)
        return Classified(outcome="broken", note=note) if response.status == 200 else None

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of an info, of tags, of an album, or of a list."""
        whole = as_map(body)
        if "track" in whole:
            return present(_track(row) for row in maps(whole["track"]))
        if "album" in whole:
            album = as_map(whole["album"])
            rows = maps(member(album, "tracks", "track"))
            return present(_track(row, text(album.get("name")), in_seconds=True) for row in rows)
        if "toptags" in whole:
            return present((_tagged(as_map(whole["toptags"]), parameters),))
        lists = (member(whole, "results", "trackmatches"), *whole.values())
        return present(_track(row) for listed in lists for row in maps(as_map(listed).get("track")))

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artist of an info or of tags."""
        whole = as_map(body)
        for listed in (member(whole, "results", "artistmatches"), *whole.values()):
            for entry in maps(as_map(listed).get("artist") if "name" not in as_map(listed) else None):
                yield from _artist(text(entry.get("name")), entry, None)
        row = as_map(whole.get("artist"))
        toptags = as_map(whole.get("toptags"))
        about = as_map(toptags.get("@attr"))
        if row:
            name, tags = text(row.get("name")), member(row, "tags", "tag")
        elif toptags and "track" not in about and "album" not in about and "title" not in parameters:
            name, tags = text(about.get("artist")) or text(parameters.get("artist")), toptags.get("tag")
        else:
            return
        yield from _artist(name, row, tags)


def _artist(name: str | None, row: Map, tags: Json) -> Iterator[ProviderArtist]:
    """Yield an artist; none for one without a name."""
    if not name or name == "[unknown]":
        return
    link = url(row.get("url"))
    yield ProviderArtist(
        provider="lastfm",
        name=name,
        ids=without_none({"lastfm_mbid": identifier(row.get("mbid"))}),
        genres=tuple(_genres(tags, "artist", name)),
        links={"lastfm": link} if link else {},
        biography=_biography(row),
    )


def _track(row: Map, album: str | None = None, *, in_seconds: bool = False) -> ProviderTrack | None:
    """Return the track of a row. Units: `duration` in ms, or in seconds within an album; 0 is unknown."""
    artist = row.get("artist")
    credit = text(member(artist, "name")) or text(member(artist, "#text")) or text(artist)
    title = text(row.get("name"))
    length = positive(row.get("duration"))
    release_name = text(member(row, "album", "title")) or album
    return build_track(
        "lastfm",
        title=title,
        artists=(credit,) if credit else (),
        values={
            "duration_ms": length * 1000 if length and in_seconds else length,
            "release_name": release_name,
        },
        ids={"lastfm_mbid": identifier(row.get("mbid"))},
        genres=_genres(member(row, "toptags", "tag"), "recording", credit or "", title or ""),
        mix_part=is_mix_part(title, None, release_name),
    )


def _tagged(toptags: Map, parameters: Mapping[str, str]) -> ProviderTrack | None:
    """Return the tags of a track, which the answer names itself, or else the request."""
    about = as_map(toptags.get("@attr"))
    if "album" in about:
        return build_values({}, {}, _genres(toptags.get("tag"), "release"))
    title = text(about.get("track")) or text(parameters.get("title"))
    artist = text(about.get("artist")) or text(parameters.get("artist"))
    return build_track(
        "lastfm",
        title=title,
        artists=(artist,) if artist else (),
        genres=_genres(toptags.get("tag"), "recording", artist or "", title or ""),
        mix_part=is_mix_part(title),
    )


def _genres(tags: Json, level: GenreLevel, *own_names: str) -> Iterator[Genre]:
    """Yield tags with their weights; without those of little weight and the names of the track itself."""
    excluded = {norm_v1(name) for name in own_names}
    for row in maps(tags, 100):
        name, count = text(row.get("name")), number(row.get("count"))
        if name and norm_v1(name) not in excluded and (count is None or MIN_WEIGHT <= count <= 100):
            yield Genre(name=name, level=level, weight=None if count is None else round(count / 100, 3))


def _biography(row: Map) -> str | None:
    """Return the summary of a wiki page, without markup and without the link to the page.

    The whole text is longer, and the terms of Last.fm limit what may be stored of its data.
    """
    plain = prose(member(row, "bio", "summary") or member(row, "bio", "content"), 4 * MAX_BIOGRAPHY)
    if plain is None:
        return None
    return _MARKUP.sub("", _READ_MORE.sub("", plain))[:MAX_BIOGRAPHY].strip() or None
