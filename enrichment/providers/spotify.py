"""Spotify, Web API v1: ids, ISRC, length, release; the operator's app, owned by an account with Premium.

Off by default: its developer policy forbids deriving metrics from its content, so its values enter no
ranking, and its answers have a retention. Traps: the quota is a rolling day for each account, counted by
endpoint too; a search returns at most 10; apps in development get no features, labels or batches; `label` is
in albums only; the date of a compilation is not that of its tracks; dates may be a year; the id of a relinked
track is another than the requested one.
Without real sample: errors other than "not found", the token.
"""

from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, ids_by_name, present
from enrichment.providers.features import read_features
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.oauth import classify_token, read_token, token_request
from enrichment.providers.outcomes import limited, message_note, wait_s
from enrichment.providers.reading import (
    Json,
    Map,
    as_map,
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
    Token,
    Window,
)

SEARCH_LIMIT = 10  # a 400 above it
DAY_S = 86400.0
RETENTION_DAYS = 30
SOURCE = "developer.spotify.com, changelogs of 2026; answers quoted in public issues"
POLICY = (
    "Off by default: Spotify's developer policy forbids deriving metrics from its content; "
    'set SONGNODES_PROVIDERS_ON=["spotify"] if yours allows it.'
)
_GIVES = frozenset({"spotify_id", "isrc", "duration_ms", "release_date", "release_name"})
#: Below the 800 to 1,400 calls a day at which new apps were refused, and about 2,300 for one endpoint.
_DAILY = Window(starts=700, seconds=DAY_S)


