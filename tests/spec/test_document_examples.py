"""The worked examples of the document that the system was built from, field by field.

Its page has Strobe at position 15 of an Essential Mix; Beatport, Spotify and MusicBrainz answer in their wire
formats. Where the document contradicts itself, docs/guarantees.md and the contract decide: `track_id` has no
year, quality is computed unrounded.
"""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from songnodes.domain import quality
from songnodes.settings import Settings
from tests.support import sample_records
from tests.support.in_process_stages import InProcessPipeline
from tests.support.provider_answers import archived, key_of

SPOTIFY_ID = "2VHlwTPRH7Wwxo2KYW5jR7"
MBID = "f6f2326f-6b25-4170-b89d-e235b25508e8"
RELEASE_MBID = "5f9c9ef9-0d0d-4c55-bd0b-2a4a5f0b9d01"
ISRC = "USUG11000123"
KEYS = Settings(
    beatport_token="t", spotify_client_id="i", spotify_client_secret="s", providers_on=["spotify"]
)

BEATPORT = {
    "id": 1234567,
    "name": "Strobe",
    "mix_name": "Original Mix",
    "artists": [{"id": 26182, "name": "deadmau5"}],
    "remixers": [],
    "bpm": 128,
    "key": {"name": "A Minor", "camelot_number": 8, "camelot_letter": "A"},
    "length_ms": 645_000,
    "isrc": ISRC,
    "new_release_date": "2009-10-26",
    "release": {"id": 1, "name": "For Lack of a Better Name", "label": {"id": 1, "name": "Ultra Records"}},
}
SPOTIFY_FEATURES = {
    "id": SPOTIFY_ID,
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
    "duration_ms": 645_000,
}
MUSICBRAINZ = {
    "id": MBID,
    "title": "Strobe",
    "length": 645_000,
    "first-release-date": "2009-10-26",
    "isrcs": [ISRC],
    "artist-credit": [{"name": "deadmau5", "artist": {"id": "4a00ec9d-0000-4000-8000-000000000001"}}],
    "genres": [
        {"name": "progressive house", "count": 5},
        {"name": "electro house", "count": 3},
        {"name": "electronic", "count": 2},
    ],
    "releases": [{"id": RELEASE_MBID, "title": "For Lack of a Better Name", "status": "Official"}],
}


def strobe_record() -> Any:
    """Return the silver record of Strobe after its set and the answers of three providers."""
    pipeline = InProcessPipeline(settings=KEYS)
    lines = [*(f"Artist {number} - Title {number}" for number in range(1, 15)), "Deadmau5 - Strobe"]
    page = sample_records.tracklist("2fnv9h39", *lines)
    page["rows"][14] |= {"cue_text": "1:23:45", "cue_seconds": 5025, "ids": {"spotify_id": SPOTIFY_ID}}
    page["header"] |= {"title": "Pete Tong - Essential Mix 2010-11-05", "date_text": "2010-11-05"}
    pipeline.publish("bronze.tracklists", page["playlist_id"], page)
    pipeline.run()
    tracks = pipeline.live_records["silver.tracks"]
    (track_id,) = [name for name, track in tracks.items() if track["track_name"] == "Strobe"]
    ids = {"spotify_id": SPOTIFY_ID}
    answers = [
        archived(track_id, "beatport", "search", {"results": [BEATPORT]}, page_ids=ids, latency_ms=234),
        archived(
            *(track_id, "spotify", "track_by_id", SPOTIFY_FEATURES),
            parameters={"id": SPOTIFY_ID}, page_ids=ids, cached=True, seconds=1,
        ),
        archived(
            *(track_id, "musicbrainz", "recording_by_isrc", {"isrc": ISRC, "recordings": [MUSICBRAINZ]}),
            parameters={"isrc": ISRC}, page_ids=ids, latency_ms=611, seconds=1,
        ),
        archived(
            *(track_id, "musicbrainz", "recording_by_id", MUSICBRAINZ),
            parameters={"id": MBID}, page_ids=ids, latency_ms=611, seconds=2,
        ),
    ]  # fmt: skip
    for record in answers:
        pipeline.publish("bronze.enrichments", key_of(record), record)
    pipeline.run()
    return tracks[track_id]


@pytest.fixture(scope="module")
def strobe() -> Any:
    return strobe_record()


