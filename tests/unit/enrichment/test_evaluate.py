"""Evaluation of one archived answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from enrichment.answers import evaluate
from enrichment.artist_answers import artists_of, of_track
from enrichment.types import ProviderTrack
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.lines import read_line
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


def artists_of_answer(path: Path, operation: str, text: str, **parameters: str) -> dict[str, Any]:
    """Return what a real answer lends to the artists of a line, by name."""
    record = archived(
        "t",
        path.parent.name,
        operation,
        json.loads(path.read_bytes()),
        parameters=parameters,
        text=text,
    )
    return {values["name"]: values for values in json.loads(evaluate(record)["artists"])}


def test_real_answers_lend_profiles_to_the_artist_of_their_name(shared_data: Path) -> None:
    path = shared_data / "json/musicbrainz/artist.json"
    person = artists_of_answer(path, "artist_by_id", "Ed Sheeran - Photograph")["Ed Sheeran"]
    assert (person["kind"], person["country"], person["ids"]["musicbrainz"]) == (
        "profile",
        "GB",
        person["native_id"],
    )
    assert artists_of_answer(path, "artist_by_id", "Someone - Photograph") == {}
    path = shared_data / "json/spotify/artist.json"
    group = artists_of_answer(path, "artist_by_id", "Cher vs. ABBA - Tune")["ABBA"]
    assert group["native_id"] == "0LcJLqbBmaGUft1e9Mm8HV"
    path = shared_data / "json/lastfm/artist-getinfo.json"
    band = artists_of_answer(path, "artist_info", "U2 - One", artist="U2")["U2"]
    assert band["biography"]
    assert band["links"] == {"lastfm": "https://www.last.fm/music/U2"}


def test_a_real_answer_about_a_matched_track_lends_ids(shared_data: Path) -> None:
    path = shared_data / "json/beatport/v4-catalog-search-charlotte-de-witte.json"
    row = json.loads(path.read_bytes())["tracks"][0]
    names = [artist["name"] for artist in row["artists"]]
    line = f"{' & '.join(names)} - {row['name']} ({row['mix_name']})"
    lent = artists_of_answer(path, "search", line)
    assert {name: values["native_id"] for name, values in lent.items()} == {
        artist["name"]: str(artist["id"]) for artist in row["artists"]
    }


def test_a_credit_of_another_name_lends_nothing() -> None:
    track = ProviderTrack(candidate=None, artist_ids={"DEADMAU5": "5", "Kaskade": "6", "Âme": "a|b"})
    artists = artists_of(read_line("deadmau5 & Âme - Strobe"))
    assert [values["native_id"] for values in of_track(track, artists)] == ["5"]


def test_biographies_are_kept_where_the_licence_allows() -> None:
    body = {"id": 1, "name": "deadmau5", "profile": "A producer.", "uri": "https://www.discogs.com/artist/1"}
    record = archived("t", "discogs", "artist_by_id", body, parameters={"id": "1"})
    (values,) = json.loads(evaluate(record)["artists"])
    assert (values["biography"], values["links"]) == (None, {"discogs": "https://www.discogs.com/artist/1"})
