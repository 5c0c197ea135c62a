"""`decide`: ids and ISRCs, several candidates, scope, confidence, and values a match may provide."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain.lines import read_line
from songnodes.domain.matching import Candidate, Decision, RequestedTrack, decide, explain, same_recording

STROBE = "Deadmau5 - Strobe"
WOODS = "Deadmau5 - Strobe (Michael Woods Remix)"


def song(name: str = "Strobe", **fields: Any) -> Candidate:
    defaults = {"provider": "p", "artists": ("Deadmau5",), "ids": {"p_id": name}}
    return Candidate(**{**defaults, "name": name, **fields})


def query(text: str = STROBE, **fields: Any) -> RequestedTrack:
    return RequestedTrack(line=read_line(text), **fields)


def decided(text: str, *candidates: Candidate, **fields: Any) -> Decision:
    return decide(query(text, **fields), candidates)


def test_no_match_for_unidentified_lines_or_without_candidates() -> None:
    assert decided("ID - ID", song()).outcome == "not_identified"
    assert decided("Deadmau5 - Strobe (ID Remix)", song()).outcome == "not_identified"
    assert decided(STROBE).outcome == "no_candidates"


@pytest.mark.parametrize(
    ("text", "candidate", "gate"),
    [
        (STROBE, song("Strobe (Michael Woods Remix)"), "version"),
        (STROBE, song(remixers=("Michael Woods",)), "version"),
        (STROBE, song(mix_name="Michael Woods Remix"), "version"),
        (WOODS, song(), "version"),
        (WOODS, song("Strobe (Plump DJs Remix)"), "version"),
        (WOODS, song("Strobe (Woods Remix)"), "version"),  # as "Slave" is not "Radio Slave"
        (WOODS, song("Strobe (Michael Woods Dub)"), "kind"),
        (WOODS, song("Strobe (Michael Woods Club Remix)"), "version"),
        (STROBE, song("Strobe (Instrumental)"), "stem"),
        (STROBE, song("Strobe (Live)"), "kind"),
        (STROBE, song(artists=("Lane 8",)), "artists"),
        (STROBE, song("Strobe 2"), "numbers"),
        (STROBE, song("Strobe (Mixed)"), "recording"),
        (
            "Deadmau5 - Strobe (Radio Edit)",
            song("Strobe (Radio Edit)", duration_ms=230_000),
            "length",
        ),
    ],
)
def test_gates_close_before_any_score(text: str, candidate: Candidate, gate: str) -> None:
    decision = decided(text, candidate, duration_ms=214_000)
    assert decision.outcome == "rejected"
    assert gate in decision.judgements[0].rejected_by
    assert decision.judgements[0].score is None


@pytest.mark.parametrize(
    ("text", "candidate"),
    [
        (WOODS, song(remixers=("Michael Woods",))),  # distinguished by remixers alone
        (WOODS, song(mix_name="Michael Woods Mix", remixers=("Michael Woods",))),
        (WOODS, song("Strobe - Michael Woods Remix")),
        (WOODS, song("Strobe [Micheal Woods Remix]")),
        ("Deadmau5 - Strobe (Woods & Plump DJs Remix)", song("Strobe (Plump DJs & Woods Remix)")),
        (STROBE, song(artists=("deadmau5",), mix_name="Original Mix", remixers=())),
        (STROBE, song(artists=("Deadmau5", "Somebody"), name="Strobe (feat. Somebody)")),
        ("Deadmau5 - Ghosts N Stuff Pt. II", song("Ghosts 'n' Stuff (Part 2)")),
    ],
)
def test_one_recording_matches_in_other_words(text: str, candidate: Candidate) -> None:
    decision = decided(text, candidate)
    assert (decision.match, decision.scope) == (candidate, "recording")


@pytest.mark.parametrize("mix", ["Extended Mix", "Radio Edit", "Album Version", "2016 Remaster"])
def test_another_variant_provides_tempo_but_no_id(mix: str) -> None:
    decision = decided(STROBE, song(mix_name=mix))
    assert (decision.match_class, decision.scope) == ("exact", "variant")
    assert decision.confidence == pytest.approx(0.85)
    assert decision.lends("bpm") and decision.lends("key") and decision.lends("genres")
    assert not any(decision.lends(column) for column in ("isrc", "p_id", "duration_ms", "loudness"))


def test_lengths_decide_where_names_are_ambiguous() -> None:
    edit = song(mix_name="Radio Edit", duration_ms=214_500)
    assert decided(STROBE, edit, duration_ms=214_000).scope == "recording"
    long = song(duration_ms=634_000)
    assert decided(STROBE, long, duration_ms=214_000).scope == "variant"
    remaster = song(mix_name="2016 Remaster", duration_ms=214_000)  # has the length of the original
    assert decided(STROBE, remaster, duration_ms=214_000).scope == "variant"


def test_copies_of_different_lengths_provide_no_id() -> None:
    copies = [song(ids={"p_id": "1"}, duration_ms=637_000), song(ids={"p_id": "2"}, duration_ms=214_000)]
    decision = decide(query(), copies)
    assert (decision.outcome, decision.scope) == ("matched", "variant")
    assert decide(query(duration_ms=215_000), copies).match == copies[1]
    assert decide(query(duration_ms=215_000), copies).scope == "recording"


def test_two_different_tracks_that_fit_equally_are_ambiguous() -> None:
    candidates = [song("Strobe (These Lights)"), song("Strobe (Those Nights)")]
    decision = decide(query(), candidates)
    assert (decision.outcome, decision.match, decision.needs_review) == ("ambiguous", None, True)
    assert next(explain(decision)).endswith("two different tracks fit equally well, for review")


def test_remixes_and_the_original_are_not_ambiguous() -> None:
    names = ["Strobe", "Strobe (Michael Woods Remix)", "Strobe (Plump DJs Remix)", "Strobe (Radio Edit)"]
    candidates = [song(name) for name in names]
    assert decide(query(STROBE), candidates).match == candidates[0]
    assert decide(query(WOODS), candidates).match == candidates[1]
    assert decide(query("Deadmau5 - Strobe (Radio Edit)"), candidates).match == candidates[3]


def test_id_of_the_page_needs_no_equal_names_but_the_same_version() -> None:
    ids = {"p_id": "7"}
    foreign = song("ストロボ", artists=("デッドマウス",), ids=ids)
    decision = decided(STROBE, foreign, song(), ids=ids)
    assert decision.match == foreign
    assert decision.chosen is not None and decision.chosen.method == "id"
    wrong = decided(WOODS, song("Strobe", ids=ids), ids=ids)
    assert (wrong.match, wrong.needs_review) == (None, True)


def test_an_isrc_does_not_override_the_gates() -> None:
    isrc = "GBEWK0900067"
    assert decided(STROBE, song(isrc=isrc), isrc=isrc).confidence == 1.0
    reused = decided(STROBE, song("Strobe (Plump DJs Remix)", isrc=isrc), isrc=isrc)
    assert (reused.match, reused.needs_review) == (None, True)


def test_a_title_alone_has_at_most_medium_confidence() -> None:
    decision = decided(STROBE, song(artists=()))
    assert (decision.match_class, decision.confidence) == ("medium", 0.75)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ((STROBE, 637_000), ("deadmau5 - Strobe (Original Mix)", 638_500), True),
        ((STROBE, None), ("deadmau5 - Strobe", 638_500), True),
        ((STROBE, 637_000), (STROBE, 640_000), False),
        ((STROBE, 637_000), (WOODS, 637_000), False),
        ((STROBE, None), ("Deadmau5 - Strobe (Instrumental)", None), False),
    ],
)
def test_one_isrc_is_one_recording_only_where_nothing_contradicts(
    first: tuple[str, int | None], second: tuple[str, int | None], same: bool
) -> None:
    first_track, second_track = (query(text, duration_ms=length) for text, length in (first, second))
    assert (
        same_recording(first_track, second_track)[0] is same_recording(second_track, first_track)[0] is same
    )


NAMES = st.sampled_from(
    ["Strobe", "Strobe (Extended Mix)", "Strobe (Michael Woods Remix)", "Strobe (Dub)", "Strobe 2", "Robots"]
)
CANDIDATES = st.builds(
    lambda name, artists, length, number: song(
        name, artists=artists, duration_ms=length, ids={"p_id": str(number)}
    ),
    NAMES,
    st.sampled_from([("Deadmau5",), ("Lane 8",), (), ("Deadmau5", "Kaskade")]),
    st.sampled_from([None, 214_000, 215_000, 637_000]),
    st.integers(0, 99),
)


@given(
    st.sampled_from([STROBE, WOODS, "Deadmau5 - Strobe (Extended Mix)"]),
    st.sampled_from([None, 214_000, 637_000]),
    st.lists(CANDIDATES, max_size=6, unique_by=lambda candidate: candidate.ids["p_id"]),
    st.data(),
)
def test_order_of_candidates_does_not_matter_and_no_closed_gate_is_chosen(
    text: str, length: int | None, candidates: list[Candidate], data: st.DataObject
) -> None:
    decision = decided(text, *candidates, duration_ms=length)
    assert decided(text, *data.draw(st.permutations(candidates)), duration_ms=length) == decision
    if decision.chosen is not None:
        assert decision.chosen.rejected_by == ()
        assert 0.8 <= decision.chosen.total <= 1.0
        assert decision.lends("bpm")
    assert len(list(explain(decision))) > len(decision.judgements)