@pytest.mark.parametrize(
    ("completeness", "confidence", "validation", "score"),
    [(0.92, 0.87, 1.0, 0.916), (0.92, 0.94, 1.0, 0.944)],
)
def test_the_worked_examples_of_quality(
    completeness: float, confidence: float, validation: float, score: float
) -> None:
    assert quality.score(completeness, confidence, validation) == score
    assert quality.band(score) == "excellent"


def test_22_of_24_fields_are_filled() -> None:
    fields = quality.SUBJECTS["tracks"].fields
    assert len(fields) == 24
    assert round(quality.completeness(dict.fromkeys(fields[:22], 1), fields), 3) == 0.917


EXPECTED = {
    "track_name": "Strobe",
    "artist_names": ["Deadmau5"],
    "position_in_mix": 15,
    "timestamp_in_mix": "1:23:45",
    "spotify_id": SPOTIFY_ID,
    "isrc": ISRC,
    "musicbrainz_id": MBID,
    "beatport_id": "1234567",
    "bpm": 128,
    "key": 8,
    "key_mode": "minor",
    "energy": 0.76,
    "danceability": 0.68,
    "valence": 0.42,
    "acousticness": 0.01,
    "instrumentalness": 0.89,
    "liveness": 0.11,
    "speechiness": 0.04,
    "loudness": -6.2,
    "genres": ["progressive house", "electro house", "electronic"],
    "release_date": date(2009, 10, 26),
    "release_name": "For Lack of a Better Name",
    "label": "Ultra Records",
    "duration_ms": 645_000,
    "validation_status": "validated",
}


@pytest.mark.parametrize("field", EXPECTED)
def test_the_record_of_strobe(strobe: Any, field: str) -> None:
    assert strobe[field] == EXPECTED[field]


def test_its_identifiers_are_stable(strobe: Any) -> None:
    assert strobe["track_id"].startswith("deadmau5-strobe-")
    assert strobe["first_set_date"] == date(2010, 11, 5)
    assert strobe["bronze_id"]


def test_its_quality_is_excellent(strobe: Any) -> None:
    parts = (strobe["data_completeness"], strobe["confidence_score"], strobe["validation_score"])
    assert parts[0] == 1.0  # the document's own record has all 24 fields
    assert parts[2] == 1.0
    assert strobe["data_quality_score"] == quality.score(*parts) >= 0.9
    assert strobe["completeness_ceiling"] == 1.0


def test_its_metadata_have_exactly_the_fields_of_the_document(strobe: Any) -> None:
    metadata = json.loads(strobe["enrichment_metadata"])
    assert metadata.keys() == {
        *("waterfall_attempts", "providers_used", "total_api_calls", "total_cache_hits"),
        *("enrichment_duration_ms", "quality_scores"),
    }
    assert set(metadata["providers_used"]) - {"page"} == {"beatport", "spotify", "musicbrainz"}
    assert (metadata["total_api_calls"], metadata["total_cache_hits"]) == (3, 1)
    assert metadata["enrichment_duration_ms"] == 1456
    assert metadata["quality_scores"].keys() == {"completeness", "confidence", "validation"}


@pytest.mark.parametrize(
    ("field", "provider", "value", "confidence", "cached"),
    [
        ("bpm", "beatport", 128, 0.98, False),
        ("bpm", "spotify", 128, 0.85, True),
        ("key", "beatport", "8A", 0.95, False),
        ("energy", "spotify", 0.76, 0.90, True),
    ],
)
def test_its_attempts(
    strobe: Any, field: str, provider: str, value: Any, confidence: float, cached: bool
) -> None:
    attempts = json.loads(strobe["enrichment_metadata"])["waterfall_attempts"]
    (attempt,) = [entry for entry in attempts if (entry["field"], entry["provider"]) == (field, provider)]
    assert (attempt["value"], attempt["confidence"], attempt["cached"]) == (value, confidence, cached)
    assert attempt["chosen"] is (field != "bpm" or provider == "beatport")
    assert datetime.fromisoformat(attempt["timestamp"]) >= datetime(2025, 10, 10, 6, 20, 12, tzinfo=UTC)


def test_every_provider_of_the_configuration_is_in_the_attempts(strobe: Any) -> None:
    attempts = json.loads(strobe["enrichment_metadata"])["waterfall_attempts"]
    assert {entry["provider"] for entry in attempts} >= {
        *("beatport", "spotify", "musicbrainz", "deezer", "reccobeats", "tidal", "lastfm", "discogs"),
    }


def test_the_same_answers_give_the_same_record_again(strobe: Any) -> None:
    assert strobe_record() == strobe
