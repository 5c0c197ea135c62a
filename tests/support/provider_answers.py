"""Archived answers in the wire formats of providers, for tests of the evaluation and of merge."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from songnodes.domain import enrichments, identity, ids
from songnodes.domain.records import Attempt
from tests.support.sample_records import attempt

FIRST = datetime(2025, 10, 10, 6, 20, 12, tzinfo=UTC)


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
