"""TIDAL, API v2: ids, ISRC, tempo, key, genres, label, date, length; client credentials of the operator.

Form of the answers: TIDAL's API description 1.10.104; no real sample at hand, so every field is unverified.
The part of the description that is read here is a contract of the local servers. Traps: several ISRCs in one
request are answered with one track each, which hides the other candidates: such a batch only pre-fills, and a
track that the gates reject is requested alone; a malformed ISRC is a 400; key and scale may be UNKNOWN or a
mode without a place on the wheel; a search may name tracks without their artists: those are references.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, present
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.oauth import classify_token, read_token, token_request
from enrichment.providers.outcomes import message_note
from enrichment.providers.reading import (
    Json,
    Map,
    as_list,
    as_map,
    identifier,
    isrc,
    maps,
    member,
    names,
    number,
    parse_json,
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
    Token,
    Window,
)
from songnodes.domain.keys import from_tidal

BATCH_SIZE = 20
SOURCE = "TIDAL's API description 1.10.104 (tidal-sdk-web, packages/api/bin/tidal-api-oas.json)"
INCLUDE = "albums,artists,genres,providers"
MEDIA_TYPE = "application/vnd.api+json"
_GIVES = frozenset({"isrc", "bpm", "key", "genres", "release_date", "release_name", "label", "duration_ms"})
_DURATION = re.compile(r"P(?:(\d{1,4})D)?T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?")
_SITES = {
    "TIDAL_SHARING": "tidal",
    "TWITTER": "twitter",
    "FACEBOOK": "facebook",
    "INSTAGRAM": "instagram",
    "TIKTOK": "tiktok",
    "OFFICIAL_HOMEPAGE": "homepage",
}


class Tidal(BaseProvider):
    """TIDAL's public API, version 2."""

    name = "tidal"
    title = "TIDAL"
    base_url = "https://openapi.tidal.com"
    token_url = "https://auth.tidal.com/v1/oauth2/token"  # noqa: S105
    #: Its limits are not published, and going over them is punished with long waits.
    windows = (Window(starts=3, seconds=1.0),)
    required = ("tidal_client_id", "tidal_client_secret")
    credentials = ("tidal_client_id", "tidal_client_secret", "provider_country")
    operations = by_name(
        Operation(name="authorise", secret=True),
        Operation(name="track_by_isrc", gives=_GIVES),
        Operation(name="tracks_by_isrc", batch_parameter="isrcs", batch_size=BATCH_SIZE, gives=_GIVES),
        Operation(name="tracks_by_id", batch_parameter="ids", batch_size=BATCH_SIZE, gives=_GIVES),
        Operation(name="search"),
        Operation(name="artists_by_id", batch_parameter="ids", batch_size=BATCH_SIZE, artists=True),
    )
    unverified = sources(SOURCE, "tidal_id", "artists", *sorted(_GIVES))
    probe = ("tracks_by_id", {"ids": "75413016"})

    def authorise(self, access: ProviderAccess) -> Call | None:
        """Return the call that fetches a token by client credentials."""
        return Call(provider=self.name, operation="authorise", parameters={})

    def read_token(self, response: Response) -> Token | None:
        """Return the token of an answer to `authorise`."""
        return read_token(response)

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `isrc`, `isrcs`, `ids`, or `artist` and `title` of a search."""
        if call.operation == "authorise":
            return token_request(access, "tidal_client_id", "tidal_client_secret")
        country = ("countryCode", access.credentials.get("provider_country") or "US")
        match call.operation:
            case "track_by_isrc":
                items = [isrc(required(call, "isrc")[0]) or required(call, "isrc")[0]]
                query = [("include", INCLUDE), *(("filter[isrc]", item) for item in items)]
                return self._get(access, "/tracks", [country, *query])
            case "tracks_by_isrc":
                required(call, "isrcs")
                query = [("include", INCLUDE), *(("filter[isrc]", item) for item in call.items("isrcs"))]
                return self._get(access, "/tracks", [country, *query])
            case "tracks_by_id" | "artists_by_id":
                required(call, "ids")
                path = "/tracks" if call.operation == "tracks_by_id" else "/artists"
                include = INCLUDE if path == "/tracks" else "biography"
                query = [("include", include), *(("filter[id]", item) for item in call.items("ids"))]
                return self._get(access, path, [country, *query])
            case "search":
                words = " ".join(required(call, "artist", "title"))[:256]
                return self._get(
                    access, "/searchResults", [country, ("filter[query]", words), ("include", "tracks")]
                )
        raise ValueError(f"tidal: no operation {call.operation}")

    @staticmethod
    def _get(access: ProviderAccess, path: str, query: list[tuple[str, str]]) -> HttpRequest:
        return get(
            access, f"/v2{path}", query, accept=MEDIA_TYPE, authorization=f"Bearer {access.token or ''}"
        )

    def classify(self, operation: str, response: Response) -> Classified:
        """Return the outcome of a response; a 401 asks for a new token, but not in `authorise` itself."""
        if operation == "authorise":
            return classify_token(response)
        return super().classify(operation, response)

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome of an error document: {errors: [{status, code, detail}]}."""
        errors = list(maps(as_map(body).get("errors")))
        if response.status == 401:
            return Classified(outcome="configuration", note="The token is refused.", token_expired=True)
        if errors and response.status == 400:
            return Classified(outcome="ours", note=message_note("Error 400", errors[0].get("detail")))
        return None

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return the document of each id or ISRC, with what it includes; an ISRC may have several tracks."""
        whole = as_map(parse_json(body))
        included = list(maps(whole.get("included"), 5000))
        parts: dict[str, bytes] = {}
        for item in call.items("isrcs" if call.operation == "tracks_by_isrc" else "ids"):
            rows = [
                row for row in maps(whole.get("data")) if item in (identifier(row.get("id")), _isrc_of(row))
            ]
            if rows:
                linked = {key for row in rows for key in _linked(row)}
                own = [entry for entry in included if _key(entry) in linked]
                parts[item] = json.dumps({"data": rows, "included": own}).encode()
        return parts

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of a document; those of a search as references."""
        whole = as_map(body)
        included = {_key(entry): entry for entry in maps(whole.get("included"), 5000)}
        rows = list(maps(whole.get("data")))
        results = [row for row in rows if row.get("type") == "searchResults"]
        if results:
            ids = [
                identifier(entry.get("id"))
                for row in results
                for entry in maps(member(row, "relationships", "tracks", "data"))
            ]
            ids += [
                identifier(entry.get("id")) for entry in included.values() if entry.get("type") == "tracks"
            ]
            return present(
                _result(tidal_id, included) for tidal_id in dict.fromkeys(ids) if tidal_id is not None
            )
        return present(_track(row, included) for row in rows if row.get("type") == "tracks")

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artists of a document of artists."""
        for row in maps(as_map(body).get("data")):
            name = text(member(row, "attributes", "name"))
            if row.get("type") == "artists" and name:
                yield ProviderArtist(
                    provider="tidal",
                    name=name,
                    ids=without_none({"tidal": identifier(row.get("id"))}),
                    links=dict(_links(as_map(row.get("attributes")))),
                )


def _key(entry: Json) -> tuple[str | None, str | None]:
    return text(member(entry, "type")), identifier(member(entry, "id"))


def _linked(row: Map) -> Iterator[tuple[str | None, str | None]]:
    for relation in list(as_map(row.get("relationships")).values())[:100]:
        yield from (_key(entry) for entry in maps(member(relation, "data")))


def _related(row: Map, name: str, included: Mapping[tuple[str | None, str | None], Map]) -> list[Map]:
    entries = maps(member(row, "relationships", name, "data"))
    return [as_map(included[_key(entry)].get("attributes")) for entry in entries if _key(entry) in included]


def _isrc_of(row: Map) -> str | None:
    return isrc(member(row, "attributes", "isrc"))


def _result(tidal_id: str, included: Mapping[tuple[str | None, str | None], Map]) -> ProviderTrack | None:
    """Return a track of a search, or a reference where the answer does not name its artists."""
    track = _track(included.get(("tracks", tidal_id), {}), included)
    named = track is not None and track.candidate is not None and track.candidate.artists
    return track if named else build_values({}, {"tidal_id": tidal_id})


def _track(row: Map, included: Mapping[tuple[str | None, str | None], Map]) -> ProviderTrack | None:
    """Return the track of a resource. Units: `duration` is ISO 8601 ("PT2M58S"), `bpm` beats a minute."""
    attributes = as_map(row.get("attributes"))
    title, version = text(attributes.get("title")), text(attributes.get("version"))
    albums = _related(row, "albums", included)
    album = albums[0] if albums else {}
    artist_rows = [
        (text(member(included.get(_key(entry)), "attributes", "name")), identifier(entry.get("id")))
        for entry in maps(member(row, "relationships", "artists", "data"))
    ]
    artists = tuple(dict.fromkeys(name for name, _ in artist_rows if name))
    release_name = text(album.get("title"))
    providers = _related(row, "providers", included)
    return build_track(
        "tidal",
        title=title,
        mix_name=version,
        artists=artists,
        isrc=_isrc_of(row),
        values={
            "bpm": positive(attributes.get("bpm")),
            "key": from_tidal(text(attributes.get("key")), text(attributes.get("keyScale"))),
            "duration_ms": _milliseconds(attributes.get("duration")),
            "release_date": text(album.get("releaseDate")),
            "release_name": release_name,
            "label": text(providers[0].get("name")) if providers else None,
        },
        ids={"tidal_id": identifier(row.get("id"))},
        genres=[
            Genre(name=name, level="recording")
            for name in names(_related(row, "genres", included), "genreName")
        ],
        artist_ids={name: artist_id for name, artist_id in artist_rows if name and artist_id},
        mix_part=is_mix_part(title, version, release_name)
        or is_mix_part(None, None, text(album.get("version"))),
    )


def _milliseconds(value: Json) -> float | None:
    plain = text(value)
    match = _DURATION.fullmatch(plain) if plain else None
    if match is None:
        return None
    days, hours, minutes, seconds = (number(group) or 0.0 for group in match.groups())
    return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000 or None


def _links(attributes: Map) -> Iterator[tuple[str, str]]:
    for link in as_list(attributes.get("externalLinks"))[:50]:
        site, address = _SITES.get(text(member(link, "meta", "type")) or ""), url(member(link, "href"))
        if site and address:
            yield site, address
