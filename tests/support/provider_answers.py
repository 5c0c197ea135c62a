"""Archived answers in the wire formats of providers, for tests of the evaluation and of merge."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from songnodes.domain import enrichments, identity, ids
from songnodes.domain.lines import read_line
from songnodes.domain.records import Attempt
from tests.support.sample_records import attempt

FIRST = datetime(2025, 10, 10, 6, 20, 12, tzinfo=UTC)
STROBE, RAJ = "Deadmau5 - Strobe", "Deadmau5 - Raj"
MBID = "4a00ec9d-c635-463a-8cd4-eb61725f0c60"
MUSICBRAINZ = {
    "id": MBID,
    "name": "deadmau5",
    "sort-name": "deadmau5",
    "country": "CA",
    "aliases": [{"name": "Joel Zimmerman"}],
    "genres": [{"name": "progressive house", "count": 5}],
    "relations": [{"type": "other databases", "url": {"resource": "https://www.discogs.com/artist/289522"}}],
}


def archived(
    track_id: str,
    provider: str,
    operation: str,
    body: Any,
    *,
    parameters: dict[str, str] | None = None,
    lookup: str = "search",
    text: str = "Deadmau5 - Strobe",
    page_ids: dict[str, str] | None = None,
    duration_ms: int | None = None,
    seconds: int = 0,
    **changes: Any,
) -> Attempt:
    """Return the record of an attempt; `seconds` after the first one."""
    call = {"operation": operation, "parameters": parameters or {"artist": "Deadmau5", "title": "Strobe"}}
    raw = None if body is None else json.dumps(body).encode()
    fields = {
        "provider": provider,
        **call,
        "lookup": lookup,
        "attempted_at": FIRST + timedelta(seconds=seconds),
        "attempt_id": enrichments.attempt_id(
            track_id, "r", f"{provider}:{ids.canonical_json(call)}:{seconds}", 1
        ),
        "claim": {"text": text, "duration_ms": duration_ms, "ids": page_ids or {}},
        **changes,
    }
    return attempt(track_id, raw, **fields)  # type: ignore[return-value]


def key_of(record: Attempt) -> str:
    """Return the Kafka key of an attempt."""
    subject = enrichments.subject_of(record["track_id"], record["artist_id"])
    return enrichments.answer_key(subject, record["attempt_id"])


def archived_for_artist(
    name: str,
    provider: str,
    operation: str,
    body: Any,
    *,
    parameters: dict[str, str],
    seconds: int = 0,
    **changes: Any,
) -> Attempt:
    """Return the record of an attempt at a request for an artist."""
    artist = identity.artist_id(name)
    attempt = archived(
        "",
        provider,
        operation,
        body,
        parameters=parameters,
        lookup="artist",
        text=name,
        seconds=seconds,
        artist_id=artist,
        **changes,
    )
    call = f"{provider}:{ids.canonical_json([operation, parameters])}:{seconds}"
    attempt["attempt_id"] = enrichments.attempt_id(enrichments.subject_of("", artist), "r", call, 1)
    return attempt


def deezer_track(**changes: Any) -> dict[str, Any]:
    """Return a track of Deezer."""
    return {
        "id": 3135556,
        "type": "track",
        "title": "Strobe",
        "duration": 637,
        "isrc": "USUS11000123",
        "bpm": 128.0,
        "release_date": "2009-10-26",
        "artist": {"id": 5, "name": "deadmau5"},
        "contributors": [{"id": 5, "name": "deadmau5"}],
        "album": {"id": 302127, "title": "For Lack of a Better Name"},
        **changes,
    }


def reccobeats_track(**changes: Any) -> dict[str, Any]:
    """Return an answer of ReccoBeats to `tracks`."""
    row = {
        "id": "0c0ba7f8-0000-4000-8000-000000000001",
        "trackTitle": "Strobe",
        "artists": [{"id": "a", "name": "deadmau5"}],
        "durationMs": 637_000,
        "isrc": "USUS11000123",
        "href": "https://open.spotify.com/track/2VHlwTPRH7Wwxo2KYW5jR7",
        **changes,
    }
    return {"content": [row]}


def reccobeats_features(**changes: Any) -> dict[str, Any]:
    """Return an answer of ReccoBeats to `audio_features`."""
    row = {
        "id": "0c0ba7f8-0000-4000-8000-000000000001",
        "href": "https://open.spotify.com/track/2VHlwTPRH7Wwxo2KYW5jR7",
        "energy": 0.76,
        "danceability": 0.68,
        "valence": 0.42,
        "acousticness": 0.01,
        "instrumentalness": 0.89,
        "liveness": 0.11,
        "speechiness": 0.04,
        "loudness": -6.2,
        "tempo": 128.0,
        "key": 9,
        "mode": 0,
        **changes,
    }
    return {"content": [row]}


def track_id_of(line: str) -> str:
    """Return the id of the track that a line names."""
    return identity.track_id(read_line(line)) or ""


def recording(**changes: Any) -> dict[str, Any]:
    """Return a recording of MusicBrainz."""
    credit = [{"name": "deadmau5", "artist": {"id": MBID, "name": "deadmau5"}}]
    own_id = "2f0a1b5c-0000-4000-8000-000000000001"
    return {"id": own_id, "title": "Strobe", "length": 637_000, "artist-credit": credit, **changes}


def deezer(line: str, artist: int = 5, name: str = "deadmau5", seconds: int = 0) -> Attempt:
    """Return an answer of Deezer to the track of a line."""
    credit = {"id": artist, "name": name}
    body = deezer_track(title=line.partition(" - ")[2], artist=credit, contributors=[credit])
    return archived(track_id_of(line), "deezer", "search", {"data": [body]}, text=line, seconds=seconds)


def musicbrainz(seconds: int = 1) -> list[Attempt]:
    """Return a recording, and the description of its artist."""
    track_id = track_id_of(STROBE)
    own = {"id": recording()["id"]}
    return [
        archived(track_id, "musicbrainz", "recording_by_id", recording(), parameters=own, seconds=seconds),
        archived(
            track_id,
            "musicbrainz",
            "artist_by_id",
            MUSICBRAINZ,
            parameters={"id": MBID},
            lookup="artist",
            seconds=seconds + 1,
        ),
    ]
