"""The report of `songnodes explain enrich`."""

from datetime import timedelta
from typing import Any

import zstandard

from operations.explain import report
from tests.support.provider_answers import (
    FIRST,
    archived,
    deezer_track,
    reccobeats_features,
    reccobeats_track,
)

TRACK = "deadmau5-strobe-1"
SECOND = FIRST + timedelta(days=1)
RECORD = {
    "track_id": TRACK,
    "track_name": "Strobe",
    "artist_names": ["deadmau5"],
    "enrichment_metadata": {
        "waterfall_attempts": [
            {"field": "bpm", "provider": "reccobeats", "value": 128, "confidence": 0.8, "chosen": True}
            | {"status": "hit", "note": "by id"},
            {"field": "bpm", "provider": "deezer", "value": None, "confidence": None, "chosen": False}
            | {"status": "miss", "note": None},
            {"field": "bpm", "provider": "spotify", "status": "miss"},
            {"field": "*", "provider": "tidal", "status": "disabled"},
        ]
    },
    "enrichment_details": {"unobtainable": ["beatport_id"]},
}


def rows(*records: Any) -> list[dict[str, Any]]:
    """Return records as rows of the table."""
    compress = zstandard.ZstdCompressor().compress
    return [{**record, "body": record["body"] and compress(record["body"])} for record in records]


def lines(*records: Any) -> list[str]:
    return list(report(TRACK, RECORD, rows(*records)))


def test_every_request_is_shown_with_its_evaluation_and_cost() -> None:
    text = lines(
        archived(TRACK, "deezer", "search", {"data": [deezer_track()]}, latency_ms=100),
        archived(TRACK, "reccobeats", "tracks", reccobeats_track(), cached=True, batch_id="b", batch_size=3),
    )
    assert text[:4] == ["deadmau5 - Strobe", TRACK, "", "2 attempts: 1 calls, 1 from the cache, 100 ms"]
    request = (
        "1. 2025-10-10 06:20:12 deezer.search by search (artist=Deadmau5, title=Strobe): HTTP 200, 100 ms"
    )
    assert text[4] == request
    assert text[5].strip().startswith("exact match, scope recording, confidence 1.00: bpm 128.0")
    assert "with 2 other tracks" in text[6]
    assert text[6].endswith("HTTP 200, from the cache")


def test_an_answer_that_does_not_count_has_its_reason() -> None:
    remix = deezer_track(title="Strobe (Michael Woods Remix)")
    text = lines(
        archived(TRACK, "reccobeats", "audio_features", reccobeats_features(), parameters={"ids": "x"}),
        archived(TRACK, "deezer", "search", {"data": [remix]}),
        archived(
            TRACK, "discogs", "search", None, status="rate_limited", note="60 in a minute", http_status=None
        ),
    )
    assert text[5].strip() == "hit, does not count: scope id"
    assert text[7].strip().startswith("rejected (Strobe (Michael Woods Remix): ")
    assert text[9].endswith("no call")
    assert text[10].strip() == "rate_limited (60 in a minute)"


def test_the_choice_of_each_field_is_shown() -> None:
    text = lines()
    assert text[-3:] == [
        "bpm: chosen 128 of reccobeats 0.8, by id; deezer miss; spotify miss",
        "tidal: disabled",
        "no enabled provider supplies: beatport_id",
    ]


def test_a_miss_has_the_time_of_its_next_look_up_and_the_track_that_of_the_schedule() -> None:
    records = [
        archived(TRACK, "deezer", "search", None, status="miss", attempted_at=FIRST, attempt_id="a"),
        archived(TRACK, "deezer", "search", None, status="miss", attempted_at=SECOND, attempt_id="b"),
    ]
    text = list(report(TRACK, RECORD, rows(*records), SECOND + timedelta(days=2)))
    assert [line.strip() for line in text if "due again" in line or "looked up" in line] == [
        "2 misses in succession: due again 2025-10-13 06:20 UTC, while needed",
        "looked up again: 2025-10-13 06:20 UTC at the earliest",
    ]
    assert text.index("     2 misses in succession: due again 2025-10-13 06:20 UTC, while needed") == 7 + 1
    first = next(line for line in lines(records[0]) if "due" in line)
    assert first.strip() == "the first miss: due again 2025-10-11 06:20 UTC, while needed"
