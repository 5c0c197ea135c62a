"""The silver record of a track."""

import json
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain import claims, tracks
from songnodes.domain.claims import TrackTotal

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


def claim(**other: Any) -> dict[str, Any]:
    return {
        **tracks.NAMELESS,
        "track_name": "Strobe",
        "base_title": "Strobe",
        "artist_credit": "Deadmau5",
        "artist_names": ["Deadmau5"],
        "artist_ids": ["deadmau5-1"],
        "artists_certain": True,
        **other,
    }


def total(*counted: tuple[dict[str, Any], int], **overrides: Any) -> TrackTotal:
    made = claims.empty()
    made["claims"] = {str(index): {"claim": said, "count": n} for index, (said, n) in enumerate(counted)}  # type: ignore[typeddict-item]
    made["first"] = {
        "day": "2026-10-01",
        "playlist_id": "p:1",
        "position": 4,
        "cue_text": "12:30",
        "mix_name": "Cellar",
        "bronze_id": "b",
    }
    made["overrides"] = {
        field: {
            "version": SEEN,
            "field": field,
            "value": json.dumps(value),
            "decision_id": field,
            "reason": "test",
        }
        for field, value in overrides.items()
    }
    return made


def record(made: TrackTotal) -> Any:
    return tracks.track_record("strobe-1", 7, made, SEEN, "0")


def test_the_most_frequent_spelling_is_shown_and_all_are_kept() -> None:
    made = record(total((claim(track_name="STROBE"), 1), (claim(), 2)))
    assert made["track_name"] == "Strobe"
    assert [entry["text"] for entry in made["spellings"]] == ["Deadmau5 - Strobe", "Deadmau5 - STROBE"]


def test_a_credit_that_the_page_splits_beats_one_kept_whole() -> None:
    whole = claim(artist_names=["Adam & Raxon"], artist_ids=["x"], artists_certain=False)
    split = claim(artist_names=["Adam", "Raxon"], artist_ids=["a", "r"])
    assert record(total((whole, 5), (split, 1)))["artist_names"] == ["Adam", "Raxon"]


def test_page_values_enter_through_the_waterfall_and_an_override_beats_them() -> None:
    said = claim(label="mau5trap", duration_ms=637000, genre="Progressive House", values={"bpm": "127"})
    made = record(total((said, 1)))
    assert (made["label"], made["duration_ms"], made["genres"]) == ("mau5trap", 637000, ["Progressive House"])
    assert made["bpm"] is None or made["bpm"] == 127
    by_hand = record(total((said, 1), bpm=128, key="8A", release_date="2009-10-26"))
    assert (by_hand["bpm"], by_hand["key"], by_hand["key_mode"]) == (128, 8, "minor")
    assert by_hand["release_date"] == date(2009, 10, 26)
    attempts = json.loads(by_hand["enrichment_metadata"])["waterfall_attempts"]
    assert [a["provider"] for a in attempts if a["field"] == "bpm" and a["chosen"]] == ["override"]


def test_a_track_that_nobody_names_is_gone_and_asks_for_nothing() -> None:
    made = record({**total(), "first": None})
    assert made["gone"]
    assert tracks.request(made) is None


def test_a_request_has_one_id_for_one_question() -> None:
    one, again = (tracks.request(record(total((claim(), n)))) for n in (1, 9))
    other = tracks.request(record(total((claim(ids={"spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7"}), 1))))
    assert one is not None
    assert again is not None
    assert other is not None
    assert one["request_id"] == again["request_id"] != other["request_id"]
    assert "spotify_id" not in other["missing"]


def test_garbage_in_page_values_is_no_value() -> None:
    made = record(total((claim(values={"bpm": "nan", "key": "H flat", "energy": "1e999"}), 1)))
    assert (made["bpm"], made["key"], made["energy"]) == (None, None, None)


@given(st.permutations([("A", 1), ("B", 2), ("C", 2)]), st.permutations(["x", "y"]))
@settings(max_examples=30)
def test_the_record_does_not_depend_on_the_order_of_claims(
    labels: list[tuple[str, int]], genres: list[str]
) -> None:
    counted = [(claim(label=label, genre=genre), n) for (label, n) in labels for genre in genres]
    reference = [
        (claim(label=label, genre=genre), n) for label, n in (("A", 1), ("B", 2), ("C", 2)) for genre in "xy"
    ]
    assert record(total(*counted)) == record(total(*reference))
