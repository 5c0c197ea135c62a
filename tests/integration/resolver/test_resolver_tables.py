"""Merges, splits, same sets and events, through the resolver's real tables and validate."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from songnodes import decisions
from songnodes.decisions import Author
from songnodes.domain.links.automatic import MAX_CLAIMS_PER_ID
from songnodes.domain.records import Attempt, Decision, Tracklist
from stream_processors.resolver.store import Store
from tests.support.in_process_resolver import InProcessResolver
from tests.support.provider_answers import archived
from tests.support.set_builders import DAY, T0, build_tracklist, event, track

SPOTIFY = {"spotify_id": "4uLU6hMCjMI75M1A2tKUQC"}
ROWS = [f"Artist{n} - Title{n}" for n in range(8)]
#: The same track with one letter left out.
SHORT = "Nora Vexley - Glass Harbor"
ONE, OTHER = "Nora Vexley - Glass Harbour", "Nora Vexley & Kilo Meridian - Glass Harbour"


def decision(kind: str, first: str, second: str, minute: int = 0, **how: bool) -> Decision:
    author = Author(name="tests", reason="test", at=T0 + timedelta(minutes=minute))
    return decisions.on_pair(kind, track(first), track(second), author, **how)  # type: ignore[arg-type]


def tracks_of(resolving: InProcessResolver, playlist_id: str) -> list[str | None]:
    return [row["track_id"] for row in resolving.shown[playlist_id]["rows"]]


def test_an_equal_id_merges_two_spellings(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [(ONE, SPOTIFY)], djs=["A"]))
    resolving.run()
    assert resolving.sent == 0, "a single set needs no resolution"
    resolving.page(build_tracklist("mixesdb:b", [(OTHER, SPOTIFY)], djs=["B"]))
    resolving.run()
    canonical, old = sorted((track(ONE), track(OTHER)))
    assert tracks_of(resolving, "1001tracklists:a") == tracks_of(resolving, "mixesdb:b") == [canonical]
    assert resolving.redirects[old]["canonical_id"] == canonical


def deezer_answer(line: str, *, seconds: int = 637, **changes: object) -> Attempt:
    """Return an answer of Deezer by ISRC, with Deezer's id, for the track of a line."""
    body = {"id": 7, "type": "track", "title": "Glass Harbour", "duration": seconds, "isrc": "GBABC2500001"}
    artist = {"artist": {"id": 1, "name": "Nora Vexley"}}
    parameters = {"id": "7"}
    return archived(
        track(line), "deezer", "track_by_id", {**body, **artist, **changes}, parameters=parameters, text=line
    )


def test_an_equal_id_of_providers_merges_two_spellings_until_it_is_withdrawn(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [ONE], djs=["A"]))
    resolving.page(build_tracklist("mixesdb:b", [SHORT], djs=["B"]))
    for line in (ONE, SHORT):
        resolving.answer(deezer_answer(line))
    resolving.run()
    canonical = min(track(ONE), track(SHORT))
    assert tracks_of(resolving, "1001tracklists:a") == tracks_of(resolving, "mixesdb:b") == [canonical]
    resolving.answer(deezer_answer(SHORT), withdrawn=True)
    resolving.run()
    assert tracks_of(resolving, "mixesdb:b") == [track(SHORT)]


def test_an_equal_isrc_of_providers_needs_durations_within_2_seconds(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [ONE], djs=["A"]))
    resolving.page(build_tracklist("mixesdb:b", [SHORT], djs=["B"]))
    resolving.answer(deezer_answer(ONE, id=7))
    resolving.answer(deezer_answer(SHORT, id=8, seconds=600))
    resolving.run()
    assert tracks_of(resolving, "mixesdb:b") == [track(SHORT)]
    resolving.answer(deezer_answer(SHORT, id=8, seconds=638))  # the same call, answered again
    resolving.run()
    assert tracks_of(resolving, "mixesdb:b") == [min(track(ONE), track(SHORT))]


def test_an_answer_about_another_version_links_nothing(store: Store) -> None:
    resolving = InProcessResolver(store)
    remix = f"{ONE} (Otto Grauwacke Remix)"
    resolving.page(build_tracklist("1001tracklists:a", [ONE], djs=["A"]))
    resolving.page(build_tracklist("mixesdb:b", [remix], djs=["B"]))
    for line in (ONE, remix):
        resolving.answer(deezer_answer(line))
    resolving.run()
    assert tracks_of(resolving, "mixesdb:b") == [track(remix)]


def test_a_corrected_id_retracts_its_merge(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [(ONE, SPOTIFY)], djs=["A"]))
    resolving.page(build_tracklist("mixesdb:b", [(OTHER, SPOTIFY)], djs=["B"]))
    resolving.run()
    resolving.page(build_tracklist("mixesdb:b", [OTHER], djs=["B"], hours=5))
    resolving.run()
    assert tracks_of(resolving, "1001tracklists:a") == [track(ONE)]
    assert tracks_of(resolving, "mixesdb:b") == [track(OTHER)]
    assert resolving.redirects[max(track(ONE), track(OTHER))]["canonical_id"] is None


