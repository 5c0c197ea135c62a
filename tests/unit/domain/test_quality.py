"""Quality: the formula, the statuses, the checks of each kind of record."""

from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import quality
from songnodes.domain.lines import read_line
from songnodes.domain.records import Check, PlaylistRow

SHARES = st.floats(0, 1)


def check(name: str = "x", *, passed: bool, weight: float = 1, required: bool = False) -> Check:
    return {"name": name, "passed": passed, "weight": weight, "required": required, "note": None}


def failed(checks: tuple[Check, ...]) -> list[str]:
    return [result["name"] for result in checks if not result["passed"]]


# --- the formula ---


@pytest.mark.parametrize(
    ("completeness", "confidence", "validation", "wanted"),
    [
        (0.92, 0.87, 1.0, 0.916),
        (0.92, 0.94, 1.0, 0.944),
        (1, 1, 1, 1.0),
        (0, 0, 0, 0.0),
        (22 / 24, 0.87, 1, 0.915),
    ],
)
def test_the_score_follows_the_formula(
    completeness: float, confidence: float, validation: float, wanted: float
) -> None:
    assert quality.score(completeness, confidence, validation) == wanted


@given(SHARES, SHARES, SHARES)
def test_score_is_a_share_with_three_decimals(a: float, b: float, c: float) -> None:
    stored = quality.score(a, b, c)
    assert 0 <= stored <= 1
    assert stored == round(stored, 3)


@pytest.mark.parametrize(
    ("stored", "band"),
    [
        (0.9, "excellent"),
        (0.899, "good"),
        (0.7, "good"),
        (0.699, "needs improvement"),
        (0.0, "needs improvement"),
    ],
)
def test_bands_depend_on_the_stored_value(stored: float, band: str) -> None:
    assert quality.band(stored) == band


def test_statuses_follow_the_checks() -> None:
    assert quality.grade([]).status == "validated"
    assert quality.grade([check(passed=True)]).status == "validated"
    nearly = quality.grade([check(passed=True, weight=4), check(passed=False)])
    assert (nearly.validation, nearly.status) == (0.8, "warning")
    assert quality.grade([check(passed=True, weight=3), check(passed=False)]).status == "needs_review"
    assert (
        quality.grade([check(passed=True, weight=9), check(passed=False, required=True)]).status == "rejected"
    )
    review = quality.grade(
        [check(passed=True, weight=9), check("conflict", passed=False)], review={"conflict"}
    )
    assert review.status == "needs_review"


def test_completeness_counts_zero_as_a_value() -> None:
    values: dict[str, object] = {"a": 0, "b": 0.0, "c": False, "d": None, "e": "", "f": [], "g": ()}
    assert quality.completeness(values, ["a", "b", "c"]) == 1
    assert quality.completeness(values, ["d", "e", "f", "g", "missing"]) == 0
    assert quality.completeness(values, []) == 0
    assert quality.mean_confidence([]) == 0
    assert quality.mean_confidence([0.5, 1.0]) == 0.75


def test_a_track_has_the_24_documented_fields() -> None:
    fields = quality.SUBJECTS["tracks"].fields
    assert len(fields) == len(set(fields)) == 24


# --- rows ---


def row(text: str, **changes: Any) -> tuple[Check, ...]:
    fields: dict[str, Any] = {"position": 1, "cue_text": None, "cue_seconds": None, "cue_before": None}
    return quality.row_checks(read_line(text), **{**fields, **changes})


@pytest.mark.parametrize(
    "text", ["Deadmau5 - Strobe", "ID - ID", "ID", "Bicep - ID", "A - B (ID Remix)", "??"]
)
def test_valid_rows_pass(text: str) -> None:
    assert quality.grade(row(text)).status == "validated"


