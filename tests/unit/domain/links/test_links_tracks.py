"""Which claims are one recording: links from ids, and components that are a function of the set of facts."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songnodes.domain import links
from songnodes.domain.links import Link, Profile, Sighting, Verdict
from songnodes.domain.links.automatic import MAX_CLAIMS_PER_ID
from songnodes.domain.rows import read_rows
from tests.support import sample_records

A, B, C, D = "a-1", "b-2", "c-3", "d-4"
SPOTIFY = ("spotify_id", "4uLU6hMCjMI75M1A2tKUQC")
ISRC = ("isrc", "GBAYE0601498")


def profile(line: str) -> Profile:
    (row,) = read_rows("x:1", [sample_records.tracklist_row(0, line)], {})  # type: ignore[list-item]
    assert row["claim"] is not None, line
    return links.profile(row["claim"])


def seen(claim: str, *ids: tuple[str, str], ms: int | None = None) -> Sighting:
    return Sighting(claim_id=claim, ids=ids, duration_ms=ms)


def link(one: str, other: str, reason: str = "spotify_id") -> Link:
    return Link(claims=links.pair(one, other), reason=reason, evidence="x")


PLAIN = {claim: profile(f"Artist {claim[0]} - Same Title") for claim in (A, B, C, D)}


def test_a_profile_knows_names_in_any_order_and_spelling() -> None:
    one, other = profile("Âme & B - Foo (C & D Remix)"), profile("B, Ame - FOO (D, C Remix)")
    assert (one.artists, one.title, one.version) == (other.artists, other.title, other.version)


@pytest.mark.parametrize("name", ["spotify_id", "beatport_id", "musicbrainz_id", "1001tracklists"])
def test_an_equal_id_of_a_recording_links(name: str) -> None:
    found, doubts = links.automatic([seen(A, (name, "7")), seen(B, (name, "7"))], PLAIN)
    assert found == {Link(claims=(A, B), reason=name, evidence="7")}
    assert not doubts


def test_ids_of_other_things_are_not_taken() -> None:
    given_ = {"youtube_id": "dQw4w9WgXcQ", "soundcloud_id": "1", "isrc": "GB1", "spotify_id": ""}
    assert links.linking(given_, "4711", "mixesdb") == (("isrc", "GB1"),)
    assert links.linking({}, "4711", "1001tracklists") == (("1001tracklists", "4711"),)


def test_an_id_filed_at_two_tracks_with_nothing_in_common_is_a_doubt() -> None:
    profiles = {A: profile("Nora Vexley - Glass Harbour"), B: profile("Otto Grauwacke - Basalt")}
    found, doubts = links.automatic([seen(A, SPOTIFY), seen(B, SPOTIFY)], profiles)
    assert not found
    assert {each.why for each in doubts} == {"nothing in common"}


def test_a_placeholder_links_nothing() -> None:
    claims = [f"t-{n}" for n in range(MAX_CLAIMS_PER_ID + 1)]
    found, doubts = links.automatic(
        [seen(claim, SPOTIFY) for claim in claims], dict.fromkeys(claims, PLAIN[A])
    )
    assert not found
    assert [each.why for each in doubts] == ["too many tracks"]


@pytest.mark.parametrize(
    ("one", "other", "ms", "expected"),
    [
        ("A & B - Foo", "A - Foo", (200_000, 201_900), "link"),
        ("A & B - Foo", "A - Foo", (200_000, 202_100), "other duration"),
        ("A & B - Foo", "A - Foo", (None, 200_000), "link"),
        ("A & B - Foo", "A - Bar", (None, 200_000), "no duration"),
        ("A & B - Foo", "A - Bar", (200_000, 200_000), "link"),
        ("A - Foo", "A - Foo (C Remix)", (200_000, 200_000), "other kind"),
        ("A - Foo (C Remix)", "A - Foo (D Remix)", (200_000, 200_000), "other kind"),
        ("A - Foo", "A - Foo (Acapella)", (200_000, 200_000), "other kind"),
        ("A - Foo", "B - Foo", (200_000, 200_000), "other kind"),
    ],
)
def test_an_isrc_needs_the_gates_and_the_length(
    one: str, other: str, ms: tuple[int | None, int | None], expected: str
) -> None:
    sightings = [seen(A, ISRC, ms=ms[0]), seen(B, ISRC, ms=ms[1])]
    found, doubts = links.automatic(sightings, {A: profile(one), B: profile(other)})
    assert [each.reason for each in found] == (["isrc"] if expected == "link" else [])
    assert [each.why for each in doubts] == ([] if expected == "link" else [expected])


def test_lengths_of_variants_are_compared_each_with_each() -> None:
    sightings = [seen(A, ISRC, ms=420_000), seen(A, ISRC, ms=200_000), seen(B, ISRC, ms=199_000)]
    found, _ = links.automatic(sightings, PLAIN | {B: PLAIN[A]})
    assert found


def test_the_smallest_id_stands_for_all() -> None:
    joined = links.join([link(C, B), link(B, A)], PLAIN)
    assert joined.canonical == {B: A, C: A}
    assert joined.of(A) == A


@pytest.mark.parametrize("other", ["A - Foo (C Remix)", "A - Foo (Acapella)"])
def test_the_guard_refuses_another_version_unless_a_person_insists(other: str) -> None:
    profiles = {A: profile("A - Foo"), B: profile(other)}
    refused = links.join([link(A, B)], profiles)
    assert not refused.canonical
    assert {each.why for each in refused.refused} == {"other version"}
    by_hand = links.join([], profiles, {(A, B): Verdict(same=True)})
    assert {each.reason for each in by_hand.refused} == {"person"}
    assert links.join([], profiles, {(A, B): Verdict(same=True, forced=True)}).canonical == {B: A}


def test_the_guard_holds_around_a_third_claim() -> None:
    """Of a chain of ids through a remix only the part without it is joined."""
    profiles = {A: PLAIN[A], B: profile("A - Same Title (X Remix)"), C: PLAIN[A]}
    joined = links.join([link(A, B), link(B, C), link(A, C)], profiles)
    assert joined.canonical == {C: A}


def test_a_split_holds_however_many_links_lead_around_it() -> None:
    facts = [link(A, B), link(B, C), link(A, C), link(C, D)]
    joined = links.join(facts, PLAIN, {(A, C): Verdict(same=False)})
    assert joined.of(A) != joined.of(C)
    assert joined.of(A) == joined.of(B)
    assert all(each.claims != (A, C) for each in joined.refused), "what was judged is no question"


def test_an_id_with_values_set_by_hand_is_not_taken_by_a_link() -> None:
    kept = links.join([link(A, B)], PLAIN, overridden={B})
    assert {each.why for each in kept.refused} == {"takes an override"}
    assert links.join([link(A, B)], PLAIN, overridden={A}).canonical == {B: A}
    assert links.join([], PLAIN, {(A, B): Verdict(same=True)}, overridden={B}).canonical == {B: A}


CLAIMS = tuple(f"{letter}-{n}" for n, letter in enumerate("abcdefgh"))
PAIRS = tuple(combinations(CLAIMS, 2))
VERSIONS = [profile("A - Foo"), profile("A - Foo (X Remix)"), profile("A - Foo (Acapella)")]
facts_ = st.lists(
    st.builds(
        Link,
        claims=st.sampled_from(PAIRS),
        reason=st.sampled_from(["isrc", "spotify_id"]),
        evidence=st.just("x"),
    ),
    max_size=14,
)
verdicts_ = st.dictionaries(
    st.sampled_from(PAIRS), st.builds(Verdict, same=st.booleans(), forced=st.booleans()), max_size=5
)
profiles_ = st.fixed_dictionaries({claim: st.sampled_from(VERSIONS) for claim in CLAIMS})


@given(facts_, verdicts_, profiles_, st.sets(st.sampled_from(CLAIMS), max_size=3), st.randoms())
def test_the_result_is_a_function_of_the_set_of_facts(facts, verdicts, profiles, overridden, random) -> None:  # type: ignore[no-untyped-def]
    expected = links.join(facts, profiles, verdicts, overridden)
    again = random.sample([*facts, *facts[:3]], len(facts) + len(facts[:3]))
    said = dict(random.sample(list(verdicts.items()), len(verdicts)))
    seen_ = dict(random.sample(list(profiles.items()), len(profiles)))
    assert links.join(again, seen_, said, overridden) == expected


@given(facts_, verdicts_, profiles_, st.sets(st.sampled_from(CLAIMS), max_size=3))
def test_laws_of_components(facts, verdicts, profiles, overridden) -> None:  # type: ignore[no-untyped-def]
    joined = links.join(facts, profiles, verdicts, overridden)
    forced = any(verdict.same and verdict.forced for verdict in verdicts.values())
    for claim, canonical in joined.canonical.items():
        assert canonical < claim
        assert joined.of(canonical) == canonical, "the one that stands for others stands for itself"
        assert forced or profiles[claim].version == profiles[canonical].version
    for (one, other), verdict in verdicts.items():
        assert verdict.same or joined.of(one) != joined.of(other)
    refused = {doubt.claims for doubt in joined.refused}
    for each in facts:
        apart = joined.of(each.claims[0]) != joined.of(each.claims[1])
        assert not apart or each.claims in refused or each.claims in verdicts, (
            "what is not followed is listed"
        )


@given(facts_, profiles_, st.sampled_from(PAIRS))
def test_a_merge_and_its_split_give_back_what_was_there(facts, profiles, pair) -> None:  # type: ignore[no-untyped-def]
    """The split stands as a fact of its own; without links between the two it changes nothing."""
    apart = [each for each in facts if links.join([each], profiles).canonical]
    before = links.join(apart, profiles)
    if before.of(pair[0]) != before.of(pair[1]):
        after = links.join(apart, profiles, {pair: Verdict(same=False)})
        assert after.canonical == before.canonical
