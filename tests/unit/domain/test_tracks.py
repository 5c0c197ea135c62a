"""The silver record of a track."""

import copy
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songnodes.domain import claims, ids, tracks
from songnodes.domain.answers import AnswerEntry
from songnodes.domain.claims import TrackTotal
from songnodes.domain.lines import read_line

SEEN = datetime(2026, 11, 1, tzinfo=UTC)


def claim(**changes: Any) -> dict[str, Any]:
    return {
        **tracks.NAMELESS,
        "track_name": "Strobe",
        "base_title": "Strobe",
        "artist_credit": "Deadmau5",
        "artist_names": ["Deadmau5"],
        "artist_ids": ["deadmau5-1"],
        "artists_certain": True,
        **changes,
    }


def total(*counted: tuple[dict[str, Any], int], **overrides: Any) -> TrackTotal:
    state = claims.empty()
    state["claims"] = {str(index): {"claim": item, "count": n} for index, (item, n) in enumerate(counted)}  # type: ignore[typeddict-item]
    state["first"] = {
        "day": "2026-10-01",
        "playlist_id": "p:1",
        "position": 4,
        "cue_text": "12:30",
        "mix_name": "Cellar",
        "bronze_id": "b",
    }
    state["overrides"] = {
        field: {
            "version": SEEN,
            "field": field,
            "value": json.dumps(value),
            "decision_id": field,
            "reason": "test",
        }
        for field, value in overrides.items()
    }
    return state


def requested(state: TrackTotal) -> Any:
    return tracks.request(record(state), state)


def record(state: TrackTotal) -> Any:
    return tracks.track_record("strobe-1", 7, state, SEEN, "0")


def test_the_most_frequent_spelling_is_shown_and_all_are_kept() -> None:
    track = record(total((claim(track_name="STROBE"), 1), (claim(), 2)))
    assert track["track_name"] == "Strobe"
    assert [entry["text"] for entry in track["spellings"]] == ["Deadmau5 - Strobe", "Deadmau5 - STROBE"]


def test_a_credit_split_by_the_page_wins_over_an_unsplit_one() -> None:
    unsplit = claim(artist_names=["Adam & Raxon"], artist_ids=["x"], artists_certain=False)
    split = claim(artist_names=["Adam", "Raxon"], artist_ids=["a", "r"])
    assert record(total((unsplit, 5), (split, 1)))["artist_names"] == ["Adam", "Raxon"]


def test_page_values_go_through_the_waterfall_and_overrides_win() -> None:
    page_claim = claim(label="mau5trap", duration_ms=637000, genre="Progressive House", values={"bpm": "127"})
    track = record(total((page_claim, 1)))
    assert (track["label"], track["duration_ms"], track["genres"]) == (
        "mau5trap",
        637000,
        ["progressive house"],
    )
    assert track["bpm"] is None or track["bpm"] == 127
    by_hand = record(total((page_claim, 1), bpm=128, key="8A", release_date="2009-10-26"))
    assert (by_hand["bpm"], by_hand["key"], by_hand["key_mode"]) == (128, 8, "minor")
    assert by_hand["release_date"] == date(2009, 10, 26)
    attempts = json.loads(by_hand["enrichment_metadata"])["waterfall_attempts"]
    assert [a["provider"] for a in attempts if a["field"] == "bpm" and a["chosen"]] == ["override"]


def genre_attempt(track: Any) -> Any:
    attempts = json.loads(track["enrichment_metadata"])["waterfall_attempts"]
    return next(attempt for attempt in attempts if attempt["field"] == "genres")


def test_spellings_of_a_genre_are_one_genre_and_count_together() -> None:
    claimed = (("House", 2), ("Techno", 3), ("house music", 2), ("Electronic", 9), (None, 9))
    track = record(total(*((claim(genre=genre), count) for genre, count in claimed)))
    assert track["genres"] == ["house", "techno", "electronic"]  # the wide one is never the primary one


def test_one_set_counts_a_genre_once_and_a_rare_one_is_noise() -> None:
    claimed = (("House, house music, HOUSE", 2), ("Techno", 3), ("Trance", 30))
    assert record(total(*((claim(genre=genre), count) for genre, count in claimed)))["genres"] == [
        "trance",
        "techno",
    ]


def test_a_name_that_is_no_genre_is_no_value_and_stays_in_the_attempt() -> None:
    state = total((claim(genre="Tools"), 1), (claim(genre="Various"), 2))
    track = record(state)
    attempt = genre_attempt(track)
    assert (track["genres"], attempt["chosen"], attempt["status"]) == ([], False, "rejected")
    assert attempt["note"] == "not acceptable as a value; not in the genre tree: Various, Tools"
    request = tracks.request(track, state)
    assert request is not None
    assert "genres" in request["missing"]


def test_a_genre_beside_a_name_that_is_none_is_chosen() -> None:
    track = record(total((claim(genre="Tools"), 5), (claim(genre="Deep House, <b>"), 1)))
    attempt = genre_attempt(track)
    assert (track["genres"], attempt["chosen"], attempt["value"]) == (["deep house"], True, ["deep house"])
    assert attempt["note"] == "not in the genre tree: Tools, <b>"


def test_a_note_of_many_names_is_short() -> None:
    attempt = genre_attempt(record(total(*((claim(genre=f"{number} tags"), 1) for number in range(900)))))
    assert len(attempt["note"]) < 260


