"""Claims of one recording: links from ids, and components that are a function of the set of facts."""

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


def sighting(claim: str, *ids: tuple[str, str], ms: int | None = None) -> Sighting:
    return Sighting(claim_id=claim, ids=ids, duration_ms=ms)


def link(first: str, second: str, reason: str = "spotify_id") -> Link:
    return Link(claims=links.pair(first, second), reason=reason, evidence="x")


PLAIN = {claim: profile(f"Artist {claim[0]} - Same Title") for claim in (A, B, C, D)}


def test_a_profile_ignores_order_and_spelling_of_names() -> None:
    first, second = profile("Âme & B - Foo (C & D Remix)"), profile("B, Ame - FOO (D, C Remix)")
    assert (first.artists, first.title, first.version) == (second.artists, second.title, second.version)


@pytest.mark.parametrize("name", ["spotify_id", "beatport_id", "musicbrainz_id", "1001tracklists"])
def test_an_equal_id_of_a_recording_links(name: str) -> None:
    id_links, doubts = links.automatic([sighting(A, (name, "7")), sighting(B, (name, "7"))], PLAIN)
    assert id_links == {Link(claims=(A, B), reason=name, evidence="7")}
    assert not doubts


def test_ids_of_other_entities_are_ignored() -> None:
    given_ = {"youtube_id": "dQw4w9WgXcQ", "soundcloud_id": "1", "isrc": "GB1", "spotify_id": ""}
    assert links.linking(given_, "4711", "mixesdb") == (("isrc", "GB1"),)
    assert links.linking({}, "4711", "1001tracklists") == (("1001tracklists", "4711"),)


def test_an_id_of_two_unrelated_tracks_is_a_doubt() -> None:
    profiles = {A: profile("Nora Vexley - Glass Harbour"), B: profile("Otto Grauwacke - Basalt")}
    id_links, doubts = links.automatic([sighting(A, SPOTIFY), sighting(B, SPOTIFY)], profiles)
    assert not id_links
    assert {doubt.why for doubt in doubts} == {"nothing in common"}


def test_a_placeholder_links_nothing() -> None:
    claims = [f"t-{n}" for n in range(MAX_CLAIMS_PER_ID + 1)]
    id_links, doubts = links.automatic(
        [sighting(claim, SPOTIFY) for claim in claims], dict.fromkeys(claims, PLAIN[A])
    )
    assert not id_links
    assert [doubt.why for doubt in doubts] == ["too many tracks"]


@pytest.mark.parametrize(
    ("first", "second", "ms", "expected"),
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
    first: str, second: str, ms: tuple[int | None, int | None], expected: str
) -> None:
    sightings = [sighting(A, ISRC, ms=ms[0]), sighting(B, ISRC, ms=ms[1])]
    id_links, doubts = links.automatic(sightings, {A: profile(first), B: profile(second)})
    assert [entry.reason for entry in id_links] == (["isrc"] if expected == "link" else [])
    assert [entry.why for entry in doubts] == ([] if expected == "link" else [expected])


def test_lengths_of_all_pairs_of_variants_are_compared() -> None:
    sightings = [sighting(A, ISRC, ms=420_000), sighting(A, ISRC, ms=200_000), sighting(B, ISRC, ms=199_000)]
    id_links, _ = links.automatic(sightings, PLAIN | {B: PLAIN[A]})
    assert id_links


def test_the_smallest_id_is_canonical() -> None:
    joined = links.join([link(C, B), link(B, A)], PLAIN)
    assert joined.canonical == {B: A, C: A}
    assert joined.of(A) == A


@pytest.mark.parametrize("line", ["A - Foo (C Remix)", "A - Foo (Acapella)"])
def test_another_version_is_refused_unless_an_operator_merges(line: str) -> None:
    profiles = {A: profile("A - Foo"), B: profile(line)}
    refused = links.join([link(A, B)], profiles)
    assert not refused.canonical
    assert {refusal.why for refusal in refused.refused} == {"other version"}
    by_hand = links.join([], profiles, {(A, B): Verdict(same=True)})
    assert {refusal.reason for refusal in by_hand.refused} == {"person"}
    assert links.join([], profiles, {(A, B): Verdict(same=True, forced=True)}).canonical == {B: A}


def test_another_version_is_refused_across_a_third_claim() -> None:
    """In a chain of ids through a remix, only the part without the remix is joined."""
    profiles = {A: PLAIN[A], B: profile("A - Same Title (X Remix)"), C: PLAIN[A]}
    joined = links.join([link(A, B), link(B, C), link(A, C)], profiles)
    assert joined.canonical == {C: A}


def test_a_split_holds_despite_indirect_links() -> None:
    facts = [link(A, B), link(B, C), link(A, C), link(C, D)]
    joined = links.join(facts, PLAIN, {(A, C): Verdict(same=False)})
    assert joined.of(A) != joined.of(C)
    assert joined.of(A) == joined.of(B)
    assert all(refusal.claims != (A, C) for refusal in joined.refused), "a verdict is not reported as a doubt"


def test_a_track_with_overrides_is_not_merged_by_a_link() -> None:
    joined = links.join([link(A, B)], PLAIN, overridden={B})
    assert {refusal.why for refusal in joined.refused} == {"takes an override"}
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
    shuffled_facts = random.sample([*facts, *facts[:3]], len(facts) + len(facts[:3]))
    shuffled_verdicts = dict(random.sample(list(verdicts.items()), len(verdicts)))
    seen_ = dict(random.sample(list(profiles.items()), len(profiles)))
    assert links.join(shuffled_facts, seen_, shuffled_verdicts, overridden) == expected


@given(facts_, verdicts_, profiles_, st.sets(st.sampled_from(CLAIMS), max_size=3))
def test_components_satisfy_their_invariants(facts, verdicts, profiles, overridden) -> None:  # type: ignore[no-untyped-def]
    joined = links.join(facts, profiles, verdicts, overridden)
    forced = any(verdict.same and verdict.forced for verdict in verdicts.values())
    for claim, canonical in joined.canonical.items():
        assert canonical < claim
        assert joined.of(canonical) == canonical, "the canonical track of others is canonical for itself"
        assert forced or profiles[claim].version == profiles[canonical].version
    for (first, second), verdict in verdicts.items():
        assert verdict.same or joined.of(first) != joined.of(second)
    refused = {doubt.claims for doubt in joined.refused}
    for fact in facts:
        apart = joined.of(fact.claims[0]) != joined.of(fact.claims[1])
        assert not apart or fact.claims in refused or fact.claims in verdicts, (
            "what is not followed is listed"
        )


@given(facts_, profiles_, st.sampled_from(PAIRS))
def test_a_merge_followed_by_its_split_restores_the_result(facts, profiles, pair) -> None:  # type: ignore[no-untyped-def]
    """The split remains as a fact; without links between the two tracks it changes nothing."""
    apart = [fact for fact in facts if links.join([fact], profiles).canonical]
    before = links.join(apart, profiles)
    if before.of(pair[0]) != before.of(pair[1]):
        after = links.join(apart, profiles, {pair: Verdict(same=False)})
        assert after.canonical == before.canonical