def test_an_id_without_a_row_is_still_redirected(store: Store) -> None:
    canonical, old = sorted((ONE, OTHER), key=track)
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [(canonical, SPOTIFY)], djs=["A"]))
    resolving.page(build_tracklist("mixesdb:b", [(old, SPOTIFY)], djs=["B"]))
    resolving.run()
    resolving.page(build_tracklist("mixesdb:b", [(canonical, SPOTIFY)], djs=["B"], hours=5))
    resolving.run()
    assert resolving.redirects[track(old)]["canonical_id"] == track(canonical)


def test_an_id_without_a_row_follows_its_track(store: Store) -> None:
    third, second, old = sorted((ONE, OTHER, "Nora Vexley, Otto - Glass Harbour"), key=track)
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [(second, SPOTIFY), (old, SPOTIFY)]))
    resolving.run()
    resolving.page(build_tracklist("1001tracklists:a", [(second, SPOTIFY)], hours=5))
    resolving.run()
    resolving.page(build_tracklist("mixesdb:b", [(third, SPOTIFY)], djs=["B"]))
    resolving.run()
    assert resolving.redirects[track(old)]["canonical_id"] == track(third)


def test_a_placeholder_links_nothing_until_it_names_few_enough(store: Store) -> None:
    resolving = InProcessResolver(store)
    rows = [(f"Nora Vexley, Guest{n} - Glass Harbour", SPOTIFY) for n in range(MAX_CLAIMS_PER_ID + 1)]
    resolving.page(build_tracklist("1001tracklists:a", rows))
    resolving.run()
    assert len(set(tracks_of(resolving, "1001tracklists:a"))) == MAX_CLAIMS_PER_ID + 1
    resolving.page(build_tracklist("1001tracklists:a", rows[1:], hours=5))
    resolving.run()
    assert len(set(tracks_of(resolving, "1001tracklists:a"))) == 1


def test_an_emitted_resolution_is_not_emitted_again_while_validate_is_busy(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("mixesdb:z", ROWS, venue="Halle Neun"))
    resolving.page(build_tracklist("1001tracklists:a", ROWS, venue="Halle Neun"))
    resolving.read()
    while resolving.step():
        pass
    resolving.event(event("78", "Nacht", "Nora Vexley", day=DAY, venue="Schlosspark"))
    resolving.read()
    while resolving.step():
        pass
    assert resolving.sent == 1
    resolving.run()
    assert resolving.sent == 1


def test_a_split_by_hand_outranks_the_id_and_its_withdrawal_joins_again(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [(ONE, SPOTIFY), (OTHER, SPOTIFY), "X - Y"]))
    before = [track(ONE), track(OTHER), track("X - Y")]
    resolving.run()
    assert tracks_of(resolving, "1001tracklists:a") == [min(before[:2])] * 2 + before[2:]
    resolving.decide(decision("split", ONE, OTHER))
    resolving.run()
    assert tracks_of(resolving, "1001tracklists:a") == before
    resolving.decide(decision("split", ONE, OTHER, minute=1, withdrawn=True))
    resolving.run()
    assert tracks_of(resolving, "1001tracklists:a") == [min(before[:2])] * 2 + before[2:]


def test_a_merge_by_hand_and_its_split_leave_no_trace(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [ONE, "X - Y"]))
    resolving.run()
    shown: Mapping[str, Mapping[str, object]] = resolving.shown
    before = {key: shown["1001tracklists:a"][key] for key in ("rows", "set_id", "counted")}
    resolving.decide(decision("merge", ONE, "X - Y"))
    resolving.run()
    assert len(set(tracks_of(resolving, "1001tracklists:a"))) == 1
    resolving.decide(decision("split", "X - Y", ONE, minute=1))
    resolving.run()
    assert {key: shown["1001tracklists:a"][key] for key in before} == before


def test_a_remix_filed_under_the_id_of_the_original_stays_apart_and_is_listed(store: Store) -> None:
    remix = f"{ONE} (Otto Grauwacke Remix)"
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", [(ONE, SPOTIFY), (remix, SPOTIFY)]))
    resolving.run()
    assert tracks_of(resolving, "1001tracklists:a") == [track(ONE), track(remix)]
    (review,) = store.rows("questions", "review", limit=9, why=None)
    assert review["why"] == "other version"
    resolving.decide(decision("merge", ONE, remix))
    resolving.run()
    assert tracks_of(resolving, "1001tracklists:a") == [track(ONE), track(remix)], "a merge needs force"
    resolving.decide(decision("merge", ONE, remix, minute=1, forced=True))
    resolving.run()
    assert len(set(tracks_of(resolving, "1001tracklists:a"))) == 1
    assert not store.rows("questions", "review", limit=9, why=None)