@pytest.mark.parametrize(
    ("text", "changes", "names", "status"),
    [
        ("Strobe", {}, ["artist"], "rejected"),
        ("", {}, ["artist", "title"], "rejected"),
        (f"{'A' * 201} - Strobe", {}, ["artist"], "rejected"),
        (f"A - {'B' * 301}", {}, ["title"], "rejected"),
        ("A - B", {"position": 0}, ["position"], "rejected"),
        (f"{'A' * 1001} - B", {}, ["artist", "credit_searched"], "rejected"),
        (f"{', '.join('ABCDEFGHIJKLMNOPQ' * 3)} - B", {}, ["credit_searched"], "warning"),
        (f"{', '.join(('ABCDEFGHIJKLMNOPQ' * 3)[:50])} - B", {}, [], "validated"),
        ("A - B", {"cue_text": "soon"}, ["cue_readable"], "warning"),
        ("A - B", {"cue_seconds": 10, "cue_before": 20}, ["cue_in_order"], "warning"),
        ("A - B", {"cue_seconds": 20, "cue_before": 20}, [], "validated"),
        ("A - B\ufffd", {}, ["text_undamaged"], "warning"),
        ("A - B (Remix)", {}, ["version_unambiguous"], "warning"),
        ("A - B (Continuous DJ Mix)", {}, ["version_unambiguous"], "warning"),
        ("A - B", {"warnings": ["odd"]}, ["parsed_cleanly"], "warning"),
        (
            "A - B (Remix)\ufffd",
            {"warnings": ["odd"]},
            ["text_undamaged", "version_unambiguous", "parsed_cleanly"],
            "needs_review",
        ),
    ],
)
def test_invalid_rows_fail_their_checks(
    text: str, changes: dict[str, Any], names: list[str], status: str
) -> None:
    checks = row(text, **changes)
    assert failed(checks) == names
    assert quality.grade(checks).status == status


@pytest.mark.parametrize("cue", ["1:23:45", "83:45", "[012]", "??", "[4?:??]", ""])
def test_cues_in_any_real_format_are_readable(cue: str) -> None:
    assert failed(row("A - B", cue_text=cue)) == []


# --- tracks ---

GOOD: dict[str, Any] = {
    "track_name": "Strobe",
    "artist_names": ["Deadmau5"],
    "bpm": 128.0,
    "key": 8,
    "key_mode": "minor",
    "duration_ms": 645_000,
    "release_date": date(2009, 10, 26),
    "isrc": "USUG11000123",
    "spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7",
    "musicbrainz_id": "f6f2326f-6b25-4170-b89d-e235b25508e8",
    "beatport_id": "1234567",
}


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"bpm": 39.9}, ["bpm"]),
        ({"bpm": 250.1}, ["bpm"]),
        ({"bpm": None, "isrc": None}, []),
        ({"key_mode": None}, ["key"]),
        ({"key": None}, ["key"]),
        ({"duration_ms": 19_999}, ["duration"]),
        ({"duration_ms": 7_200_001}, ["duration"]),
        ({"release_date": date(2030, 1, 1)}, ["release_not_ahead", "release_before_play"]),
        ({"release_date": date(2012, 1, 1)}, ["release_before_play"]),
        ({"release_date": date(2011, 11, 5)}, []),
        ({"isrc": "US-UG1-10-00123"}, ["isrc"]),
        ({"spotify_id": "x"}, ["spotify_id"]),
        ({"musicbrainz_id": "x"}, ["musicbrainz_id"]),
        ({"beatport_id": "x"}, ["beatport_id"]),
        ({"track_name": ""}, ["title"]),
        ({"artist_names": []}, ["artist"]),
    ],
)
def test_invalid_tracks_fail_their_checks(changes: dict[str, Any], names: list[str]) -> None:
    checks = quality.track_checks({**GOOD, **changes}, first_played=date(2010, 11, 5), as_of=date(2026, 1, 1))
    assert failed(checks) == names


def test_a_conflict_needs_review_at_any_score() -> None:
    judged = quality.track_quality(GOOD, confidences={"bpm": 0.9, "key": 0.7}, conflicts=["bpm"])
    assert judged.status == "needs_review"
    assert judged.quality["confidence"] == pytest.approx(0.8)
    assert judged.quality["completeness"] == pytest.approx(11 / 24)
    assert judged.quality["score"] == quality.score(11 / 24, 0.8, judged.quality["validation"])


def test_a_track_without_values_is_scored() -> None:
    judged = quality.track_quality({"track_name": "Strobe", "artist_names": ["Deadmau5"]}, confidences={})
    assert judged.status == "validated"
    assert judged.quality["confidence"] == 0


# --- playlists, artists, events ---