class Spotify(BaseProvider):
    """Spotify's Web API."""

    name = "spotify"
    title = "Spotify"
    base_url = "https://api.spotify.com"
    token_url = "https://accounts.spotify.com/api/token"  # noqa: S105
    windows = (Window(starts=30, seconds=30.0), _DAILY)
    required = ("spotify_client_id", "spotify_client_secret")
    credentials = ("spotify_client_id", "spotify_client_secret", "provider_country")
    off_because = POLICY
    retention_days = RETENTION_DAYS
    operations = by_name(
        Operation(name="authorise", secret=True),
        Operation(name="track_by_id", gives=_GIVES),
        Operation(name="search_isrc", gives=_GIVES),
        Operation(name="search", gives=_GIVES),
        Operation(name="artist_by_id", windows=(Window(starts=300, seconds=DAY_S),), artists=True),
    )
    unverified = sources(SOURCE, "token", "errors")
    probe = ("track_by_id", {"id": "11dFghVXANMlKmJXsNCbNl"})

    def authorise(self, access: ProviderAccess) -> Call | None:
        """Return the call that fetches a token by client credentials."""
        return Call(provider=self.name, operation="authorise", parameters={})

    def read_token(self, response: Response) -> Token | None:
        """Return the token of an answer to `authorise`."""
        return read_token(response)

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `id`, `isrc`, or `artist` and `title` of a search."""
        if call.operation == "authorise":
            return token_request(access, "spotify_client_id", "spotify_client_secret")
        token = f"Bearer {access.token or ''}"
        market = access.credentials.get("provider_country") or "US"
        match call.operation:
            case "track_by_id":
                query = {"market": market}
                return get(access, f"/v1/tracks/{required(call, 'id')[0]}", query, authorization=token)
            case "artist_by_id":
                return get(access, f"/v1/artists/{required(call, 'id')[0]}", {}, authorization=token)
            case "search_isrc" | "search":
                if call.operation == "search_isrc":
                    words = f"isrc:{required(call, 'isrc')[0]}"
                else:
                    artist, title = (value.replace('"', " ") for value in required(call, "artist", "title"))
                    words = f'track:"{title}" artist:"{artist}"'
                query = {"q": words, "type": "track", "market": market, "limit": str(SEARCH_LIMIT)}
                return get(access, "/v1/search", query, authorization=token)
        raise ValueError(f"spotify: no operation {call.operation}")

    def classify(self, operation: str, response: Response) -> Classified:
        """Return the outcome of a response; in `authorise` refused credentials are configuration."""
        return classify_token(response) if operation == "authorise" else super().classify(operation, response)

    def body_rule(self, body: Json, response: Response) -> Classified | None:
        """Return the outcome of an error object: {error: {status, message, reason}}."""
        error = as_map(body).get("error")
        message, reason = member(error, "message"), text(member(error, "reason"))
        if member(error, "type") == "not_found":
            return Classified(outcome="miss")
        if reason == "QUOTA_EXCEEDED":
            wait = wait_s(response)
            return Classified(
                outcome="quota",
                note="The account's quota of the last 24 hours is used up.",
                retry_after_s=wait or DAY_S,
            )
        if response.status == 429:
            return limited(response)
        if response.status == 401:
            return Classified(outcome="configuration", note="The token is refused.", token_expired=True)
        if response.status == 403:
            return Classified(outcome="configuration", note=message_note("Spotify refuses access", message))
        return None

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks of a track, an album, a search, a page, a playlist or features."""
        whole = as_map(body)
        if "audio_features" in whole or "danceability" in whole:
            return present(_features(row) for row in maps(whole.get("audio_features", whole)))
        if "tempo" in as_map(whole.get("track")):  # the analysis of a track, without its id
            return present((_features(as_map(whole["track"])),))
        if isinstance(whole.get("albums"), list):
            return present(
                _track(row, album)
                for album in maps(whole["albums"])
                for row in maps(member(album, "tracks", "items"))
            )
        listed = whole.get("tracks")
        if listed is not None:
            album = whole if "album_type" in whole or "label" in whole else {}
            rows = as_map(listed).get("items") if isinstance(listed, dict) else listed
            return present(_track(as_map(row.get("track")) or row, album) for row in maps(rows))
        if "items" in whole:
            return present(_track(as_map(row.get("track")) or row, {}) for row in maps(whole["items"]))
        return present(_track(row, {}) for row in maps(body))

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artists of an artist, a list or a search."""
        whole = as_map(body)
        listed = whole.get("artists") if whole.get("type") in (None, "artist") else None
        rows = as_map(listed).get("items") if isinstance(listed, dict) else listed
        for row in maps(rows if "artists" in whole else body):
            name = text(row.get("name"))
            if name and row.get("type") == "artist" and "genres" in row:
                link = url(member(row, "external_urls", "spotify"))
                yield ProviderArtist(
                    provider="spotify",
                    name=name,
                    ids=without_none({"spotify": identifier(row.get("id"))}),
                    genres=tuple(Genre(name=genre, level="artist") for genre in names(row.get("genres"))),
                    links={"spotify": link} if link else {},
                )


def _track(row: Map, album: Map) -> ProviderTrack | None:
    """Return the track of a row; simplified ones of an `album` have no ISRC. Units: `duration_ms` in ms."""
    if row.get("type") not in (None, "track") or not {"duration_ms", "track_number"}.intersection(row):
        return None
    release = album or as_map(row.get("album"))
    title, release_name = text(row.get("name")), text(release.get("name"))
    spotify_id = identifier(row.get("id"))
    return build_track(
        "spotify",
        title=title,
        artists=names(row.get("artists"), "name"),
        isrc=text(member(row, "external_ids", "isrc")),
        values={
            "spotify_id": spotify_id,
            "duration_ms": positive(row.get("duration_ms")),
            "release_date": None if release.get("album_type") == "compilation" else _date(release),
            "release_name": release_name,
            "label": text(release.get("label")),
        },
        ids={"spotify_id": spotify_id, "spotify_album_id": identifier(release.get("id"))},
        genres=[Genre(name=name, level="release") for name in names(release.get("genres"))],
        artist_ids=ids_by_name(maps(row.get("artists"))),
        merged_from=identifier(member(row, "linked_from", "id")),
        mix_part=is_mix_part(title, None, release_name),
    )


def _date(album: Map) -> str | None:
    """Return the date of an album as exact as it is; old answers have an object of year, month and day."""
    value = album.get("release_date")
    if isinstance(value, dict):
        parts = [number(value.get(name)) for name in ("year", "month", "day")]
        parts = parts[: parts.index(None)] if None in parts else parts
        return (
            "-".join(f"{int(part or 0):0{4 if place == 0 else 2}d}" for place, part in enumerate(parts))
            or None
        )
    plain = text(value)
    lengths = {"year": 4, "month": 7}
    return plain[: lengths.get(str(album.get("release_date_precision")), 10)] if plain else None


def _features(row: Map) -> ProviderTrack | None:
    """Return features, by id."""
    seconds = positive(row.get("duration"))
    length = positive(row.get("duration_ms")) or (seconds * 1000 if seconds else None)
    values = {**read_features(row), "duration_ms": length}
    return build_values(values, {"spotify_id": identifier(row.get("id"))})
