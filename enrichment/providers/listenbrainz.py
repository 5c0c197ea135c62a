"""ListenBrainz: MusicBrainz ids by name, and metadata of 1,000 recordings in one request; a free token.

Form of the answers: listenbrainz-server, `webserver/views/metadata_api.py` and `labs_api/labs/api`; no real
sample at hand, so every field is unverified. Traps: the lookup cuts a title at "(", so a remix may be mapped
to its original: the names that it returns pass the gates like any other result. The Spotify ids of its labs
service are found by name too.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, present, voted_genres
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.outcomes import limited, message_note
from enrichment.providers.reading import (
    Json,
    Map,
    as_list,
    as_map,
    identifier,
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
    GenreLevel,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Response,
    Window,
)

METADATA_BATCH, LOOKUP_BATCH, ARTIST_BATCH, LABS_BATCH = 1000, 50, 50, 50
LABS_URL = "https://labs.api.listenbrainz.org"
SOURCE = "listenbrainz-server, webserver/views/metadata_api.py and its test data"
LABS_SOURCE = "listenbrainz-server, labs_api/labs/api/spotify; a service without guarantees"
#: Separates artist and title in an item of `lookup`; no name has it.
SEPARATOR = "\n"


class ListenBrainz(BaseProvider):
    """ListenBrainz' API for metadata."""

    name = "listenbrainz"
    title = "ListenBrainz"
    base_url = "https://api.listenbrainz.org"
    #: Its headers name 30 requests in 10 s; `X-RateLimit-Reset-In` is honoured on a 429.
    windows = (Window(starts=30, seconds=10.0),)
    required = ("listenbrainz_token",)
    credentials = ("listenbrainz_token",)
    operations = by_name(
        Operation(
            name="recordings",
            batch_parameter="mbids",
            batch_size=METADATA_BATCH,
            timeout_s=30.0,
            gives=frozenset({"genres", "release_name", "release_date", "duration_ms"}),
        ),
        Operation(
            name="lookup",
            batch_parameter="names",
            batch_size=LOOKUP_BATCH,
            timeout_s=30.0,
            gives=frozenset({"musicbrainz_id", "release_name"}),
        ),
        Operation(
            name="spotify_ids",
            batch_parameter="mbids",
            batch_size=LABS_BATCH,
            timeout_s=30.0,
            gives=frozenset({"spotify_id"}),
        ),
        Operation(name="artists", batch_parameter="mbids", batch_size=ARTIST_BATCH, artists=True),
    )
    unverified = sources(
        SOURCE,
        *("musicbrainz_id", "genres", "release_name", "release_date", "duration_ms", "artists"),
        spotify_id=LABS_SOURCE,
    )
    probe = ("lookup", {"names": "Rick%20Astley%0ANever%20Gonna%20Give%20You%20Up"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a batch: `mbids`, or `names`, each artist, line break, title."""
        batch = "names" if call.operation == "lookup" else "mbids"
        required(call, batch)
        items = call.items(batch)
        match call.operation:
            case "recordings":
                return _post(
                    access, "/1/metadata/recording/", {"recording_mbids": items, "inc": "artist tag release"}
                )
            case "lookup":
                pairs = [item.partition(SEPARATOR) for item in items]
                recordings = [{"artist_name": artist, "recording_name": title} for artist, _, title in pairs]
                return _post(access, "/1/metadata/lookup/", {"recordings": recordings})
            case "spotify_ids":
                host = LABS_URL if access.base_url == self.base_url else access.base_url
                rows = [{"recording_mbid": item} for item in items]
                return _post(access, "/spotify-id-from-mbid/json", rows, host)
            case "artists":
                query = {"artist_mbids": ",".join(items), "inc": "artist tag"}
                return get(access, "/1/metadata/artist/", query, authorization=_authorization(access))
        raise ValueError(f"listenbrainz: no operation {call.operation}")

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome of an error object: {code, error}."""
        error = as_map(body).get("error")
        if not error or response.status == 200:
            return None
        if response.status == 429:
            return limited(response, seconds=positive(response.headers.get("x-ratelimit-reset-in")))
        if response.status == 401:
            return Classified(outcome="configuration", note=message_note("The token is refused", error))
        return None

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return the part of each item: by MBID, or by the names that a row of `lookup` repeats."""
        parsed = parse_json(body)
        parts: dict[str, Json]
        if call.operation == "recordings":
            entries = as_map(parsed)
            parts = {item: {item: entries[item]} for item in call.items("mbids") if as_map(entries.get(item))}
        elif call.operation == "lookup":
            rows = {
                f"{row.get('artist_name_arg')}{SEPARATOR}{row.get('recording_name_arg')}": [row]
                for row in maps(parsed)
                if row.get("recording_mbid")
            }
            parts = {item: rows[item] for item in call.items("names") if item in rows}
        else:
            member_name = "recording_mbid" if call.operation == "spotify_ids" else "artist_mbid"
            keyed = {identifier(row.get(member_name)): [row] for row in maps(parsed, METADATA_BATCH)}
            parts = {item: keyed[item] for item in call.items("mbids") if item in keyed}
        return {item: json.dumps(part).encode() for item, part in parts.items()}

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the recordings of metadata by MBID, of a lookup, or of Spotify ids by MBID."""
        if isinstance(body, dict) and "recording_mbid" not in body:
            entries = list(body.items())[:METADATA_BATCH]
            return present(
                _metadata(mbid, as_map(entry)) for key, entry in entries if (mbid := identifier(key))
            )
        return present(
            _spotify(row) if "spotify_track_ids" in row else _lookup(row)
            for row in maps(body, METADATA_BATCH)
        )

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artists of artist metadata, and those of recordings."""
        if isinstance(body, list):
            for row in maps(body):
                yield from _artists([row], as_list(member(row, "tag", "artist")))
        else:
            for entry in list(as_map(body).values())[:METADATA_BATCH]:
                yield from _artists(
                    as_list(member(entry, "artist", "artists")), as_list(member(entry, "tag", "artist"))
                )


def _authorization(access: ProviderAccess) -> str:
    return f"Token {access.credentials.get('listenbrainz_token', '')}"


def _post(access: ProviderAccess, path: str, body: Json, host: str | None = None) -> HttpRequest:
    return HttpRequest(
        method="POST",
        url=f"{(host or access.base_url).rstrip('/')}{path}",
        headers={
            "user-agent": access.user_agent,
            "accept": "application/json",
            "content-type": "application/json",
            "authorization": _authorization(access),
        },
        body=json.dumps(body).encode(),
    )


def _metadata(mbid: str, entry: Map) -> ProviderTrack | None:
    """Return the metadata of a recording, by its MBID; its name is in newer answers only.

    `release.year` is that of a release chosen by the server, so a date of year precision. `length` is in ms.
    """
    recording, release = as_map(entry.get("recording")), as_map(entry.get("release"))
    if not (recording or release or entry.get("tag")):
        return None
    year = number(release.get("year"))
    values = {
        "release_name": text(release.get("name")),
        "release_date": str(int(year)) if year and 1000 < year < 9999 else None,
        "duration_ms": positive(recording.get("length")),
    }
    ids = {"musicbrainz_id": mbid, "musicbrainz_release_id": identifier(release.get("mbid"))}
    genres = [*_genres(entry, "recording", "recording"), *_genres(entry, "release_group", "release")]
    return build_values(
        {**values, "musicbrainz_id": mbid}, ids, [*genres, *_genres(entry, "artist", "artist")]
    )


def _genres(entry: Map, member_name: str, level: GenreLevel) -> Iterator[Genre]:
    """Return the tags that are genres."""
    tags = maps(member(entry, "tag", member_name))
    return voted_genres([tag for tag in tags if tag.get("genre_mbid")], level, "tag")


def _lookup(row: Map) -> ProviderTrack | None:
    mbid = identifier(row.get("recording_mbid"))
    title, artist = text(row.get("recording_name")), text(row.get("artist_credit_name"))
    if mbid is None:
        return None
    release_name = text(row.get("release_name"))
    return build_track(
        "listenbrainz",
        title=title,
        artists=(artist,) if artist else (),
        values={"musicbrainz_id": mbid, "release_name": release_name},
        ids={"musicbrainz_id": mbid, "musicbrainz_release_id": identifier(row.get("release_mbid"))},
        mix_part=is_mix_part(title, None, release_name),
    )


def _spotify(row: Map) -> ProviderTrack | None:
    mbid, title, artist = (
        identifier(row.get("recording_mbid")),
        text(row.get("track_name")),
        text(row.get("artist_name")),
    )
    spotify_id = next(filter(None, map(identifier, names(row.get("spotify_track_ids")))), None)
    if spotify_id is None:
        return None
    return build_track(
        "listenbrainz",
        title=title,
        artists=(artist,) if artist else (),
        values={"spotify_id": spotify_id},
        ids={"spotify_id": spotify_id, "musicbrainz_id": mbid},
        mix_part=is_mix_part(title, None, text(row.get("release_name"))),
    )


def _artists(rows: list[Json], tags: list[Json]) -> Iterator[ProviderArtist]:
    for row in maps(rows, 100):
        name, mbid = text(row.get("name")), identifier(row.get("artist_mbid"))
        if not name:
            continue
        own = [tag for tag in maps(tags) if tag.get("artist_mbid") in (None, row.get("artist_mbid"))]
        links = {
            str(kind)[:60]: address
            for kind, link in list(as_map(row.get("rels")).items())[:100]
            if (address := url(link))
        }
        yield ProviderArtist(
            provider="listenbrainz",
            name=name,
            ids=without_none({"musicbrainz": mbid}),
            genres=tuple(_genres({"tag": {"artist": own}}, "artist", "artist")),
            links=links,
        )
