"""Evaluation of one archived answer."""

import json
from typing import Any

import pytest

from enrichment.answers import evaluate
from enrichment.types import ProviderTrack
from songnodes.domain.answers import AnswerEntry
from tests.support.provider_answers import archived, deezer_track, reccobeats_features

TRACK = "deadmau5-strobe-1"


def deezer(body: Any, **changes: Any) -> AnswerEntry:
    return evaluate(archived(TRACK, "deezer", "search", body, **changes))


def values(entry: AnswerEntry) -> dict[str, Any]:
    return dict(json.loads(entry["values"]))


def test_a_match_lends_its_values_and_ids() -> None:
    entry = deezer({"data": [deezer_track()]})
    assert (entry["status"], entry["match_class"], entry["scope"]) == ("hit", "exact", "recording")
    assert values(entry) == {
        "bpm": 128.0,
        "duration_ms": 637_000,
        "isrc": "USUS11000123",
        "release_date": "2009-10-26",
        "release_name": "For Lack of a Better Name",
    }
    assert entry["ids"]["deezer_id"] == "3135556"


def test_the_wrong_remix_first_in_the_list_is_passed_over() -> None:
    remix = deezer_track(id=1, title="Strobe (Michael Woods Remix)", bpm=130.0)
    entry = deezer({"data": [remix, deezer_track()]})
    assert entry["ids"]["deezer_id"] == "3135556"
    rejected = deezer({"data": [remix]})
    assert (rejected["status"], values(rejected), rejected["ids"]) == ("rejected", {}, {})
    assert "Michael Woods" in (rejected["note"] or "")


def test_another_variant_lends_tempo_and_no_id_or_duration() -> None:
    edit = deezer_track(title="Strobe (Radio Edit)", duration=217)
    entry = deezer({"data": [edit]}, text="Deadmau5 - Strobe (Extended Mix)", duration_ms=637_000)
    assert (entry["scope"], entry["ids"], values(entry)) == ("variant", {}, {"bpm": 128.0})
    assert entry["confidence"] == pytest.approx(0.85)


def test_a_part_of_a_dj_mix_is_taken_only_without_the_recording_and_lends_no_id() -> None:
    mixed = deezer_track(id=9, title="Strobe (Mixed)", isrc="GBXXX0000001")
    assert deezer({"data": [mixed, deezer_track()]})["ids"]["deezer_id"] == "3135556"
    on_a_mix = deezer_track(id=8, duration=245, album={"id": 1, "title": "Night 12 (DJ Mix)"})
    without_length = deezer_track(duration=None)
    entry = deezer({"data": [on_a_mix, without_length]}, duration_ms=245_000)
    assert entry["ids"]["deezer_id"] == "3135556"
    alone = deezer({"data": [mixed]})
    assert alone["ids"] == {}
    assert values(alone) == {}


def test_values_about_an_id_have_no_match() -> None:
    entry = evaluate(
        archived(TRACK, "reccobeats", "audio_features", reccobeats_features(), parameters={"ids": "x"})
    )
    assert (entry["scope"], entry["match_class"], values(entry)["key"]) == ("id", "", "8A")


def test_an_answer_is_matched_with_the_track_as_it_was_requested() -> None:
    requested = deezer({"data": [deezer_track()]}, text="Somebody Else - Another Title")
    assert requested["status"] == "rejected"
    assert deezer({"data": [deezer_track()]}, claim=None)["status"] == "rejected"


@pytest.mark.parametrize("status", ["miss", "error", "disabled", "skipped", "rate_limited"])
def test_an_attempt_without_answer_keeps_its_status(status: str) -> None:
    entry = deezer({"data": [deezer_track()]}, status=status, note="why")
    assert (entry["status"], entry["note"], values(entry), entry["ids"]) == (status, "why", {}, {})


def test_a_provider_of_another_version_is_an_error() -> None:
    entry = evaluate(archived(TRACK, "future", "search", {}))
    assert entry["status"] == "error"


def test_equal_calls_have_equal_keys() -> None:
    first, again = deezer({"data": []}), deezer({"data": []}, seconds=9)
    assert first["call"] == again["call"]
    assert first["attempt_id"] != again["attempt_id"]


@pytest.mark.parametrize("mbid", ["\ud800", "a\0b"])
def test_an_answer_whose_id_cannot_be_stored_is_an_error_with_the_reason(mbid: str) -> None:
    class Unchecked:
        def extract(self, *_: object) -> tuple[ProviderTrack, ...]:
            values = {"duration_ms": 200_000}
            return (ProviderTrack(candidate=None, values=values, ids={"musicbrainz_id": mbid}),)

    attempt = archived(TRACK, "deezer", "search", {"data": []})
    entry = evaluate(attempt, {"deezer": Unchecked()})  # type: ignore[dict-item]
    assert (entry["status"], entry["ids"], values(entry)) == ("error", {}, {})
    assert (entry["note"] or "").encode()


def test_an_answer_on_which_the_code_fails_is_an_error_with_the_reason() -> None:
    class Failing:
        def extract(self, *_: object) -> tuple[()]:
            raise KeyError("tracks")

    attempt = archived(TRACK, "deezer", "search", {"data": []})
    entry = evaluate(attempt, {"deezer": Failing()})  # type: ignore[dict-item]
    assert entry["status"] == "error"
    assert "KeyError" in (entry["note"] or "")