def test_a_set_that_comes_on_a_second_site_weeks_later_is_counted_once(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("mixesdb:z", ROWS, event_name="Halle Neun Nacht"))
    resolving.run()
    assert resolving.shown["mixesdb:z"]["counted"]
    resolving.page(
        build_tracklist("1001tracklists:a", [*ROWS, "More - Rows"], event_name="Halle Neun", hours=600)
    )
    resolving.run()
    first, second = resolving.shown["mixesdb:z"], resolving.shown["1001tracklists:a"]
    assert first["set_id"] == second["set_id"] == "1001tracklists:a"
    assert (first["counted"], second["counted"]) == (False, True)

    corrected = build_tracklist("1001tracklists:a", ROWS, hours=700, day=DAY + timedelta(days=9))
    resolving.page(corrected)
    resolving.run()
    assert resolving.shown["mixesdb:z"]["set_id"] == "mixesdb:z"
    assert resolving.shown["mixesdb:z"]["counted"] and resolving.shown["1001tracklists:a"]["counted"]


def test_a_set_finds_its_event_whichever_comes_first(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("mixesdb:z", ROWS, venue="Halle Neun"))
    resolving.run()
    resolving.event(event("77", "Nacht", "Nora Vexley (Live)", venue="Halle Neun Berlin"))
    resolving.event(event("78", "Nacht", "Another Act", venue="Halle Neun Berlin"))
    resolving.run()
    assert resolving.shown["mixesdb:z"]["ra_event_id"] == "77"
    resolving.event(event("77", "Nacht", "Another Act", venue="Halle Neun Berlin", version=2))
    resolving.run()
    assert resolving.shown["mixesdb:z"]["ra_event_id"] is None


def test_a_claim_reads_the_same_whatever_came_together(store: Store) -> None:
    """Sites write one claim in several ways; the reading that is kept does not depend on batches."""
    pages = [
        build_tracklist(f"mixcloud:{place}", [line], djs=[str(place)])
        for place, line in enumerate(("alpha - Beta", "Alpha - beta", "ALPHA - Beta", "Alpha - Beta"))
    ]
    kept = []
    for batch in (1, 2, 4):
        store.execute("offsets", "forget")
        resolving = InProcessResolver(store)
        for page in pages:
            resolving.page(page)
        for _ in pages:
            resolving.read(batch)
        kept.append(store.rows("tracks", "profiles", claims=[track("Alpha - Beta")]))
    assert kept[0] == kept[1] == kept[2]
    assert [row["text"] for row in kept[0]] == ["ALPHA - Beta"]


def test_a_set_that_moves_to_another_day_leaves_its_partner_alone(store: Store) -> None:
    resolving = InProcessResolver(store)
    resolving.page(build_tracklist("1001tracklists:a", ROWS, venue="Halle Neun"))
    resolving.page(build_tracklist("mixesdb:z", ROWS, venue="Halle Neun"))
    resolving.run()
    assert resolving.shown["mixesdb:z"]["set_id"] == "1001tracklists:a"
    resolving.page(
        build_tracklist("1001tracklists:a", ROWS, venue="Halle Neun", day=DAY + timedelta(days=30), hours=5)
    )
    resolving.run()
    assert resolving.shown["mixesdb:z"]["set_id"] == "mixesdb:z"
    assert resolving.shown["mixesdb:z"]["counted"]


def marked(playlist_id: str, *others: str, hours: int = 0) -> Tracklist:
    """Return a tracklist of its own day and rows that its site marks as identical with others."""
    number = int(playlist_id[-1])
    rows = [f"Artist{number} - Title{row}" for row in range(8 + number)]
    page = build_tracklist(
        playlist_id, rows, event_name=f"Show {number}", hours=hours, day=DAY + timedelta(days=300 * number)
    )
    identical = [{"playlist_id": marked_id, "whole": True} for marked_id in others]
    return {**page, "identical_to": identical, "content_hash": f"{playlist_id} {others}"}  # type: ignore[typeddict-item]


@pytest.mark.parametrize("first", ["1001tracklists:s1", "1001tracklists:s2"])
def test_a_mark_of_the_site_makes_one_performance_in_any_order_and_its_end_two(
    store: Store, first: str
) -> None:
    resolving = InProcessResolver(store)
    pages = [marked("1001tracklists:s1"), marked("1001tracklists:s2", "1001tracklists:s1")]
    for page in sorted(pages, key=lambda page: page["playlist_id"] != first):
        resolving.page(page)
        resolving.run()
    first_shown, second_shown = (resolving.shown[f"1001tracklists:s{number}"] for number in (1, 2))
    assert first_shown["set_id"] == second_shown["set_id"] == "1001tracklists:s1"
    assert (first_shown["counted"], second_shown["counted"]) == (False, True)
    (link,) = store.rows("questions", "sets", limit=9)
    assert (link["playlist_a"], link["playlist_b"], link["marked"]) == (
        "1001tracklists:s1",
        "1001tracklists:s2",
        True,
    )

    resolving.page(marked("1001tracklists:s2", hours=9))
    resolving.run()
    first_shown, second_shown = (resolving.shown[f"1001tracklists:s{number}"] for number in (1, 2))
    assert first_shown["set_id"] != second_shown["set_id"]
    assert (first_shown["counted"], second_shown["counted"]) == (True, True)
    assert store.rows("questions", "sets", limit=9) == []
