"""MusicBrainz: ids, ISRCs, dates, genres, labels, and artist profiles; no key, but the operator's contact.

Traps: `/isrc` refuses `inc=genres`, and a label needs the call of a release; linked releases are cut at 25; a
merged MBID is redirected (301) to the one that replaced it; names have typographic quotes; a label may be
absent, null or "[no label]". A search exists in XML too. Recordings of DJ mixes are recordings of their own.
Without real sample: answers to `/isrc` and `/url` (musicbrainz-server, Controller/WS/2).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers import musicbrainz_artists, musicbrainz_recordings, outcomes
from enrichment.providers.base import ARTIST_TTL_S, BaseProvider, by_name, get, required, sources
from enrichment.providers.musicbrainz_xml import parse_xml
from enrichment.providers.reading import Json, as_map, maps, parse_json, text
from enrichment.types import (
    Call,
    Classified,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Response,
    Window,
)

MAX_DEPTH = 40  # levels; the deepest real answer has 12
URL_BATCH = 100  # more `resource` parameters are cut without a word
SOURCE = "musicbrainz-server, lib/MusicBrainz/Server/Controller/WS/2"
_GIVES = frozenset({"musicbrainz_id", "isrc", "release_date", "release_name", "duration_ms", "genres"})
_ARTIST_FIELDS = frozenset(
    {"country", "artist_type", "life_begin", "life_end", "aliases", "groups", "genres", "links"}
)
_LUCENE = re.compile(r'([+\-!(){}\[\]^"~*?:\\/]|&&|\|\|)')
_INC = {
    "recording_by_isrc": "artist-credits+isrcs+releases+tags",
    "recording_by_id": "artist-credits+isrcs+genres+tags+releases+release-groups+url-rels",
    "release_by_id": "artist-credits+labels+recordings+isrcs+release-groups+genres",
    "artist_by_id": "aliases+genres+tags+url-rels+artist-rels",
    "urls": "recording-rels+artist-rels",
}
_PATHS = {
    "recording_by_isrc": "/ws/2/isrc/",
    "recording_by_id": "/ws/2/recording/",
    "release_by_id": "/ws/2/release/",
    "artist_by_id": "/ws/2/artist/",
}


class MusicBrainz(BaseProvider):
    """MusicBrainz' web service, version 2."""

    name = "musicbrainz"
    title = "MusicBrainz"
    base_url = "https://musicbrainz.org"
    #: One request a second for each address; above it everything is refused until the rate falls.
    windows = (Window(starts=1, seconds=1.0),)
    needs_contact = True
    operations = by_name(
        Operation(name="recording_by_isrc", gives=_GIVES - {"genres"}),
        Operation(name="recording_by_id", gives=_GIVES, redirects=True),
        Operation(name="search", gives=_GIVES - {"genres"}),
        Operation(
            name="urls",
            batch_parameter="resources",
            batch_size=URL_BATCH,
            gives=frozenset({"musicbrainz_id"}),
        ),
        Operation(
            name="release_by_id",
            gives=frozenset({"label", "release_name", "release_date"}),
            redirects=True,
        ),
        Operation(
            name="artist_by_id",
            artists=True,
            redirects=True,
            cache_ttl_s=ARTIST_TTL_S,
            artist_fields=_ARTIST_FIELDS,
        ),
        Operation(name="artist_search", artists=True),
    )
    unverified = sources(
        SOURCE,
        "recording_by_isrc",
        "urls",
        "search in JSON",
        "artist links",
        "artist genres",
        "artist groups",
    )
    probe = ("recording_by_id", {"id": "cb2cc207-8125-445c-9ef9-6ea44eee959a"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a call: `isrc`, `id`, `resources`, or `artist` and `title` of a search."""
        query = [("fmt", "json")]
        if call.operation in _INC:
            query.append(("inc", _INC[call.operation].replace("+", " ")))
        if call.operation in _PATHS:
            parameter = "isrc" if call.operation == "recording_by_isrc" else "id"
            return get(access, f"{_PATHS[call.operation]}{required(call, parameter)[0]}", query)
        match call.operation:
            case "urls":
                required(call, "resources")
                resources = [("resource", item) for item in call.items("resources")]
                return get(access, "/ws/2/url", [*query, *resources])
            case "search":
                artist, title = (_quoted(value) for value in required(call, "artist", "title"))
                lucene = f"recording:({title}) AND artist:({artist})"
                return get(access, "/ws/2/recording", [*query, ("query", lucene), ("limit", "25")])
            case "artist_search":
                lucene = f"artist:({_quoted(required(call, 'artist')[0])})"
                return get(access, "/ws/2/artist", [*query, ("query", lucene), ("limit", "10")])
        raise ValueError(f"musicbrainz: no operation {call.operation}")

    def classify(self, operation: str, response: Response) -> Classified:
        """Return the outcome of a response; a 503 is the rate limit."""
        if response.status == 503:
            wait = outcomes.wait_s(response, is_limited=True)
            return Classified(outcome="busy", note="The rate limit is reached.", retry_after_s=wait)
        classified = outcomes.classify(response, self.body_rule, xml=True)
        if classified.outcome == "hit" and not self._has_content(operation, response.body):
            return outcomes.without_content(self.parse(response.body))
        return classified

    def parse(self, body: bytes) -> Json:
        """Return the value of an answer in JSON or XML; underscores in names become hyphens."""
        parsed = parse_xml(body) if body[:200].lstrip().startswith(b"<") else parse_json(body)
        return _hyphenated(parsed)

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return the part of each resource of a `urls` batch; one resource is answered without a list."""
        whole = as_map(parse_json(body))
        rows = {text(row.get("resource")): row for row in maps(whole.get("urls", [whole]))}
        return {item: json.dumps(rows[item]).encode() for item in call.items("resources") if item in rows}

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the recordings of a recording, a search, an ISRC, a release or a list of URLs."""
        return musicbrainz_recordings.tracks(body, parameters)

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Return the artists of an artist or an artist search."""
        return musicbrainz_artists.artists(body, parameters)


def _quoted(words: str) -> str:
    return '"' + _LUCENE.sub(r"\\\1", words) + '"'


def _hyphenated(value: Json, depth: int = 0) -> Json:
    """Return a value with hyphens in its names, as far as answers are nested; None for what is deeper."""
    if depth > MAX_DEPTH:
        return None
    if isinstance(value, dict):
        return {name.replace("_", "-"): _hyphenated(item, depth + 1) for name, item in value.items()}
    return [_hyphenated(item, depth + 1) for item in value] if isinstance(value, list) else value
