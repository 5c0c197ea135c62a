"""Beatport, API v4: ids, ISRC, tempo, key, genre, label, date, length; a token of the operator's own account.

Catalogue reads only, with a hard daily budget: accounts that download are suspended, and logins with a
password are refused. Traps: two envelopes, {results} and {tracks}; `mix_name` is apart from `name`, remixers
from artists; a release lists its tracks as addresses; the halves of a key may be absent or differ; tempi may
be half or double; more than one pair of brackets in a search is refused.
Without real sample: artists, errors.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, ids_by_name, present
from enrichment.providers.mixes import is_mix_part, is_mix_type
from enrichment.providers.outcomes import message_note
from enrichment.providers.reading import (
    Json,
    Map,
    as_list,
    as_map,
    clock_ms,
    day,
    identifier,
    maps,
    member,
    names,
    number,
    positive,
    text,
    url,
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
from songnodes.domain.keys import from_beatport

DAILY_BUDGET = 1000
SOURCE = "beets-beatport4 and tagslut, clients of the API"
_GIVES = frozenset(
    {
        *("beatport_id", "isrc", "bpm", "key", "genres"),
        *("release_date", "release_name", "label", "duration_ms"),
    }
)
#: Members by which an object is a track, and those of releases and charts.
_TRACK = frozenset({"artists", "length_ms", "duration_ms", "bpm", "mix_name"})
_LIST = frozenset({"tracks", "track_count", "upc", "bpm_range"})
_BRACKETS = re.compile(r"[()\[\]{}]")
_TRACK_URL = re.compile(r"/catalog/tracks/(\d{1,10})/?$")


class Beatport(BaseProvider):
    """Beatport's API, version 4."""

    name = "beatport"
    title = "Beatport"
    base_url = "https://api.beatport.com"
    #: Its limits are not published; the budget keeps the account far from those of downloaders.
    windows = (Window(starts=1, seconds=1.0), Window(starts=DAILY_BUDGET, seconds=86400.0))
    required = ("beatport_token",)
    credentials = ("beatport_token",)
    operations = by_name(
        Operation(name="track_by_id", gives=_GIVES),
        Operation(name="tracks_by_isrc", gives=_GIVES),
        Operation(name="search", gives=_GIVES),
        Operation(name="release_by_id", gives=frozenset({"label", "release_name", "release_date"})),
        Operation(name="artist_by_id", artists=True),
    )
    unverified = sources(SOURCE, "artists", "errors")
    probe = ("track_by_id", {"id": "20225852"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `id`, `isrc`, or `artist` and `title` of a search."""
        token = f"Bearer {access.credentials.get('beatport_token', '')}"
        match call.operation:
            case "track_by_id" | "release_by_id" | "artist_by_id":
                kind = f"{call.operation.removesuffix('_by_id')}s"
                return get(access, f"/v4/catalog/{kind}/{required(call, 'id')[0]}/", {}, authorization=token)
            case "tracks_by_isrc":
                query = {"isrc": required(call, "isrc")[0], "per_page": "25"}
                return get(access, "/v4/catalog/tracks/", query, authorization=token)
            case "search":
                words = _BRACKETS.sub(" ", " ".join(required(call, "artist", "title")))
                query = {"q": " ".join(words.split()), "type": "tracks", "per_page": "25"}
                return get(access, "/v4/catalog/search/", query, authorization=token)
        raise ValueError(f"beatport: no operation {call.operation}")

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome of an error object: {detail}. A 403 for one track is a miss."""
        detail = as_map(body).get("detail")
        if response.status == 401:
            return Classified(outcome="configuration", note="The token is refused; set a new one.")
        if response.status == 403 and isinstance(detail, str) and "territor" in detail.casefold():
            return Classified(outcome="miss", note=message_note("Restricted", detail))
        return None

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of a track, of both envelopes, of a list, or of a release with addresses."""
        whole = as_map(body)
        if any(isinstance(item, str) for item in as_list(whole.get("tracks"))):
            return present(_of_release(whole))
        rows = whole.get("results") if "results" in whole else whole.get("tracks", body)
        return present(_track(row) for row in maps(rows))

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artists of an artist object, a page of them or a search: by the address of each."""
        whole = as_map(body)
        for row in maps(whole.get("artists") if "tracks" in whole else whole.get("results", body)):
            name, address = text(row.get("name")), url(row.get("url"))
            if name and address and "/artists/" in address:
                yield ProviderArtist(
                    provider="beatport",
                    name=name,
                    ids=without_none({"beatport": identifier(row.get("id"))}),
                )


def _artist_names(value: Json) -> tuple[str, ...]:
    """Return names, of objects or of plain texts."""
    return names(value, "name") or names(value)


def _track(row: Map) -> ProviderTrack | None:
    """Return the track of a row. Units: `length_ms` in ms, `length` "5:26", `bpm` whole beats a minute."""
    title = text(row.get("name")) or text(row.get("title"))
    if not _TRACK.intersection(row) or _LIST.intersection(row):
        return None
    release = row.get("release")
    label = member(release, "label", "name") or member(row, "label", "name") or row.get("label")
    release_name = text(member(release, "name")) or text(release)
    mix_name = text(row.get("mix_name")) or text(row.get("mix"))
    number_of_key = as_map(row.get("key"))
    genres = [name for part in ("sub_genre", "genre") if (name := text(member(row, part, "name")))]
    remixers = row.get("remixers")
    length = positive(row.get("length_ms")) or positive(row.get("duration_ms"))
    return build_track(
        "beatport",
        title=title,
        mix_name=mix_name,
        artists=_artist_names(row.get("artists")),
        remixers=_artist_names(remixers) if isinstance(remixers, list) else None,
        isrc=text(row.get("isrc")),
        values={
            "beatport_id": identifier(row.get("id")),
            "bpm": positive(row.get("bpm")),
            "key": _key(number_of_key),
            "duration_ms": length or clock_ms(row.get("length")) or clock_ms(row.get("duration")),
            "release_date": _date(row),
            "release_name": release_name,
            "label": text(label),
        },
        ids={
            "beatport_id": identifier(row.get("id")),
            "beatport_release_id": identifier(member(release, "id")),
        },
        genres=[Genre(name=name, level="recording") for name in genres],
        artist_ids=ids_by_name(maps(row.get("artists"))),
        mix_part=is_mix_part(title, mix_name, release_name)
        or is_mix_type(text(member(release, "type", "name"))),
    )


def _of_release(release: Map) -> Iterator[ProviderTrack | None]:
    """Yield the values that a release lends to each of its tracks, by the ids in their addresses."""
    name = text(release.get("name"))
    if is_mix_part(None, None, name):
        return
    values = {
        "release_name": name,
        "label": text(member(release, "label", "name")),
        "release_date": _date(release),
    }
    for address in as_list(release.get("tracks"))[:500]:
        match = _TRACK_URL.search(address) if isinstance(address, str) else None
        if match:
            ids = {"beatport_id": match[1], "beatport_release_id": identifier(release.get("id"))}
            yield build_values({**values, "beatport_id": match[1]}, ids)


def _date(row: Map) -> str | None:
    """Return the day of release: `new_release_date` is that of the music, `publish_date` of the shop."""
    return day(*map(row.get, ("new_release_date", "publish_date", "released_date", "published_date")))


def _key(key: Map) -> object:
    """Return the key; its parts of other types than texts and numbers are left out."""
    chord = as_map(key.get("chord_type"))
    camelot = number(key.get("camelot_number"))
    return from_beatport(
        {
            "camelot_number": int(camelot) if camelot and 1 <= camelot <= 12 else None,
            "camelot_letter": text(key.get("camelot_letter")),
            "name": text(key.get("name")),
            "letter": text(key.get("letter")),
            "is_sharp": key.get("is_sharp") is True,
            "is_flat": key.get("is_flat") is True,
            "chord_type": {"name": text(chord.get("name"))} if chord else None,
        }
    )