def listed(
    *cues: int | None, status: str = "identified", part: str | None = None, number: int | None = None
) -> list[PlaylistRow]:
    """Return rows with the fields that are read, and no others."""
    rows = [
        {"position": at, "cue_seconds": cue, "part": part, "status": status, "number": number}
        for at, cue in enumerate(cues, start=1)
    ]
    return cast(list[PlaylistRow], rows)


def playlist(rows: list[PlaylistRow], **changes: Any) -> quality.Judged:
    fields: dict[str, Any] = {
        "rows": rows,
        "djs": ["Sven Väth"],
        "set_date": date(2024, 10, 25),
        "latest_date": date(2024, 12, 1),
        "declared": len(rows),
        "header": {"title": "x", "djs": ["Sven Väth"]},
    }
    return quality.playlist_quality(**{**fields, **changes})


@pytest.mark.parametrize(
    ("rows", "changes", "names", "status"),
    [
        (listed(0, None, 30), {}, [], "validated"),
        (listed(), {"declared": None}, ["rows"], "rejected"),
        (listed(*range(2_000)), {}, [], "validated"),
        (listed(*range(2_001)), {}, ["compared"], "warning"),
        (listed(0, 30, 20), {}, ["cues"], "warning"),
        (listed(0, 30), {"declared": 3}, ["declared_count"], "warning"),
        (listed(0, 30), {"declared": None}, [], "validated"),
        (listed(0, 30), {"djs": []}, ["dj"], "warning"),
        (listed(0, 30), {"set_date": None}, ["date"], "warning"),
        (listed(0, 30), {"set_date": date(2025, 1, 1)}, ["date_not_ahead"], "needs_review"),
        (listed(0, 30, status="unidentified"), {}, ["half_identified"], "warning"),
        (listed(0, 30)[1:], {}, ["positions"], "warning"),
        (listed(0, 30, 60, number=1), {}, ["numbers"], "warning"),
        (listed(0, 30, number=1), {}, [], "validated"),
        (listed(0, 30), {"date_problem": "no such day: '2026-02-31'"}, ["date"], "warning"),
        (listed(0, 90, part="1") + listed(0, part="2"), {}, ["positions"], "warning"),
    ],
)
def test_invalid_playlists_fail_their_checks(
    rows: list[PlaylistRow], changes: dict[str, Any], names: list[str], status: str
) -> None:
    judged = playlist(rows, **changes)
    assert failed(judged.checks) == names
    assert judged.status == status


def test_the_confidence_of_a_set_is_its_share_of_identified_rows() -> None:
    rows = listed(None, None) + listed(None, status="artist_only") + listed(None, status="unidentified")
    assert playlist(rows).quality["confidence"] == pytest.approx(2.5 / 4)
    assert playlist(listed(None)).quality["completeness"] == pytest.approx(2 / 11)


def test_artists_are_scored() -> None:
    complete = quality.artist_quality(
        name="Sven Väth", native_ids=["1001:x"], sources=1, values={"country": "DE"}
    )
    assert (complete.status, complete.quality["confidence"]) == ("validated", 1.0)
    assert complete.quality["completeness"] == pytest.approx(3 / 6)
    assert quality.artist_quality(name="Nobody Yet", native_ids=[], sources=1, values={}).status == "warning"
    assert (
        quality.artist_quality(name="Nobody Yet", native_ids=[], sources=2, values={}).status == "validated"
    )
    assert quality.artist_quality(name="V.A.", native_ids=["x"], sources=2, values={}).status == "rejected"
    assert quality.is_generic("Various Artists")
    assert not quality.is_generic("The Unknown DJ")


def test_events_are_scored() -> None:
    values = {
        "title": "Time Warp",
        "date": date(2024, 10, 25),
        "venue": "Maimarkthalle",
        "lineup": ["Sven Väth"],
    }
    assert quality.event_quality(values, latest_date=date(2024, 1, 1)).status == "validated"
    late = quality.event_quality({**values, "date": date(2026, 1, 1)}, latest_date=date(2024, 1, 1))
    assert (late.status, failed(late.checks)) == ("needs_review", ["date_plausible"])
    never = quality.event_quality({**values, "date": date(2030, 1, 1)}, latest_date=date(2024, 1, 1))
    assert (never.status, failed(never.checks)) == ("rejected", ["date", "date_plausible"])
    assert quality.event_quality({}, latest_date=date(2024, 1, 1)).status == "rejected"