def test_an_operator_may_name_a_genre_that_the_tree_lacks() -> None:
    track = record(total((claim(genre="Techno"), 1), genres=["House", "Kuduro Bass"]))
    assert track["genres"] == ["house", "Kuduro Bass"]


def test_a_track_without_claims_is_retracted_and_sends_no_request() -> None:
    empty: TrackTotal = {**total(), "first": None}
    track = record(empty)
    assert track["gone"]
    assert tracks.request(track, empty) is None


def test_equal_requests_have_equal_ids() -> None:
    first, second = (requested(total((claim(), n))) for n in (1, 9))
    with_id = requested(total((claim(ids={"spotify_id": "2VHlwTPRH7Wwxo2KYW5jR7"}), 1)))
    assert first is not None
    assert second is not None
    assert with_id is not None
    assert first["request_id"] == second["request_id"] != with_id["request_id"]
    assert "spotify_id" not in with_id["missing"]
    assert (first["plays"], second["plays"]) == (1, 4)


def test_invalid_page_values_are_ignored() -> None:
    track = record(total((claim(values={"bpm": "nan", "key": "H flat", "energy": "1e999"}), 1)))
    assert (track["bpm"], track["key"], track["energy"]) == (None, None, None)


def test_equal_numbers_are_one_value_of_a_page() -> None:
    negative, positive = (claim(values={"energy": zero}) for zero in ("-0", "0"))
    for pair in ((negative, positive), (positive, negative)):
        track = record(total(*((counted, 1) for counted in pair)))
        assert str(track["energy"]) == "0.0"


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


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("Deadmau5 - Strobe", "Deadmau5 - Strobe"),
        ("Deadmau5 - Strobe (Michael Woods Remix)", "Deadmau5 - Strobe (Michael Woods Remix)"),
        (
            "Deadmau5 ft. Rob Swire - Ghosts (Extended Mix)",
            "Deadmau5 feat. Rob Swire - Ghosts (Extended Mix)",
        ),
        ("Deadmau5 - Strobe (Acapella)", "Deadmau5 - Strobe (Acapella)"),
        (
            "Deadmau5 - Strobe (Instrumental) (Extended Mix)",
            "Deadmau5 - Strobe (Instrumental) (Extended Mix)",
        ),
    ],
)
def test_the_line_of_a_request_is_read_as_its_claim(line: str, text: str) -> None:
    read = read_line(line)
    lined = claim(
        artist_credit=read.credit,
        track_name=read.track_name,
        featured=list(read.featured),
        stem=read.stem,
        variant=read.variant,
    )
    assert requested(total((lined, 1)))["text"] == text
    again = read_line(text)
    assert (again.credit, again.title, again.stem, again.variant) == (
        *(read.credit, read.title, read.stem, read.variant),
    )


#: An answer after which MusicBrainz has another id for the recording.
REPLACED: AnswerEntry = {
    "attempt_id": "a",
    "call": "c",
    "provider": "musicbrainz",
    "operation": "recording",
    "lookup": "id",
    "status": "hit",
    "note": None,
    "match_class": "id",
    "scope": "id",
    "confidence": 1.0,
    "values": "{}",
    "ids": {"musicbrainz_id": "new"},
    "merged_from": "old",
    "observed_at": SEEN,
    "cached": False,
    "latency_ms": None,
    "artists": "{}",
}


def test_claims_that_are_known_change_no_record_and_no_request() -> None:
    named = claim(genre="Deep House, Various", ids={"musicbrainz_id": "old"})
    state = total((claim(genre="Tools"), 1), (named, 2))
    state["answers"] = {"a": REPLACED}
    claimed = tracks.read_claims(state)
    before = copy.deepcopy(claimed)
    track = tracks.track_record("strobe-1", 7, state, SEEN, "0", claimed=claimed)
    assert track == record(state)
    assert tracks.request(track, state, claimed=claimed) == requested(state)
    assert claimed == before


NAMES = st.text("ab|é", max_size=2)
CLAIMS = st.builds(
    claim,
    track_name=st.sampled_from(["Strobe", "strobe"]),
    artists_certain=st.booleans(),
    label=st.none() | NAMES,
    duration_ms=st.none() | st.integers(0, 2**40),
    labels=st.lists(NAMES, max_size=2),
    ids=st.dictionaries(st.sampled_from(["isrc", "fragment", "versions"]), NAMES, max_size=2),
    values=st.dictionaries(st.sampled_from(["bpm", "fragment", "identical_to"]), NAMES, max_size=2),
)


@given(CLAIMS)
def test_the_json_of_a_claim_is_the_canonical_one(item: Any) -> None:
    assert claims.canonical_claim(item) == ids.canonical_json(item).encode()


@given(st.lists(st.tuples(CLAIMS, st.integers(1, 3)), min_size=1, max_size=5))
def test_the_spelling_is_that_of_the_first_claim_by_all_its_ranks(listed: list[tuple[Any, int]]) -> None:
    sets: dict[tuple[str, str], int] = {}
    for item, count in listed:
        text = item["artist_credit"], item["track_name"]
        sets[text] = sets.get(text, 0) + count

    def rank(entry: tuple[Any, int]) -> Any:
        item, count = entry
        text = item["artist_credit"], item["track_name"]
        return -sets[text], not item["artists_certain"], text, -count, ids.canonical_json(item)

    counted: Any = [{"claim": item, "count": count} for item, count in listed]
    assert claims.spelling(counted) == min(listed, key=rank)[0]
