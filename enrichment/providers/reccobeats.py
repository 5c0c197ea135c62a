"""ReccoBeats: audio features, and Spotify ids by ISRC; no key needed.

Form of the answers: reccobeats.com/docs and public clients; no real sample at hand, so every field is
unverified. Traps: of a batch unknown ids are left out and the order is another, so parts are joined by id,
Spotify link or ISRC, never by position; a key of -1 is unknown. Features by ISRC cannot be joined: ask
`tracks` first. Its features are Spotify's: agreement of both is one witness.
"""

import json
from collections.abc import Iterable, Iterator, Mapping

from enrichment.providers.base import BaseProvider, by_name, get, required, sources
from enrichment.providers.building import build_track, build_values, ids_by_name, present
from enrichment.providers.features import FEATURES, read_features
from enrichment.providers.mixes import is_mix_part
from enrichment.providers.reading import (
    Json,
    Map,
    as_map,
    identifier,
    isrc,
    maps,
    names,
    parse_json,
    positive,
    text,
    without_none,
)
from enrichment.types import (
    Call,
    HttpRequest,
    Operation,
    ProviderAccess,
    ProviderArtist,
    ProviderTrack,
    Window,
)

BATCH_SIZE = 40  # ids beyond it are dropped without a word
SOURCE = "reccobeats.com/docs; forms as public clients read them"


class ReccoBeats(BaseProvider):
    """ReccoBeats' public API."""

    name = "reccobeats"
    title = "ReccoBeats"
    base_url = "https://api.reccobeats.com"
    #: Its limits are not published; a refusal names its wait in Retry-After.
    windows = (Window(starts=5, seconds=1.0),)
    operations = by_name(
        Operation(
            name="tracks",
            batch_parameter="ids",
            batch_size=BATCH_SIZE,
            gives=frozenset({"spotify_id", "isrc", "duration_ms"}),
        ),
        Operation(
            name="audio_features",
            batch_parameter="ids",
            batch_size=BATCH_SIZE,
            gives=frozenset({"bpm", "key", *FEATURES}),
        ),
        Operation(name="artists", batch_parameter="ids", batch_size=BATCH_SIZE, artists=True),
    )
    unverified = sources(
        SOURCE,
        *("spotify_id", "isrc", "duration_ms", "bpm", "key", "artists", *FEATURES),
        tracks_by_isrc="three public clients; the documentation names ids of ReccoBeats and Spotify only",
    )
    probe = ("tracks", {"ids": "USUM71029604"})

    def request(self, call: Call, access: ProviderAccess) -> HttpRequest:
        """Return the request of a batch: `ids` of ReccoBeats or Spotify, or ISRCs for `tracks`."""
        paths = {"tracks": "/v1/track", "audio_features": "/v1/audio-features", "artists": "/v1/artist"}
        if call.operation not in paths:
            raise ValueError(f"reccobeats: no operation {call.operation}")
        required(call, "ids")
        return get(access, paths[call.operation], {"ids": ",".join(call.items("ids"))})

    def split(self, call: Call, body: bytes) -> Mapping[str, bytes]:
        """Return the part of each id, joined by the ids that the part names."""
        parts: dict[str, bytes] = {}
        rows = [(row, _names_of(row)) for row in _rows(parse_json(body))]
        for item in call.items("ids"):
            row = next((row for row, row_names in rows if item in row_names), None)
            if row is not None:
                parts[item] = json.dumps({"content": [row]}).encode()
        return parts

    def tracks(self, body: Json, parameters: Mapping[str, str]) -> Iterable[ProviderTrack]:
        """Return the tracks and the features of an answer."""
        return present(_track(row) if "trackTitle" in row else _features(row) for row in _rows(body))

    def artists(self, body: Json, parameters: Mapping[str, str]) -> Iterator[ProviderArtist]:
        """Yield the artists of an answer."""
        for row in _rows(body):
            name = text(row.get("name"))
            if name:
                ids = {"reccobeats": identifier(row.get("id")), "spotify": _tail(row.get("href"))}
                yield ProviderArtist(provider="reccobeats", name=name, ids=without_none(ids))


def _rows(body: Json) -> Iterator[Map]:
    return maps(as_map(body).get("content", body))


def _names_of(row: Map) -> frozenset[str]:
    """Return the ids under which a part may have been requested."""
    return frozenset(
        name for name in (identifier(row.get("id")), _tail(row.get("href")), isrc(row.get("isrc"))) if name
    )


def _tail(href: Json) -> str | None:
    """Return the id at the end of a Spotify link."""
    link = text(href)
    return link.partition("?")[0].rstrip("/").rpartition("/")[2] or None if link else None


def _track(row: Map) -> ProviderTrack | None:
    title = text(row.get("trackTitle"))
    spotify_id = _tail(row.get("href"))
    artists = tuple(maps(row.get("artists")))
    return build_track(
        "reccobeats",
        title=title,
        artists=names(list(artists), "name"),
        isrc=text(row.get("isrc")),
        values={"duration_ms": positive(row.get("durationMs")), "spotify_id": spotify_id},
        ids={"reccobeats_id": identifier(row.get("id")), "spotify_id": spotify_id},
        artist_ids=ids_by_name(artists),
        mix_part=is_mix_part(title),
    )


def _features(row: Map) -> ProviderTrack | None:
    """Return features, by id."""
    values = read_features(row)
    ids = {"reccobeats_id": identifier(row.get("id")), "spotify_id": _tail(row.get("href"))}
    return build_values(values, ids) if any(value is not None for value in values.values()) else None
